import Kernels
import Synchronization
import Testing

@testable import Recommenders

@Suite struct NextBestActionTests {
    private static let start: Int64 = 1_700_000_000
    private static let day: Int64 = 86_400

    /// Users of two camps by the items they met, of whom most had choices of three actions of five.
    ///
    /// Action 0 is taken by six of ten of the even camp and hardly by the odd one, 1 the other way round, 2 by three of
    /// ten of all; 3 and 4 nobody has had the choice of. The last ten users had no choice at all.
    private func data(users: Int = 400, values: [Double] = [1, 1, 1, 1, 1], isShuffled: Bool = false) throws
        -> Interactions
    {
        let random = CounterRandom(seed: 3, stream: 2)
        var items = Events()
        var events: [ActionEvents.Event] = []
        for user in 0..<users {
            for step in 0..<8 {
                let draw = random.bits(at: UInt64(user * 100 + step)) % 15
                items.append(user, Int(draw) * 2 + user % 2, Self.start + Int64(step))
            }
            guard user < users - 10 else { continue }
            for action in 0..<3 {
                for choice in 0..<4 {
                    let chance = action == 2 ? 0.3 : action == user % 2 ? 0.6 : 0.05
                    let isTaken = random.uniform(at: UInt64(user * 100 + 20 + action * 10 + choice)) < chance
                    events.append(event(user, action, Int64(choice), isTaken ? .taken : .notTaken))
                }
            }
        }
        var data = try items.interactions(userCount: users, itemCount: 30)
        let actions = values.map { ActionEvents.Action(value: $0) }
        data.actions = try ActionEvents(actions: actions, events: isShuffled ? events.reversed() + events : events)
        return data
    }

    private func event(_ user: Int, _ action: Int, _ day: Int64, _ outcome: ActionEvents.Outcome) -> ActionEvents.Event
    {
        ActionEvents.Event(
            user: UInt32(user),
            action: UInt32(action),
            timestamp: Self.start + day * Self.day,
            outcome: outcome
        )
    }

    private func fit(
        _ data: Interactions,
        _ configuration: NextBestAction.Configuration = .init(),
        threads: Int = 2
    ) throws -> NextBestAction {
        try .fit(data, configuration: configuration, context: TrainingContext(threads: threads, seed: 1))
    }

    @Test func `the chance of an action is told by a user's taste, also of one who had no choice yet`() throws {
        let data = try data()
        let model = try fit(data)
        var means = [0.0, 0, 0]
        for user in UInt32(390)..<400 {
            let mine = model.chance(of: user % 2, for: Query(user: user))
            let other = model.chance(of: 1 - user % 2, for: Query(user: user))
            let common = model.chance(of: 2, for: Query(user: user))
            for (index, chance) in [mine, other, common].enumerated() { means[index] += chance / 10 }
            #expect(model.recommend(Query(user: user, count: 1)).map(\.item) == [user % 2])
        }
        #expect(zip(means, [0.6, 0.05, 0.3]).allSatisfy { abs($0 - $1) < 0.1 }, "\(means)")
        // Who is not known at all may be told by what he met.
        for camp in UInt32(0)..<2 {
            let history = [camp, camp + 4, camp + 8, camp + 12]
            #expect(model.recommend(Query(history: history, count: 1)).map(\.item) == [camp])
        }
        // Nobody had the choice of 3: it is taken like all others.
        let all = (0.6 + 0.05 + 0.3) / 3
        #expect(abs(model.chance(of: 3, for: Query()) - all) < 0.05)
    }

    @Test func `actions come by their chance, and of two that are equally likely the one that is worth more`() throws {
        let model = try fit(try data(values: [1, 1, 10, 0, 1.5]))
        let answer = model.recommend(Query(user: 390, count: 9))
        // Nobody had the choice of 3 and of 4, which are equally likely.
        #expect(answer.map(\.item).first == 0 && answer.map(\.item).last == 1)
        let places = answer.map(\.item)
        #expect(places.firstIndex(of: 4).map { $0 + 1 } == places.firstIndex(of: 3))
        for action in answer { #expect(action.score == model.chance(of: action.item, for: Query(user: 390))) }
        #expect(answer.compactMap(\.score) == answer.compactMap(\.score).sorted(by: >))
        #expect(model.recommend(Query(user: 390, excluded: [2, 0], count: 1)).map(\.item) == [4])
        let ranked = model.recommend(Query(user: 390, candidates: [900, 1, 0, 2], isScored: false))
        #expect(Set(ranked.prefix(3).map(\.item)) == [0, 1, 2] && ranked.last == ScoredItem(item: 900, score: nil))
        #expect(model.recommend(Query(user: 390, count: 0)).isEmpty)
        let queries = [Query(user: 1), Query(user: 4_000_000), Query(history: [70]), Query()]
        #expect(model.recommend(queries, threads: 2) == queries.map { model.recommend($0) })
    }

    @Test func `what a user did is folded in as the training would have learnt it`() throws {
        let data = try data()
        let model = try fit(data)
        let events = try #require(data.actions?.events)
        let now = Self.start + 40 * Self.day
        for user in UInt32(0)..<20 {
            let known = model.recommend(Query(user: user, count: 5))
            let folded = model.recommend(
                Query(user: user, count: 5),
                events: events.filter { $0.user == user },
                at: now
            )
            #expect(known.map(\.item) == folded.map(\.item))
            for (one, other) in zip(known, folded) { #expect(abs((one.score ?? 0) - (other.score ?? 1)) < 0.01) }
        }
        let taken = (0..<9).map { event(0, 2, Int64($0), .taken) }
        let declined = (0..<9).map { event(0, 2, Int64($0), .notTaken) }
        func chance(_ events: [ActionEvents.Event]) -> Double {
            model.recommend(Query(user: 390, count: 5), events: events, at: now).first { $0.item == 1 }?.score ?? 0
        }
        #expect(chance(declined) < chance([]) && chance([]) < chance(taken))
    }

    @Test func `a training measures by users who were not trained on`() throws {
        var trainer = Trainer(recipe: .nextBestAction)
        trainer.userKeys = (0..<400).map(UInt64.init)
        let outcome = try trainer.train(try data(), context: TrainingContext(seed: 7))
        let metrics = try #require(outcome.metrics.actions)
        // Taste tells well of the first two actions and nothing of the third.
        #expect((0.65...0.95).contains(metrics.areaUnderCurve), "\(metrics)")
        #expect((0.5...0.8).contains(metrics.precision), "\(metrics)")
        #expect(metrics.recall > 0.5, "\(metrics)")
        #expect(Set(outcome.metrics.values.keys) == ["area_under_the_curve", "precision", "recall"])
        #expect(outcome.recipe.kind.rawValue == "PERSONALIZED_ACTIONS")
    }

    @Test func `metrics of actions are those of their definition`() {
        func judged(_ action: UInt32, _ chance: Double, _ count: Double, _ successes: Double) -> ActionMetrics.Judged {
            ActionMetrics.Judged(action: action, chance: chance, count: count, successes: successes)
        }
        // Action 0: taken at 0.9 and 0.4, left at 0.6 and twice at 0.1; action 1 is never taken.
        let metrics = ActionMetrics([
            judged(0, 0.9, 1, 1), judged(0, 0.4, 1, 1), judged(0, 0.6, 1, 0), judged(0, 0.1, 2, 0),
            judged(1, 0.5, 3, 0),
        ])
        // Of six pairs of 0 five are in order; of its two predictions one is right, of its two takings one is found.
        #expect(abs(metrics.areaUnderCurve - 5.0 / 6) < 1e-12)
        #expect(metrics.precision == (0.5 + 0) / 2)
        #expect(metrics.recall == 0.5)
        #expect(ActionMetrics([]) == ActionMetrics())
    }

    @Test func `a willing user is told from an unwilling one, and little data says little`() throws {
        var events: [ActionEvents.Event] = []
        for user in 0..<40 {
            for day in 0..<Int64(user < 20 ? 30 : 1) {
                for action in 0..<2 { events.append(event(user, action, day, user % 2 == 0 ? .taken : .notTaken)) }
            }
        }
        var data = try Events().interactions(userCount: 41, itemCount: 0)
        data.actions = try ActionEvents(actions: [.init(), .init()], events: events)
        let model = try fit(data)
        #expect(model.tastes == nil)
        let chances = (0..<UInt32(41)).map { model.chance(of: 0, for: Query(user: $0)) }
        #expect(chances[0] > 0.9 && chances[1] < 0.1)
        #expect(chances[20] < chances[0] && chances[20] > 0.5 && chances[21] > chances[1] && chances[21] < 0.5)
        #expect(abs(chances[40] - 0.5) < 0.05)
    }

    @Test func `what is learnt is where no direction leads higher`() throws {
        let data = try data(users: 60)
        let model = try fit(data)
        let trials = try #require(data.actions).trials(period: 14 * Self.day)
        let mean = Float(
            Logarithm.of(
                (Double(trials.reduce(0) { $0 + $1.successes }) + 1)
                    / (Double(trials.reduce(0) { $0 + $1.count - $1.successes }) + 1)
            )
        )
        let features = (0..<60).map { user in
            NextBestAction.features(model.tastes?.userFactors.row(user), columns: model.actions.columns)
        }
        for action in 0..<3 {
            var gradient = (0..<model.actions.columns).map { Double(($0 == 0 ? mean : 0) - model.actions[action, $0]) }
            for trial in trials where trial.action == UInt32(action) {
                let chance = model.chance(of: trial.action, for: Query(user: trial.user))
                for (column, value) in features[Int(trial.user)].enumerated() {
                    gradient[column] += (Double(trial.successes) - Double(trial.count) * chance) * Double(value)
                }
            }
            for slope in gradient { #expect(abs(slope) < 0.05, "action \(action)") }
        }
    }

    @Test func `the model has the same bytes for any number of threads and order of events`() throws {
        let bytes = try fit(try data(), threads: 1).encoded()
        #expect(bytes == (try fit(try data(), threads: 2).encoded()))
        #expect(bytes == (try fit(try data(isShuffled: true)).encoded()))
        #expect(bytes != (try fit(try data(users: 399)).encoded()))
    }

    @Test func `a model read from its file answers the same; a damaged one is refused`() throws {
        var empty = try Events().interactions(userCount: 0, itemCount: 0)
        empty.actions = try ActionEvents(actions: [.init(value: 2), .init(value: 3)], events: [])
        for data in [try data(users: 60), empty] {
            let model = try fit(data)
            let bytes = model.encoded()
            let file = try TemporaryFile(bytes)
            let loaded = try NextBestAction(mapped: MappedFile(path: file.path))
            #expect(loaded == model)
            #expect(loaded.encoded() == bytes)
            #expect(loaded.recommend(Query(user: 3)) == model.recommend(Query(user: 3)))
            #expect(try TrainedModel(path: file.path) == .nextBestAction(model))
            for position in stride(from: 0, to: bytes.count, by: bytes.count / 40 + 1) {
                var damaged = bytes
                damaged[position] ^= 4
                let file = try TemporaryFile(damaged)
                let mapped = try MappedFile(path: file.path)
                #expect(throws: RecommenderError.self, "byte \(position)") { try NextBestAction(mapped: mapped) }
            }
        }
        #expect(try fit(empty).recommend(Query(user: 3)).map(\.item) == [1, 0])
    }

    @Test func `a view is of a choice that ends with what follows within the period`() throws {
        func trials(_ events: [(Int64, ActionEvents.Outcome)], other now: Int64 = 0) throws -> [Float] {
            let events = events.map { event(0, 0, $0.0, $0.1) } + [event(1, 1, now, .viewed)]
            let trials = try ActionEvents(actions: [.init(), .init()], events: events).trials(period: 14 * Self.day)
            let found = trials.first { $0.user == 0 }
            return [found?.count ?? 0, found?.successes ?? 0]
        }
        #expect(try trials([(0, .viewed), (1, .viewed), (3, .taken)]) == [1, 1])
        #expect(try trials([(0, .viewed), (3, .notTaken)]) == [1, 0])
        #expect(try trials([(0, .viewed), (15, .taken)]) == [2, 1])
        #expect(try trials([(0, .viewed), (14, .viewed), (15, .viewed), (20, .taken)]) == [2, 1])
        // Yet open; left.
        #expect(try trials([(0, .viewed)], other: 14) == [0, 0])
        #expect(try trials([(0, .viewed)], other: 15) == [1, 0])
        #expect(try trials([(3, .taken), (5, .taken), (5, .taken)]) == [2, 2])
    }

    @Test func `expired actions and such as were taken not long ago are not offered`() throws {
        let actions: [ActionEvents.Action] = [
            .init(expiration: Self.start + Self.day), .init(repeatDays: 3), .init(repeatDays: 0), .init(),
        ]
        let events = [
            event(7, 1, 0, .taken), event(7, 2, 0, .taken), event(7, 3, 0, .taken), event(8, 1, 0, .notTaken),
        ]
        let data = try ActionEvents(actions: actions, events: events)
        func unavailable(_ user: UInt32?, _ seconds: Int64) -> ItemSet {
            data.unavailable(to: user, at: Self.start + seconds)
        }
        #expect(unavailable(7, 0) == [1])
        #expect(unavailable(7, -1) == [])
        #expect(unavailable(7, 3 * Self.day - 1) == [0, 1])
        #expect(unavailable(7, 3 * Self.day) == [0])
        #expect(unavailable(8, 0) == [] && unavailable(nil, Self.day) == [0] && unavailable(900, 0) == [])
    }

    @Test func `wrong data is refused with what is wrong`() throws {
        func message(_ actions: [ActionEvents.Action], _ events: [ActionEvents.Event] = []) -> String {
            let error = #expect(throws: RecommenderError.self) { try ActionEvents(actions: actions, events: events) }
            return error?.message ?? ""
        }
        #expect(message([.init()], [event(0, 1, 0, .taken)]).contains("action code 1 is beyond the last of 1"))
        for value in [-1, .nan, .infinity] { #expect(message([.init(value: value)]).contains("VALUE \"\(value)\"")) }
        #expect(message([.init(repeatDays: -1)]).contains("REPEAT_FREQUENCY \"-1\" of action 0"))
        var data = try data(users: 60)
        data.actions = try ActionEvents(actions: [.init()], events: [event(60, 0, 0, .taken)])
        let beyond = #expect(throws: RecommenderError.self) { try fit(data) }
        #expect(beyond?.message == "user code 60 is beyond the last of 60")
        for actions in [nil, try ActionEvents(actions: [], events: [])] {
            data.actions = actions
            let error = #expect(throws: RecommenderError.self) { try fit(data) }
            #expect(error?.code == .insufficientData)
            #expect(error?.message.contains("import an Actions dataset") == true)
        }
    }

    @Test func `one user with one choice, and times that are extreme, make a model of numbers`() throws {
        for outcomes in [[ActionEvents.Outcome.taken], [.viewed], [.notTaken, .taken, .viewed]] {
            var data = try Events().interactions(userCount: 1, itemCount: 0)
            let events = zip([Int64.min, .max, 0], outcomes).map {
                ActionEvents.Event(user: 0, action: 0, timestamp: $0, outcome: $1)
            }
            data.actions = try ActionEvents(actions: [.init(value: 1e300)], events: events)
            let model = try fit(data, .init(regularization: 1e-6))
            let score = try #require(model.recommend(Query(user: 0)).first?.score)
            #expect(score.isFinite && score > 0)
        }
    }

    @Test func `hyperparameters are read, and wrong ones refused`() throws {
        #expect(try NextBestAction.Configuration(hyperparameters: [:]) == .init())
        let read = try NextBestAction.Configuration(hyperparameters: ["action_optimization_period": "21"])
        #expect(read == .init(optimizationPeriod: 21))
        for (name, value, fact) in [
            ("action_optimization_period", "29", "must be a whole number in 7...28"),
            ("action_optimisation_period", "14", "did you mean \"action_optimization_period\"?"),
        ] {
            let error = #expect(throws: RecommenderError.self) {
                try NextBestAction.Configuration(hyperparameters: [name: value])
            }
            #expect(error?.message.contains(fact) == true)
            #expect(error?.message.contains("\"aws-next-best-action\"") == true)
        }
    }

    @Test func `progress never falls and ends at the whole; a cancelled training ends with CancellationError`() throws {
        let reports = Mutex<[Double]>([])
        let context = TrainingContext(progress: { report in reports.withLock { $0.append(report.fraction) } })
        let data = try data(users: 60)
        _ = try NextBestAction.fit(data, configuration: .init(), context: context)
        let fractions = reports.withLock { $0 }
        #expect(fractions == fractions.sorted() && fractions.last == 1)
        let cancelled = TrainingContext(
            progress: { report in reports.withLock { $0.append(report.fraction) } },
            isCancelled: { reports.withLock { $0.count > fractions.count + 20 } }
        )
        #expect(throws: CancellationError.self) {
            try NextBestAction.fit(data, configuration: .init(), context: cancelled)
        }
    }
}
