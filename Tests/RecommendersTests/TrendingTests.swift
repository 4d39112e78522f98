import Kernels
import Testing

@testable import Recommenders

@Suite struct TrendingTests {
    private static let end: Int64 = 1_700_000_000

    /// For each item its users in the newest interval and in the one before, and those in all earlier time.
    private func data(_ items: [(newest: Int, before: Int, earlier: Int)], interval: Int64 = 7200) throws
        -> Interactions
    {
        var events = Events()
        var user = 0
        for (item, counts) in items.enumerated() {
            for (count, age) in [
                (counts.newest, 0), (counts.before, interval), (counts.earlier, 3 * interval),
            ] {
                for number in 0..<count {
                    events.append(user, item, Self.end - age - Int64(number) % (interval - 1))
                    user += 1
                }
            }
        }
        return try events.interactions(userCount: user, itemCount: items.count)
    }

    private func fit(_ data: Interactions, _ frequency: String? = nil) throws -> TrainedModel {
        try Recipe.trendingNow.configuration(
            hyperparameters: frequency.map { ["trend_discovery_frequency": $0] } ?? [:]
        )
        .fit(data, context: TrainingContext())
    }

    @Test func `items come by how surely their users have become more, then by popularity`() throws {
        // 0 is always popular, 1 rises from 5 to 20, 2 has one user after none, 3 rises by more in less of a share.
        let data = try data([(50, 60, 200), (20, 5, 0), (1, 0, 0), (60, 40, 0), (0, 9, 9), (0, 0, 0)])
        let model = try fit(data)
        let answer = model.recommend(Query(count: 10))
        // 15 / √25 = 3, 20 / √100 = 2, 1 / √1 = 1.
        #expect(answer.map(\.item) == [1, 3, 2, 0, 4])
        #expect(answer.allSatisfy { $0.score == nil })
        #expect(model.recommend(Query(excluded: [1, 2], count: 2)).map(\.item) == [3, 0])
        #expect(model.recommend(Query(candidates: [5, 4, 0, 2, 99, 1])).map(\.item) == [1, 2, 0, 4, 5, 99])
    }

    @Test(arguments: [
        ("30 minutes", 1800), ("1 hour", 3600), ("2 hours", 7200), ("3 hours", 10_800), ("1 day", 86_400),
    ])
    func `the interval is what trend_discovery_frequency says`(frequency: String, seconds: Int64) throws {
        let data = try data([(9, 9, 0), (5, 1, 0), (1, 1, 99)], interval: seconds)
        #expect(try fit(data, frequency).recommend(Query(count: 1)).map(\.item) == [1])
        // In the interval before there is nothing: a day holds all that the others tell apart, half an hour too little.
        let other = seconds == 86_400 ? "30 minutes" : "1 day"
        #expect(try fit(data, other).recommend(Query(count: 1)).map(\.item) == [2])
        #expect(try Recipe.trendingNow.configuration().hyperparameters == ["trend_discovery_frequency": "2 hours"])
    }

    @Test func `without events in both intervals the popular come first`() throws {
        let popular = try data([(3, 0, 1), (2, 0, 9), (0, 0, 30)])
        #expect(try fit(popular).recommend(Query(count: 3)).map(\.item) == [2, 1, 0])
        let rising = try data([(3, 1, 1), (2, 0, 9), (0, 0, 30)])
        let late = Trending.Configuration(now: Self.end + 7200 * 9)
        let model = try Trending.fit(rising, configuration: late, context: TrainingContext())
        #expect(model.recommend(Query(count: 3)).map(\.item) == [2, 1, 0])
        #expect(try fit(rising).recommend(Query(count: 1)).map(\.item) == [1])
    }

    @Test func `events after now do not count, and one user counts once an interval`() throws {
        var events = Events()
        for step in 0..<50 { events.append(0, 0, Self.end - Int64(step)) }
        for user in 1..<4 { events.append(user, 1, Self.end) }
        for user in 4..<40 { events.append(user, 2, Self.end + 5) }
        events.append(5, 1, Self.end - 7300)
        events.append(6, 3, Self.end - 7300)
        let data = try events.interactions(userCount: 40, itemCount: 4)
        let model = try Trending.fit(data, configuration: .init(now: Self.end), context: TrainingContext())
        #expect(Array(model.rises) == [1, 1, 0, 0])
        // Of equal rises the more popular comes first.
        #expect(model.recommend(Query(count: 3)).map(\.item) == [1, 0, 2])
    }

    @Test func `times at the ends of what can be told make a model`() throws {
        let cases: [[Int64]] = [
            [.min, .max], [.min, .min + 1], [.max, .max - 7200], [-5, 5], [1_700_000_000_000, 0],
        ]
        for times in cases {
            var events = Events()
            for (item, time) in times.enumerated() { for user in 0...item { events.append(user, item, time) } }
            let data = try events.interactions(userCount: 2, itemCount: 2)
            guard case .trending(let model) = try fit(data) else { throw CancellationError() }
            #expect(model.rises.allSatisfy { $0.isFinite })
            #expect(Set(model.recommend(Query(count: 3)).map(\.item)) == [0, 1])
        }
    }

    @Test func `the accuracy is what recommended items gain over what could be gained`() throws {
        // Item 0 rises and goes on, 1 rises and falls, 2 rises only at last; two dozen others keep the list full.
        var events = Events()
        var user = 0
        let counts = [(0, [9, 6, 3]), (1, [1, 6, 3]), (2, [5, 1, 1])] + (3..<30).map { ($0, [2, 2, 1]) }
        for (item, counts) in counts {
            for (age, count) in counts.enumerated() {
                for _ in 0..<count {
                    events.append(user, item, Self.end - Int64(age) * 7200)
                    user += 1
                }
            }
        }
        let data = try events.interactions(userCount: user, itemCount: 30)
        let accuracy = try #require(
            try Trending.predictionAccuracy(on: data, configuration: .init(), context: TrainingContext())
        )
        // 3 and 4 users could be gained; item 2 did not rise before, and 29 did.
        #expect(accuracy == 3.0 / 7)
        let configuration = try Recipe.trendingNow.configuration()
        #expect(try configuration.trendPredictionAccuracy(on: data, context: TrainingContext()) == accuracy)
        let other = try Recipe.popularityCount.configuration()
        #expect(try other.trendPredictionAccuracy(on: data, context: TrainingContext()) == nil)
        let outcome = try Trainer(recipe: .trendingNow).train(data, context: TrainingContext())
        #expect(outcome.metrics.values["trend_prediction_accuracy"] == accuracy)
    }

    @Test func `without a trend there is no accuracy`() throws {
        let configuration = Trending.Configuration()
        for data in [try data([(3, 0, 1), (2, 0, 9)]), try data([(2, 3, 1), (1, 1, 0)])] {
            #expect(try Trending.predictionAccuracy(on: data, configuration: configuration, context: .init()) == nil)
        }
    }

    @Test func `another frequency is refused with those there are`() {
        let error = #expect(throws: RecommenderError.self) {
            try Recipe.trendingNow.configuration(hyperparameters: ["trend_discovery_frequency": "1 week"])
        }
        #expect(error?.message.contains("must be 30 minutes or 1 hour or 2 hours or 3 hours or 1 day") == true)
        let unknown = #expect(throws: RecommenderError.self) {
            try Recipe.trendingNow.configuration(hyperparameters: ["trend_discovery_frequencies": "1 hour"])
        }
        #expect(unknown?.message.contains("did you mean \"trend_discovery_frequency\"?") == true)
    }
}
