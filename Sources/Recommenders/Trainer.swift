/// Trains a solution version: measures on a split, then learns from all data.
public struct Trainer: Sendable {
    /// What it is trained for; nil lets the metrics choose among candidates (`performAutoML`).
    public var recipe: Recipe?
    /// Values by name; only with a recipe.
    public var hyperparameters: [String: String]
    /// A number a user that does not depend on the data, such as a hash of his id, for the choice of test users.
    public var userKeys: [UInt64]?

    /// A training.
    ///
    /// - Parameters:
    ///   - recipe: What it is trained for; nil lets the metrics choose.
    ///   - hyperparameters: Values by name.
    ///   - userKeys: A number a user that does not depend on the data.
    public init(recipe: Recipe?, hyperparameters: [String: String] = [:], userKeys: [UInt64]? = nil) {
        self.recipe = recipe
        self.hyperparameters = hyperparameters
        self.userKeys = userKeys
    }

    /// What came of a training.
    public struct Outcome: Sendable {
        /// The recipe of the chosen candidate.
        public let recipe: Recipe
        /// Its settings.
        public let configuration: ModelConfiguration
        /// The model that learnt from all data.
        public let model: TrainedModel
        /// The chosen candidate's metrics on the split.
        public let metrics: Metrics
        /// All candidates, in the order they were tried.
        public let candidates: [Candidate]
        /// Why the candidate was chosen, in a sentence.
        public let reason: String
        /// Whether met items were left out when measuring; serve alike.
        public let excludesMetItems: Bool
    }

    /// A recipe with settings that was measured.
    public struct Candidate: Sendable, Equatable {
        /// The recipe.
        public let recipe: Recipe
        /// Its settings.
        public let configuration: ModelConfiguration
        /// Its metrics on the split.
        public let metrics: Metrics
    }

    /// Measures the candidates and trains the best on all data.
    ///
    /// - Parameters:
    ///   - data: What to learn from.
    ///   - context: Threads, seed, progress and cancellation.
    /// - Returns: The model and how it was chosen.
    /// - Throws: `CancellationError` when it is cancelled; `RecommenderError` with `invalidHyperparameter` or
    ///   `insufficientData`.
    public func train(_ data: Interactions, context: TrainingContext) throws -> Outcome {
        let settings = try candidates()
        try data.requireEvents()
        let evaluation = Evaluation(data, seed: context.seed, keys: userKeys)
        let share = 1 / Double(settings.count + 1)
        var measured: [Candidate] = []
        var last = LastModel()
        for (index, setting) in settings.enumerated() {
            let part = Double(index) * share...Double(index + 1) * share
            do {
                measured.append(try measure(setting, evaluation, &last, context.part(part, stage: "evaluating")))
            } catch let error as RecommenderError where error.code == .tooLarge && settings.count > 1 {
                // The others are there for data of this size.
                continue
            }
        }
        let best = Self.best(of: measured)
        let rest = context.part(Double(settings.count) * share...1, stage: "training")
        return Outcome(
            recipe: best.recipe,
            configuration: best.configuration,
            model: try best.configuration.fit(data, context: rest),
            metrics: best.metrics,
            candidates: measured,
            reason: Self.reason(best, among: measured),
            excludesMetItems: evaluation.excludesMetItems
        )
    }

    private func measure(
        _ setting: Setting,
        _ evaluation: Evaluation,
        _ last: inout LastModel,
        _ context: TrainingContext
    ) throws -> Candidate {
        let model = try last.fit(setting.configuration, evaluation.training, context: context)
        try context.checkCancellation()
        let metrics = evaluation.metrics(of: model, for: setting.recipe, threads: context.threads)
        return Candidate(recipe: setting.recipe, configuration: setting.configuration, metrics: metrics)
    }

    /// The candidate of the greatest gain at 25; of equal ones the first, which is the simplest.
    private static func best(of candidates: [Candidate]) -> Candidate {
        candidates.dropFirst().reduce(candidates[0]) { best, candidate in
            gain(candidate) > gain(best) ? candidate : best
        }
    }

    private static func reason(_ best: Candidate, among candidates: [Candidate]) -> String {
        guard candidates.count > 1 else { return "\(best.recipe.name) was asked for" }
        let others = candidates.filter { $0 != best }.map { "\($0.configuration.algorithm) \(rounded(gain($0)))" }
        return "\(best.configuration.algorithm) has the greatest normalized_discounted_cumulative_gain_at_25, "
            + "\(rounded(gain(best))); the others: \(others.joined(separator: ", "))"
    }

    private static func gain(_ candidate: Candidate) -> Double {
        candidate.metrics.normalizedDiscountedCumulativeGain.at25
    }

    private static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}
