import Kernels
import Testing

@testable import Recommenders

@Suite struct AlternatingLeastSquaresTests {
    private func fit(_ data: Interactions) throws -> AlternatingLeastSquares {
        try .fit(data, configuration: .init(factors: 10), context: TrainingContext())
    }

    @Test func `a folded-in history answers like the user's own row`() throws {
        let data = try Samples.groups()
        let model = try fit(data)
        for user in 0..<UInt32(data.userCount) {
            let row = model.userFactors.row(Int(user))
            let folded = try #require(model.foldIn(Array(data.history(user: user))))
            for (left, right) in zip(row, folded) { #expect(abs(left - right) < 0.02) }
            let own = model.recommend(Query(user: user, count: 5))
            let other = model.recommend(Query(history: Array(data.history(user: user)), count: 5))
            #expect(Set(own.map(\.item)).intersection(other.map(\.item)).count >= 4)
        }
    }

    @Test func `scores of all items add up to one and fall`() throws {
        let model = try fit(try Samples.groups())
        let answer = model.recommend(Query(user: 3, count: 1000))
        let scores = answer.compactMap(\.score)
        #expect(scores.count == answer.count)
        #expect(abs(scores.reduce(0, +) - 1) < 1e-4)
        #expect(scores == scores.sorted(by: >))
        let some = model.recommend(Query(user: 3, excluded: ItemSet([answer[0].item]), count: 2))
        #expect(some.map(\.item) == answer[1...2].map(\.item))
        #expect(some.map(\.score) == answer[1...2].map(\.score))
    }

    @Test func `a ranking returns all candidates, those nobody has met last and without score`() throws {
        let data = try Interactions(
            Events(users: [0, 0, 1, 1, 2], items: [0, 1, 0, 2, 1], timestamps: [0, 1, 2, 3, 4]).columns,
            userCount: 3,
            itemCount: 5
        )
        let model = try fit(data)
        for query in [Query(user: 0, candidates: [4, 2, 77, 1]), Query(user: 9, candidates: [4, 2, 77, 1])] {
            let answer = model.recommend(query)
            #expect(Set(answer.prefix(2).map(\.item)) == [1, 2])
            #expect(answer.suffix(2).map(\.item) == [4, 77])
            #expect(answer.suffix(2).allSatisfy { $0.score == nil })
            #expect(abs(answer.compactMap(\.score).reduce(0, +) - 1) < 1e-6)
        }
        #expect(model.recommend(Query(user: 0, candidates: [])).isEmpty)
        #expect(model.recommend(Query(user: 0, count: 10)).count == 3)
    }

    @Test func `who is unknown gets popular items`() throws {
        let data = try Samples.groups()
        let model = try fit(data)
        let popular = try Popularity.fit(data, configuration: .init(), context: TrainingContext())
        let expected = popular.recommend(Query(count: 5)).map(\.item)
        #expect(model.recommend(Query(user: 200, count: 5)).map(\.item) == expected)
        #expect(model.recommend(Query(history: [100, 999], count: 5)).map(\.item) == expected)
        #expect(model.recommend(Query(count: 5)).map(\.item) == expected)
        #expect(model.recommend(Query(count: 5)).allSatisfy { ($0.score ?? 0) > 0 })
    }

    @Test func `many questions at once are answered like each alone`() throws {
        let data = try Samples.groups()
        let model = try fit(data)
        let queries = (0..<UInt32(250)).map { user in
            switch user % 7 {
            case 0: Query(history: [user % 100], count: 4)
            case 1: Query(user: user, candidates: [1, 2, 3])
            default: Query(user: user, count: 6)
            }
        }
        #expect(model.recommend(queries, threads: 2) == queries.map { model.recommend($0) })
    }

    @Test func `newer events count more, in training and in a history alike`() {
        let weights = Recency(halfLife: 2).weights(count: 5)
        #expect(weights.map { ($0 * 100).rounded() } == [25, 35, 50, 71, 100])
        let even = Recency.none.weights(count: 3)
        #expect(even == [1, 1, 1])
    }

    @Test func `a model learns on from where it stands, with new users and items`() throws {
        let data = try Samples.groups(users: 200, items: 100)
        let model = try fit(data.keepingUsers { $0 < 150 })
        let updated = try model.updated(with: data, context: TrainingContext())
        #expect(updated.userFactors.rows == 200)
        #expect(!updated.userFactors.isZero(row: 190))
        #expect(updated.configuration == model.configuration)
        let answers = (150..<UInt32(200)).map { updated.recommend(Query(user: $0, count: 5)).map { $0.item % 5 } }
        let own = zip(150..<200, answers).reduce(0) { sum, each in sum + each.1.count { $0 == UInt32(each.0 % 5) } }
        #expect(own > 200, "of 250 recommended items \(own) are of the user's own group")
        #expect(updated == (try model.updated(with: data, context: TrainingContext(threads: 1))))
        let error = #expect(throws: RecommenderError.self) {
            try model.updated(with: try Samples.groups(users: 200, items: 50), context: TrainingContext())
        }
        #expect(error?.message.contains("has 50 items, the model 100") == true)
    }
}
