/// Trains a solution version: measures on a split, then learns from all data.
public struct Trainer: Sendable {
    /// What it is trained for; nil lets the metrics choose among candidates (`performAutoML`).
    public var recipe: Recipe?
    /// Values by name; only with a recipe.
    public var hyperparameters: [String: String]
    /// A number a user that does not depend on the data, such as a hash of his id, for the choice of test users.
    public var userKeys: [UInt64]?
    /// The recipes that the metrics choose among where none is given; those that are best for most data when empty.
    public var candidateRecipes: [Recipe] = []
    /// Where the recipe's hyperparameters are searched (`performHPO`); nil takes them as they are.
    public var tuning: Tuning?
    /// The metric by which candidates and trials are chosen, as `GetSolutionMetrics` names it.
    public var objective = "normalized_discounted_cumulative_gain_at_25"

    /// What an update learns on from, with its settings; nil trains in full.
    public var base: Base?

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
        /// The model by which the metrics were measured, which knows nothing of the test users.
        public let measured: TrainedModel?
        /// The chosen candidate's metrics on the split.
        public let metrics: Metrics
        /// All candidates, in the order they were tried.
        public let candidates: [Candidate]
        /// The settings that tuning tried, in the order they were drawn; none without tuning.
        public let trials: [Tuning.Trial]
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
    /// Tuning does not see the test users by whom the metrics are measured.
    ///
    /// - Parameters:
    ///   - data: What to learn from.
    ///   - context: Threads, seed, progress and cancellation.
    /// - Returns: The model and how it was chosen.
    /// - Throws: `CancellationError` when it is cancelled; `RecommenderError` with `invalidHyperparameter` or
    ///   `insufficientData`.
    public func train(_ data: Interactions, context: TrainingContext) throws -> Outcome {
        let settings = try settings()
        try checkObjective()
        if let recipe { try tuning?.validate(for: recipe) }
        if recipe?.learnsFromEvents != false, recipe != .nextBestAction { try data.requireEvents() }
        let evaluation = Evaluation(data, seed: context.seed, keys: userKeys)
        if recipe == .nextBestAction { return try trainActions(settings[0], data, context) }
        if let base, let recipe { return try update(base, recipe, data, evaluation, context) }
        guard recipe != nil, let tuning else { return try finish(settings, [], data, evaluation, context) }
        let cost = Double(tuning.maximumTrials) / 2
        let share = cost / (cost + 2)
        let part = context.part(0...share)
        let found = try search(evaluation.training, excludesMetItems: evaluation.excludesMetItems, context: part)
        return try finish([found.setting], found.trials, data, evaluation, context.part(share...1))
    }

    /// Searches the recipe's hyperparameters on a split of the data; without a recipe or a search there is none.
    ///
    /// - Parameters:
    ///   - data: What to learn from.
    ///   - excludesMetItems: Whether items a user has met are left out of what is recommended to him.
    ///   - context: Threads, seed, progress and cancellation.
    /// - Returns: The best settings, and all that were tried.
    /// - Throws: `CancellationError` when it is cancelled; `RecommenderError` with `invalidHyperparameter` or
    ///   `insufficientData`.
    public func tune(
        _ data: Interactions,
        excludesMetItems: Bool,
        context: TrainingContext
    ) throws -> (configuration: ModelConfiguration, trials: [Tuning.Trial]) {
        try data.requireEvents()
        let found = try search(data, excludesMetItems: excludesMetItems, context: context)
        return (found.setting.configuration, found.trials)
    }

    private func search(
        _ data: Interactions,
        excludesMetItems: Bool,
        context: TrainingContext
    ) throws -> (setting: Setting, trials: [Tuning.Trial]) {
        guard let recipe, let tuning else { return (try settings()[0], []) }
        let tuner = Tuner(self, recipe, tuning, data, excludesMetItems: excludesMetItems, context)
        let found = try tuner.search()
        return (try Setting(recipe, found.best.hyperparameters), found.trials)
    }

    /// Measures settings and trains the best.
    private func finish(
        _ settings: [Setting],
        _ trials: [Tuning.Trial],
        _ data: Interactions,
        _ evaluation: Evaluation,
        _ context: TrainingContext
    ) throws -> Outcome {
        let share = 1 / Double(settings.count + 1)
        var measured: [Candidate] = []
        var bestModel: TrainedModel?
        var last = LastModel()
        for (index, setting) in settings.enumerated() {
            let part = context.part(Double(index) * share...Double(index + 1) * share, stage: "evaluating")
            do {
                let (candidate, model) = try measure(setting, data, evaluation, &last, part)
                measured.append(candidate)
                if best(of: measured) == candidate { bestModel = model }
            } catch let error as RecommenderError where error.code == .tooLarge && settings.count > 1 {
                // The others are there for data of this size.
                continue
            }
        }
        let best = best(of: measured)
        let rest = context.part(Double(settings.count) * share...1, stage: "training")
        return Outcome(
            recipe: best.recipe,
            configuration: best.configuration,
            model: try best.configuration.fit(data, context: rest),
            measured: bestModel,
            metrics: best.metrics,
            candidates: measured,
            trials: trials,
            reason: trials.isEmpty ? reason(best, among: measured) : reason(best, after: trials),
            excludesMetItems: evaluation.excludesMetItems
        )
    }

    private func measure(
        _ setting: Setting,
        _ data: Interactions,
        _ evaluation: Evaluation,
        _ last: inout LastModel,
        _ context: TrainingContext
    ) throws -> (candidate: Candidate, model: TrainedModel) {
        let model = try last.fit(setting.configuration, evaluation.training, context: context)
        try context.checkCancellation()
        var metrics = evaluation.metrics(of: model, for: setting.recipe, threads: context.threads)
        metrics.trendPredictionAccuracy = try setting.configuration.trendPredictionAccuracy(on: data, context: context)
        let candidate = Candidate(recipe: setting.recipe, configuration: setting.configuration, metrics: metrics)
        return (candidate, model)
    }

    private func checkObjective() throws(RecommenderError) {
        let known = Metrics().values.keys.sorted()
        guard !known.contains(objective) else { return }
        let meant = Spelling.nearest(to: objective, among: known).map { "did you mean \"\($0)\"? " } ?? ""
        throw RecommenderError(
            .invalidHyperparameter,
            "metric \"\(objective)\" is not measured; \(meant)there are \(known.joined(separator: ", "))"
        )
    }

    // MARK: Choosing

    /// The candidate of the greatest objective; of equal ones the first, which is the simplest.
    private func best(of candidates: [Candidate]) -> Candidate {
        candidates.dropFirst().reduce(candidates[0]) { best, candidate in
            value(candidate) > value(best) ? candidate : best
        }
    }

    private func value(_ candidate: Candidate) -> Double { candidate.metrics.values[objective] ?? 0 }

    private func reason(_ best: Candidate, among candidates: [Candidate]) -> String {
        guard candidates.count > 1 else { return "\(best.recipe.name) was asked for" }
        let others = candidates.filter { $0 != best }
            .map { "\($0.configuration.algorithm) \(Self.rounded(value($0)))" }
        return "\(best.configuration.algorithm) has the greatest \(objective), "
            + "\(Self.rounded(value(best))); the others: \(others.joined(separator: ", "))"
    }

    private func reason(_ best: Candidate, after trials: [Tuning.Trial]) -> String {
        let stopped = trials.count { $0.epochShare < 1 }
        let settings = best.configuration.hyperparameters.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return "of \(trials.count) settings of \(best.recipe.name), \(stopped) of them stopped early, the best are "
            + settings.joined(separator: ", ")
    }

    private static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}
