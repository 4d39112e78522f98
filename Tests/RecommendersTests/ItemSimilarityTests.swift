import Kernels
import Recommenders
import Testing

@Suite struct ItemSimilarityTests {
    /// Items 0 and 1 share three users, 0 and 2 two, 3 is met by all but shares too few with any.
    private func model(discount: Double = 0.5, minimum: Int = 2) throws -> ItemSimilarity {
        var events = Events()
        for (user, items) in [[0, 1], [0, 1, 2], [0, 1, 2], [2], [2], [2], [3]].enumerated() {
            for item in items { events.append(user, item, Int64(item)) }
        }
        return try .fit(
            try events.interactions(userCount: 7, itemCount: 5),
            configuration: .init(popularityDiscountFactor: discount, minimumCointeractionCount: minimum),
            context: TrainingContext()
        )
    }

    @Test func `related items are the nearest, then popular ones, without scores`() throws {
        let answer = try model().recommend(Query(item: 0, count: 10))
        #expect(answer.map(\.item) == [1, 2, 3])
        #expect(answer.allSatisfy { $0.score == nil })
        #expect(try model(minimum: 3).recommend(Query(item: 0, count: 10)).map(\.item) == [1, 2, 3])
        #expect(try model().recommend(Query(item: 0, excluded: [1], count: 1)).map(\.item) == [2])
    }

    @Test func `without a discount the popular neighbour is as near as its common users`() throws {
        // Users in common of 2: two with 0, two with 1; of 0: three with 1.
        #expect(try model(discount: 0).recommend(Query(item: 2, count: 2)).map(\.item) == [0, 1])
        #expect(try model(discount: 1).recommend(Query(item: 0, count: 1)).map(\.item) == [1])
    }

    @Test(arguments: [4, 5, 4_000_000])
    func `an item nobody met, or unknown, gets popular items`(item: UInt32) throws {
        #expect(try model().recommend(Query(item: item, count: 2)).map(\.item) == [2, 0])
    }

    @Test func `a history gets the items nearest to all of it, with shares as scores`() throws {
        let answer = try model().recommend(Query(history: [0, 0, 99], excluded: [0], count: 2))
        #expect(answer.map(\.item) == [1, 2])
        let scores = answer.compactMap(\.score)
        #expect(abs(scores.reduce(0, +) - 1) < 1e-6)
        #expect(scores[0] > scores[1])
        #expect(try model().recommend(Query(history: [3], count: 1)).map(\.item) == [2])
    }

    @Test func `candidates come in the order of nearness, then of popularity`() throws {
        let answer = try model().recommend(Query(history: [0], candidates: [4, 3, 2, 1]))
        #expect(answer.map(\.item) == [1, 2, 3, 4])
    }

    @Test func `popularity counts users, not events`() throws {
        var events = Events()
        for time in 0..<9 { events.append(0, 1, Int64(time)) }
        events.append(1, 2, 0)
        events.append(2, 2, 0)
        let data = try events.interactions(userCount: 3, itemCount: 4)
        let popularity = try Popularity.fit(data, configuration: .init(), context: TrainingContext())
        #expect(
            popularity.recommend(Query(count: 9)) == [ScoredItem(item: 2, score: nil), ScoredItem(item: 1, score: nil)]
        )
        #expect(popularity.recommend(Query(candidates: [0, 1, 3, 2])).map(\.item) == [2, 1, 0, 3])
        #expect(popularity.popularity(of: 2) == 2)
        #expect(popularity.popularity(of: 44) == 0)
    }
}
