import Kernels
import Synchronization
import Testing

@testable import Recommenders

@Suite struct TuningTests {
    /// Items that come in pairs, of which each is met by three users only, after popular ones that tell nothing.
    ///
    /// Who has met one of a pair meets the other next. The default of three common users finds too few pairs.
    private func pairs() throws -> Interactions {
        let random = CounterRandom(seed: 2, stream: 0)
        var events = Events()
        for user in 0..<240 {
            for step in 0..<8 {
                events.append(user, Int(random.bits(at: UInt64(user * 8 + step)) % 20), Int64(step))
            }
            let pair = 20 + user / 3 * 2
            events.append(user, pair, 10)
            events.append(user, pair + 1, 11)
        }
        return try events.interactions(userCount: 240, itemCount: 180)
    }

    private func outcome(
        _ recipe: Recipe,
        _ tuning: Tuning,
        _ data: Interactions,
        _ hyperparameters: [String: String] = [:],
        threads: Int = 2
    ) throws -> Trainer.Outcome {
        var trainer = Trainer(recipe: recipe, hyperparameters: hyperparameters)
        trainer.tuning = tuning
        return try trainer.train(data, context: TrainingContext(threads: threads, seed: 6))
    }

    @Test func `a planted optimum is found`() throws {
        let tuning = Tuning(ranges: [.init("min_cointeraction_count", .integer(0, 10))], maximumTrials: 8)
        let data = try pairs()
        let tuned = try outcome(.sims, tuning, data)
        let count = try #require(tuned.configuration.hyperparameters["min_cointeraction_count"].flatMap { Int($0) })
        #expect(count <= 2)
        let usual = try Trainer(recipe: .sims).train(data, context: TrainingContext(seed: 6))
        let (found, before) = (tuned.metrics.meanReciprocalRankAt25, usual.metrics.meanReciprocalRankAt25)
        #expect(found > 2 * before, "\(found) against \(before)")
        #expect(tuned.model == (try tuned.configuration.fit(data, context: TrainingContext(seed: 6))))
        #expect(tuned.reason.contains("min_cointeraction_count \(count)"))
    }

    @Test func `a number of any size is found by its logarithm, and bad settings are stopped early`() throws {
        let tuning = Tuning(ranges: [.init("regularization", .continuous(1e-4, 1e4))], maximumTrials: 12)
        let given = ["hidden_dimension": "8", "epochs": "18", "regularization": "5000"]
        let tuned = try outcome(.userPersonalization, tuning, try Samples.groups(users: 400), given)
        let found = try #require(tuned.configuration.hyperparameters["regularization"].flatMap { Double($0) })
        #expect(found < 1)
        #expect(tuned.configuration.hyperparameters["epochs"] == "18")
        #expect(tuned.trials[0].hyperparameters == given)
        let shares = tuned.trials.map(\.epochShare)
        #expect(shares.count { $0 == 1 } == 3)
        #expect(shares.count { $0 < 1 } == 9)
        let chosen = try #require(tuned.trials.filter { $0.epochShare == 1 }.max { $0.objective < $1.objective })
        #expect(chosen.hyperparameters["regularization"].flatMap { Double($0) } == found)
    }

    @Test(arguments: Recipe.ofItems)
    func `what tuning finds does not depend on the threads or on trials at once`(recipe: Recipe) throws {
        let data = try Samples.groups(users: 80, items: 30)
        let alone = try outcome(recipe, Tuning(maximumTrials: 5, maximumParallelTrials: 1), data, threads: 1)
        let both = try outcome(recipe, Tuning(maximumTrials: 5, maximumParallelTrials: 2), data, threads: 2)
        #expect(alone.trials == both.trials)
        #expect(alone.configuration == both.configuration)
        #expect(alone.metrics == both.metrics)
        #expect(alone.model.encoded() == both.model.encoded())
        #expect(alone.trials.count <= 5)
        #expect(alone.trials.count > 1 || !recipe.hyperparameters.contains(where: \.isTunable))
    }

    @Test func `limits are kept, and no settings are tried twice`() throws {
        let data = try Samples.groups(users: 80, items: 30)
        #expect(try outcome(.sims, Tuning(maximumTrials: 1), data).trials.map(\.hyperparameters) == [[:]])
        let two = Tuning(ranges: [.init("min_cointeraction_count", .categorical(["1", "2"]))], maximumTrials: 40)
        let trials = try outcome(.sims, two, data).trials
        #expect(trials.map { $0.hyperparameters["min_cointeraction_count"] ?? "" }.sorted() == ["", "1", "2"])
        let fixed = try outcome(.sims, Tuning(maximumTrials: 6), data, ["min_cointeraction_count": "1"]).trials
        #expect(fixed.allSatisfy { $0.hyperparameters["min_cointeraction_count"] == "1" })
        #expect(Set(fixed.compactMap { $0.hyperparameters["popularity_discount_factor"] }).count == 5)
    }

    @Test func `progress tells of each trial, never falls and ends at the whole`() throws {
        let reports = Mutex<[TrainingProgress]>([])
        var trainer = Trainer(recipe: .sims)
        trainer.tuning = Tuning(maximumTrials: 6)
        let context = TrainingContext(progress: { report in reports.withLock { $0.append(report) } })
        _ = try trainer.train(try Samples.groups(users: 80, items: 30), context: context)
        let all = reports.withLock { $0 }
        #expect(all.map(\.fraction) == all.map(\.fraction).sorted())
        #expect(all.last?.fraction == 1)
        let tuning = all.filter { $0.stage == "tuning" }
        #expect(Set(tuning.map(\.trial)) == Set(1...6))
        #expect(Set(tuning.map(\.trials)) == [6])
        #expect(Set(all.map(\.stage)) == ["tuning", "evaluating", "training"])
    }

    @Test func `a cancelled search ends with CancellationError`() throws {
        let trials = Mutex(0)
        var trainer = Trainer(recipe: .sims)
        trainer.tuning = Tuning(maximumTrials: 40)
        let context = TrainingContext(
            progress: { report in if report.trial == 3 { trials.withLock { $0 = 3 } } },
            isCancelled: { trials.withLock { $0 == 3 } }
        )
        #expect(throws: CancellationError.self) { try trainer.train(try Samples.groups(), context: context) }
    }

    @Test(arguments: [
        (Tuning.Range("min_cointeraction_cuont", .integer(0, 3)), "did you mean \"min_cointeraction_count\"?"),
        (.init("colour", .integer(0, 3)), "it knows popularity_discount_factor, min_cointeraction_count"),
        (.init("min_cointeraction_count", .integer(3, 2)), "is empty: its least value 3 must not be more"),
        (.init("popularity_discount_factor", .continuous(0.5, 0.4)), "is empty: its least value 0.5"),
        (.init("popularity_discount_factor", .continuous(.nan, 1)), "is empty"),
        (.init("popularity_discount_factor", .continuous(0, 1.5)), "\"1.5\" of recipe \"aws-sims\" must be"),
        (.init("min_cointeraction_count", .integer(-1, 5)), "\"-1\" of recipe \"aws-sims\" must be"),
        (.init("min_cointeraction_count", .continuous(0, 5)), "give it as an integer range"),
        (.init("min_cointeraction_count", .categorical([])), "has no values"),
        (.init("min_cointeraction_count", .categorical(["1", "two"])), "\"two\" of recipe"),
    ])
    func `a range that cannot be searched is refused with its name and a remedy`(range: Tuning.Range, fact: String) {
        let error = #expect(throws: RecommenderError.self) {
            try Tuning(ranges: [range]).validate(for: .sims)
        }
        #expect(error?.code == .invalidHyperparameter)
        #expect(error?.message.contains(fact) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains(range.name) == true)
    }

    @Test func `what is not for tuning, ranges given twice, limits of nothing and unknown metrics are refused`() throws
    {
        func message(_ tuning: Tuning, _ recipe: Recipe = .userPersonalization) -> String {
            let error = #expect(throws: RecommenderError.self) { try tuning.validate(for: recipe) }
            return error?.message ?? ""
        }
        #expect(message(Tuning(ranges: [.init("epochs", .integer(1, 3))])).contains("is not for tuning"))
        let once = Tuning.Range("regularization", .continuous(0.1, 1))
        #expect(message(Tuning(ranges: [once, once])).contains("is given twice"))
        #expect(message(Tuning(maximumTrials: 0)).contains("number of trials \"0\""))
        #expect(message(Tuning(maximumParallelTrials: -1)).contains("number of parallel trials \"-1\""))
        var trainer = Trainer(recipe: .sims)
        trainer.objective = "normalised_discounted_cumulative_gain_at_10"
        let data = try Samples.groups(users: 40, items: 20)
        let error = #expect(throws: RecommenderError.self) { try trainer.train(data, context: TrainingContext()) }
        #expect(error?.message.contains("did you mean \"normalized_discounted_cumulative_gain_at_10\"?") == true)
    }

    @Test func `the metrics choose among the recipes that are named, by the metric that is named`() throws {
        var trainer = Trainer(recipe: nil)
        trainer.candidateRecipes = [.popularityCount, .sims]
        trainer.objective = "coverage"
        let outcome = try trainer.train(try Samples.groups(users: 80), context: TrainingContext())
        #expect(outcome.candidates.map(\.recipe) == [.popularityCount, .sims])
        #expect(outcome.recipe == .sims)
        #expect(outcome.reason.contains("greatest coverage"))
    }

    @Test func `the points of the search fill the cube evenly`() {
        let points = HaltonSequence(dimensions: 3, seed: 1)
        for dimension in 0..<3 {
            var cells = [Int](repeating: 0, count: 8)
            for index in 0..<64 { cells[Int(points[index][dimension] * 8)] += 1 }
            #expect(cells.allSatisfy { (5...11).contains($0) }, "\(cells)")
        }
        #expect(points[0] != HaltonSequence(dimensions: 3, seed: 2)[0])
    }

    @Test func `both ends of a range can be drawn`() {
        let whole = Tuning.Dimension("count", .integer(0, 10))
        #expect(whole.value(at: 0) == "0")
        #expect(whole.value(at: 0.999) == "10")
        let wide = Tuning.Dimension("size", .integer(1, 1000))
        #expect(wide.value(at: 0.5) == "31")
        #expect(wide.value(at: 0.9999) == "1000")
        #expect(Tuning.Dimension("rate", .continuous(0.5, 0.5)).value(at: 0.7) == "0.5")
        #expect(Tuning.Dimension("word", .categorical(["a", "b"])).value(at: 0.5) == "b")
    }
}
