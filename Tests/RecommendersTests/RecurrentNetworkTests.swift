import Kernels
import Synchronization
import Testing

@testable import Recommenders

@Suite struct RecurrentNetworkTests {
    private func fit(
        _ data: Interactions,
        _ configuration: RecurrentNetwork.Configuration = .init(units: 32, epochs: 6)
    ) throws -> RecurrentNetwork {
        try .fit(data, configuration: configuration, context: TrainingContext(seed: 2))
    }

    @Test func `what follows from the last two items is learnt, which neighbours cannot`() throws {
        let data = try Samples.pairs()
        let model = try fit(data, .init(units: 32, epochs: 10, dropout: 0))
        let neighbours = try ItemSimilarity.fit(
            data,
            configuration: .init(minimumCointeractionCount: 1),
            context: TrainingContext()
        )
        var right = (model: 0, neighbours: 0)
        var total = 0
        for user in 0..<UInt32(data.userCount) {
            let history = Array(data.history(user: user).prefix(5))
            let next = UInt32(Samples.follower(Int(history[3]), Int(history[4]), items: 12))
            total += 1
            if model.recommend(Query(history: history, count: 1)).first?.item == next { right.model += 1 }
            if neighbours.recommend(Query(history: history, count: 1)).first?.item == next { right.neighbours += 1 }
        }
        #expect(Double(right.model) > 0.97 * Double(total))
        #expect(Double(right.neighbours) < 0.6 * Double(total))
    }

    @Test func `on sessions it beats the factorisation and the neighbours by far`() throws {
        let data = try Samples.sessions(users: 600, items: 200, topics: 10)
        let (training, tests) = try Samples.leavingLastOut(data)
        let gain = { (configuration: ModelConfiguration) in
            let model = try configuration.fit(training, context: TrainingContext(seed: 1))
            return Samples.gain(of: model, tests, excludesMet: false)
        }
        let mine = try gain(.recurrentNetwork(.init(epochs: 8)))
        #expect(mine > 1.5 * (try gain(.alternatingLeastSquares(.init()))))
        #expect(mine > 1.5 * (try gain(.itemSimilarity(.init()))))
    }

    @Test(.enabled(if: Samples.movieLensPath != nil, "MovieLens small lies in MILLRACE_SHARED or ../shared"))
    func `on MovieLens small it beats the factorisation and the neighbours`() throws {
        let (training, tests) = try Samples.leavingLastOut(try Samples.movieLens())
        let gain = { (configuration: ModelConfiguration) in
            let model = try configuration.fit(training, context: TrainingContext(seed: 1))
            return Samples.gain(of: model, tests, excludesMet: true)
        }
        let mine = try gain(.recurrentNetwork(.init(epochs: 6, negatives: 256)))
        #expect(mine > 1.1 * (try gain(.alternatingLeastSquares(.init()))))
        #expect(mine > 1.5 * (try gain(.itemSimilarity(.init()))))
    }

    @Test func `a user's last state answers like his history, and one more event changes the answer`() throws {
        let data = try Samples.sessions(users: 200, items: 100, topics: 5)
        let model = try fit(data)
        for user in 0..<UInt32(20) {
            let history = Array(data.history(user: user))
            let answer = model.recommend(Query(user: user, count: 9))
            #expect(answer == model.recommend(Query(history: history, count: 9)))
            let next = model.recommend(Query(history: history + [(history[0] + 1) % 100], count: 9))
            #expect(next != answer)
        }
    }

    @Test func `the order of a history counts`() throws {
        let data = try Samples.pairs()
        let model = try fit(data)
        #expect(model.recommend(Query(history: [1, 2, 3])) != model.recommend(Query(history: [3, 2, 1])))
    }

    @Test func `scores of all items add up to one, those of candidates too`() throws {
        let model = try fit(try Samples.groups())
        let scores = model.recommend(Query(history: [1, 6], count: 1000)).compactMap(\.score)
        #expect(abs(scores.reduce(0, +) - 1) < 1e-4)
        #expect(scores == scores.sorted(by: >))
        let ranked = model.recommend(Query(history: [1, 6], candidates: [900, 11, 2, 7]))
        #expect(abs(ranked.compactMap(\.score).reduce(0, +) - 1) < 1e-6)
        #expect(ranked.last == ScoredItem(item: 900, score: nil))
        #expect(model.recommend(Query(count: 3)).count == 3)
        #expect(model.recommend(Query(history: [900], candidates: [1, 900])).map(\.item) == [1, 900])
    }

    @Test func `a model file with any byte damaged is refused`() throws {
        var events = Events()
        for user in 0..<3 { for step in 0..<3 { events.append(user, (user + step) % 3, Int64(step)) } }
        let data = try events.interactions(userCount: 3, itemCount: 3)
        let bytes = try fit(data, .init(units: 2, steps: 2, epochs: 1)).encoded()
        for position in bytes.indices {
            var damaged = bytes
            damaged[position] ^= 1 << UInt8(position % 8)
            let file = try TemporaryFile(damaged)
            #expect(throws: RecommenderError.self, "byte \(position)") { try TrainedModel(path: file.path) }
        }
    }

    @Test func `a training that is cancelled stops within a window`() throws {
        let asked = Mutex(0)
        let context = TrainingContext(isCancelled: {
            asked.withLock {
                $0 += 1; return $0 > 100
            }
        })
        #expect(throws: CancellationError.self) {
            try RecurrentNetwork.fit(try Samples.groups(), configuration: .init(units: 32), context: context)
        }
        #expect(asked.withLock { $0 } < 110)
    }
}

/// Data without anything to learn from, or too much of one kind.
@Suite struct RecurrentNetworkBadInputTests {
    private func check(
        _ events: Events,
        users: Int,
        items: Int,
        steps: Int = 32,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let data = try events.interactions(userCount: users, itemCount: items)
        let model = try RecurrentNetwork.fit(
            data,
            configuration: .init(units: 32, steps: steps, epochs: 2),
            context: TrainingContext(seed: 1)
        )
        #expect(model.items.values.allSatisfy { $0.isFinite }, sourceLocation: sourceLocation)
        #expect(model.users.values.allSatisfy { $0.isFinite }, sourceLocation: sourceLocation)
        let answers = model.recommend(
            [Query(user: 0), Query(user: 9_999_999), Query(history: []), Query(history: Array(data.items.prefix(9)))],
            threads: 2
        )
        let known = Set(data.items)
        for answer in answers {
            #expect(Set(answer.map(\.item)).isSubset(of: known), sourceLocation: sourceLocation)
            #expect(answer.count == min(known.count, 25), sourceLocation: sourceLocation)
            #expect(answer.allSatisfy { $0.score?.isFinite == true }, sourceLocation: sourceLocation)
        }
    }

    @Test func `one event`() throws {
        var events = Events()
        events.append(0, 0, 0)
        try check(events, users: 1, items: 1)
    }

    @Test func `one user`() throws {
        var events = Events()
        for step in 0..<50 { events.append(0, step * step % 17, Int64(step)) }
        try check(events, users: 1, items: 17)
    }

    @Test func `one item`() throws {
        var events = Events()
        for user in 0..<50 { events.append(user, 0, Int64(user)) }
        try check(events, users: 50, items: 1)
    }

    @Test func `the same item again and again`() throws {
        var events = Events()
        for user in 0..<20 { for step in 0..<30 { events.append(user, 3, Int64(step)) } }
        try check(events, users: 20, items: 5)
    }

    @Test func `users with one event each, and many without`() throws {
        var events = Events()
        for user in 0..<30 { events.append(user * 3, user % 7, -Int64(user) * 1_000_000_000_000) }
        try check(events, users: 100, items: 40)
    }

    @Test func `a user with a hundred thousand events`() throws {
        var events = Events()
        for step in 0..<100_000 { events.append(1, step * 7 % 23, Int64(step)) }
        for step in 0..<5 { events.append(0, step, Int64(step)) }
        try check(events, users: 2, items: 23)
    }

    @Test func `the shortest propagation back`() throws {
        var events = Events()
        for user in 0..<9 { for step in 0..<9 { events.append(user, (user * step) % 5, Int64(step)) } }
        try check(events, users: 9, items: 5, steps: 2)
    }

    @Test func `events that weigh very much or hardly anything`() throws {
        var events = Events()
        for user in 0..<9 { for step in 0..<9 { events.append(user, (user + step) % 5, Int64(step)) } }
        for weight in [Float.leastNonzeroMagnitude, 1e-30, 1e30, .greatestFiniteMagnitude] {
            var columns = events.columns
            columns.weights = MappedArray([Float](repeating: weight, count: 81))
            let data = try Interactions(columns, userCount: 9, itemCount: 5)
            let model = try RecurrentNetwork.fit(data, configuration: .init(units: 32, epochs: 2), context: .init())
            #expect(model.items.values.allSatisfy { $0.isFinite })
            #expect(model.users.values.allSatisfy { $0.isFinite })
        }
    }
}
