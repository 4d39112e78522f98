import Kernels
import Recommenders
import Testing

@Suite struct EvaluationTests {
    @Test func `the documented example gives the documented figures`() {
        let metrics = Metrics(recommended: [10, 11, 12, 13, 14], relevant: [11, 14])
        #expect(metrics.meanReciprocalRankAt25 == 0.5)
        #expect(abs(metrics.normalizedDiscountedCumulativeGain.at5 - 0.6241) < 5e-5)
        #expect(abs(metrics.precision.at5 - 0.4) < 1e-12)
        #expect(abs(metrics.precision.at10 - 0.2) < 1e-12)
        #expect(abs(metrics.precision.at25 - 0.08) < 1e-12)
    }

    @Test func `what is relevant beyond a cutoff does not count, and the ideal is cut too`() {
        let metrics = Metrics(recommended: (0..<30).map { $0 }, relevant: [7, 26])
        #expect(metrics.meanReciprocalRankAt25 == 0.125)
        #expect(metrics.normalizedDiscountedCumulativeGain.at5 == 0)
        #expect(metrics.precision.at10 == 0.1)
        let perfect = Metrics(recommended: Array(0..<25), relevant: Set(0..<100))
        #expect(abs(perfect.normalizedDiscountedCumulativeGain.at5 - 1) < 1e-12)
        #expect(abs(perfect.normalizedDiscountedCumulativeGain.at25 - 1) < 1e-12)
        #expect(Metrics(recommended: [], relevant: [1]) == Metrics())
    }

    @Test func `metrics are means, by the names of the API`() {
        let mean = Metrics(
            meanOf: [Metrics(recommended: [1], relevant: [1]), Metrics(recommended: [1], relevant: [2])],
            coverage: 0.25
        )
        #expect(mean.values["coverage"] == 0.25)
        #expect(mean.values["mean_reciprocal_rank_at_25"] == 0.5)
        #expect(mean.values["normalized_discounted_cumulative_gain_at_5"] == 0.5)
        #expect(mean.values["normalized_discounted_cumulative_gain_at_10"] == 0.5)
        #expect(mean.values["normalized_discounted_cumulative_gain_at_25"] == 0.5)
        #expect(mean.values["precision_at_5"] == 0.1)
        #expect(mean.values["precision_at_10"] == 0.05)
        #expect(mean.values["precision_at_25"] == 0.02)
        #expect(mean.values.count == 8)
    }

    @Test func `a tenth of the users are tested, on the newest tenth of their events`() throws {
        var events = Events()
        for user in 0..<2000 {
            for step in 0..<20 { events.append(user, (user + step * 7) % 300, Int64(step)) }
        }
        let data = try events.interactions(userCount: 2000, itemCount: 300)
        let evaluation = Evaluation(data, seed: 1)
        #expect((150...250).contains(evaluation.tests.count))
        for test in evaluation.tests {
            let history = Array(data.history(user: test.user))
            #expect(test.input == Array(history.prefix(18)))
            #expect(test.relevant == Set(history.suffix(2)))
            #expect(evaluation.training.history(user: test.user).isEmpty)
        }
        #expect(evaluation.training.count == data.count - evaluation.tests.count * 20)
        #expect(Evaluation(data, seed: 1).tests == evaluation.tests)
        #expect(Evaluation(data, seed: 2).tests != evaluation.tests)
    }

    @Test func `the split follows the users' keys, not their codes`() throws {
        let data = try Samples.groups()
        let keys = (0..<200).map { UInt64($0) }
        let codes = Set(Evaluation(data, keys: keys).tests.map(\.user))
        let turned = Set(Evaluation(data, keys: keys.reversed()).tests.map { 199 - $0.user })
        #expect(codes == turned)
    }

    @Test func `even the smallest data has a test user, unless there is none to spare`() throws {
        var events = Events()
        for user in 0..<2 { for step in 0..<3 { events.append(user, step, Int64(step)) } }
        let pair = Evaluation(try events.interactions(userCount: 2, itemCount: 3))
        #expect(pair.tests.count == 1)
        #expect(pair.tests[0].input.count == 2)
        var single = Events()
        single.append(0, 0, 0)
        let alone = Evaluation(try single.interactions(userCount: 1, itemCount: 1))
        #expect(alone.tests.isEmpty)
        #expect(alone.training.count == 1)
    }

    @Test func `met items are left out unless people come back to items`() throws {
        #expect(Evaluation(try Samples.checkerboard()).excludesMetItems)
        var events = Events()
        for user in 0..<30 { for step in 0..<10 { events.append(user, step % 5, Int64(step)) } }
        let data = try events.interactions(userCount: 30, itemCount: 5)
        #expect(!Evaluation(data).excludesMetItems)
        #expect(Evaluation(data, excludesMetItems: true).excludesMetItems)
    }

    @Test func `coverage is the share of all items that are recommended to somebody`() throws {
        let data = try Samples.groups()
        let evaluation = Evaluation(data)
        let model = try ModelConfiguration.popularity.fit(evaluation.training, context: TrainingContext())
        let covered = Set(
            evaluation.tests.flatMap { test in
                model.recommend(
                    Query(history: test.input, excluded: ItemSet(evaluation.excludesMetItems ? test.input : []))
                )
                .map(\.item)
            }
        )
        let metrics = evaluation.metrics(of: model, for: .popularityCount, threads: 2)
        #expect(metrics.coverage == Double(covered.count) / Double(Set(data.items).count))
        #expect(metrics == evaluation.metrics(of: model, for: .popularityCount, threads: 1))
    }

    @Test func `without a recipe the metrics choose, and the choice is explained`() throws {
        let data = try Samples.groups(users: 40, items: 20)
        let outcome = try Trainer(recipe: nil).train(data, context: TrainingContext(seed: 1))
        let gains = outcome.candidates.map(\.metrics.normalizedDiscountedCumulativeGain.at25)
        #expect(outcome.metrics.normalizedDiscountedCumulativeGain.at25 == gains.max())
        #expect(
            Set(outcome.candidates.map(\.configuration.algorithm)) == ["popularity", "item-similarity", "als", "ease"]
        )
        #expect(outcome.reason.contains("greatest normalized_discounted_cumulative_gain_at_25"))
        #expect(outcome.model == (try outcome.configuration.fit(data, context: TrainingContext(seed: 1))))
        let error = #expect(throws: RecommenderError.self) {
            try Trainer(recipe: nil, hyperparameters: ["epochs": "3"]).train(data, context: TrainingContext())
        }
        #expect(error?.message.contains("needs a recipe") == true)
    }

    @Test(.enabled(if: Samples.movieLensPath != nil, "MovieLens small lies in MILLRACE_SHARED or ../shared"))
    func `on MovieLens small the factorisation beats item similarity and popularity`() throws {
        let data = try Samples.movieLens()
        #expect(data.count == 100_836)
        func metrics(_ configuration: ModelConfiguration, _ recipe: Recipe) throws -> Metrics {
            let each = try (0..<UInt64(2)).map { seed in
                let evaluation = Evaluation(data, seed: seed)
                let model = try configuration.fit(evaluation.training, context: TrainingContext(seed: seed))
                return evaluation.metrics(of: model, for: recipe, threads: 2)
            }
            return Metrics(meanOf: each, coverage: 0)
        }
        let factors = try metrics(.alternatingLeastSquares(.init()), .userPersonalization)
        let similar = try metrics(.itemSimilarity(.init()), .userPersonalization)
        let popular = try metrics(.popularity, .popularityCount)
        for other in [similar, popular] {
            let (mine, theirs) = (factors.normalizedDiscountedCumulativeGain, other.normalizedDiscountedCumulativeGain)
            #expect(mine.at10 > 1.1 * theirs.at10)
            #expect(mine.at25 > 1.1 * theirs.at25)
        }
    }
}
