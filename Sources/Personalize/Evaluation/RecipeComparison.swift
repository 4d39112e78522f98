internal import JSON
public import Recommenders

/// Compares recipes, each trained on the same events, and solution versions, all judged by the same withheld events.
public struct RecipeComparison: Sendable {
    /// The recipes, in the order in which they are told.
    public var recipes: [Recipe]
    /// The versions, which come after the recipes.
    public var versions: [EvaluatedVersion] = []
    /// Which events are withheld.
    public var holdOut: HoldOut
    /// What the split and all random numbers derive from.
    public var seed: UInt64
    /// The most threads to work at once; no figure depends on it but the times.
    public var threads: Int
    /// How many settings of each recipe are tried on the training events; its defaults are taken when it is 1.
    public var trials: Int

    /// A comparison.
    ///
    /// - Parameters:
    ///   - recipes: The recipes.
    ///   - holdOut: Which events are withheld.
    ///   - seed: What the split and all random numbers derive from.
    ///   - threads: The most threads to work at once.
    ///   - trials: How many settings of each recipe are tried.
    public init(
        recipes: [Recipe] = Recipe.ofItems,
        holdOut: HoldOut = .personalize,
        seed: UInt64 = 42,
        threads: Int = 2,
        trials: Int = 1
    ) {
        self.recipes = recipes
        self.holdOut = holdOut
        self.seed = seed
        self.threads = threads
        self.trials = trials
    }

    /// The recipes of names as a command line gives them: with or without `aws-` or `millrace-`.
    ///
    /// - Parameter names: The names.
    /// - Returns: The recipes, in the order of the names, each once.
    /// - Throws: `EvaluationFault` for a name that no recipe has, with the nearest.
    public static func recipes(named names: [String]) throws(EvaluationFault) -> [Recipe] {
        var recipes: [Recipe] = []
        for name in names {
            let recipe = try recipe(named: name)
            if !recipes.contains(recipe) { recipes.append(recipe) }
        }
        return recipes
    }

    private static func recipe(named name: String) throws(EvaluationFault) -> Recipe {
        for full in [name, "aws-\(name)", "millrace-\(name)"] {
            if let recipe = Recipe(name: full) { return recipe }
            if let entry = CatalogEntry.all.first(where: { $0.name == full || $0.arn == full }) { return entry.recipe }
        }
        let known = Recipe.ofItems.map(\.name)
        let hint = NearestName.find(name, among: known + known.map { String($0.drop { $0 != "-" }.dropFirst()) })
            .map { ", did you mean \"\($0)\"?" }
        let list = "; there are \(known.joined(separator: ", "))"
        throw EvaluationFault("recipe \"\(name)\" is not known\(hint ?? list)")
    }

    /// How far a comparison has come.
    public struct Progress: Sendable {
        /// The recipe that is trained.
        public let recipe: String
        /// Its place, from 1.
        public let number: Int
        /// How many there are.
        public let count: Int
        /// How far its training has come; nil while it is judged.
        public let training: TrainingProgress?
    }

    /// Trains and judges the recipes, one after another.
    ///
    /// - Parameters:
    ///   - data: The data.
    ///   - seconds: A clock that only goes forward, in seconds.
    ///   - progress: Called whenever a step is done.
    ///   - isCancelled: Asked many times a second.
    /// - Returns: A line a recipe, in their order.
    /// - Throws: `RecommenderError` with `insufficientData` when there is no user to judge by; `CancellationError`.
    public func run(
        on data: EvaluationData,
        seconds: @escaping @Sendable () -> Double,
        progress: @escaping @Sendable (Progress) -> Void = { _ in },
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws -> ComparisonReport {
        let evaluation = Evaluation(data.interactions, holdOut: holdOut, seed: seed, keys: data.userKeys)
        guard !evaluation.tests.isEmpty else {
            throw EvaluationFault(
                "the data has \(data.counts.users) users, none of whom can be spared for a test; "
                    + "two with two interactions or more are needed"
            )
        }
        let segmentations = [evaluation.activity] + data.segmentations
        var lines: [ComparisonReport.Line] = []
        for (index, recipe) in recipes.enumerated() {
            let tell: @Sendable (TrainingProgress?) -> Void = { [count = recipes.count] training in
                progress(
                    Progress(recipe: recipe.name, number: index + 1, count: count, training: training)
                )
            }
            let context = TrainingContext(
                threads: threads,
                seed: seed,
                progress: { tell($0) },
                isCancelled: isCancelled
            )
            let line = try line(recipe, data, evaluation, segmentations, context, seconds)
            lines.append(line)
            tell(nil)
        }
        for (version, model) in zip(versions, versions.models(evaluation, data)) {
            if isCancelled() { throw CancellationError() }
            lines.append(line(version, model, data, evaluation, segmentations))
        }
        return ComparisonReport(comparison: self, data: data, evaluation: evaluation, lines: lines)
    }

    private func line(
        _ recipe: Recipe,
        _ data: EvaluationData,
        _ evaluation: Evaluation,
        _ segmentations: [Segmentation],
        _ context: TrainingContext,
        _ seconds: () -> Double
    ) throws -> ComparisonReport.Line {
        let training = recipe.learnsRatings ? data.ratings.map(evaluation.training(from:)) : evaluation.training
        guard let training, training.count > 0 else {
            return ComparisonReport.Line(
                recipe: recipe,
                outcome: .skipped("it learns from ratings, and the interactions have no values (EVENT_VALUE)")
            )
        }
        guard !recipe.usesItemTexts || training.itemTexts != nil else {
            return ComparisonReport.Line(
                recipe: recipe,
                outcome: .skipped("it learns from items' names and descriptions, and there are no items with any")
            )
        }
        let began = seconds()
        let configuration = try configuration(recipe, training, evaluation, data, context)
        let model = try configuration.fit(training, context: context)
        let trained = seconds()
        var report = evaluation.report(
            of: model,
            for: recipe,
            ratings: data.ratings,
            segmentations: segmentations,
            threads: threads
        )
        report.trendPredictionAccuracy = try configuration.trendPredictionAccuracy(
            on: data.interactions,
            context: context
        )
        return ComparisonReport.Line(
            recipe: recipe,
            outcome: .measured(
                ComparisonReport.Measured(configuration: configuration, report: report, trainSeconds: trained - began)
            )
        )
    }

    private func line(
        _ version: EvaluatedVersion,
        _ model: EvaluatedVersion.Model,
        _ data: EvaluationData,
        _ evaluation: Evaluation,
        _ segmentations: [Segmentation]
    ) -> ComparisonReport.Line {
        let report = evaluation.report(
            of: version.model(model, for: data),
            for: version.recipe,
            ratings: data.ratings,
            segmentations: segmentations,
            threads: threads
        )
        let judged = ComparisonReport.Version(
            arn: version.arn,
            model: model,
            seenCount: version.seenCount(model, evaluation, data)
        )
        return ComparisonReport.Line(
            recipe: version.recipe,
            name: version.name,
            outcome: .measured(ComparisonReport.Measured(report: report, version: judged))
        )
    }

    /// The recipe's defaults, or what tuning finds on the training events.
    private func configuration(
        _ recipe: Recipe,
        _ training: Interactions,
        _ evaluation: Evaluation,
        _ data: EvaluationData,
        _ context: TrainingContext
    ) throws -> ModelConfiguration {
        guard trials > 1 else { return try recipe.configuration() }
        var trainer = Trainer(recipe: recipe, userKeys: data.userKeys)
        trainer.tuning = Tuning(maximumTrials: trials, maximumParallelTrials: threads)
        let found = try trainer.tune(training, excludesMetItems: evaluation.excludesMetItems, context: context)
        return found.configuration
    }
}

/// What came of a comparison.
public struct ComparisonReport: Sendable {
    /// How one recipe did.
    public struct Line: Sendable {
        /// The recipe.
        public let recipe: Recipe
        /// Its name, or that of the version.
        public let name: String
        /// What came of it.
        public let outcome: Outcome

        init(recipe: Recipe, name: String? = nil, outcome: Outcome) {
            self.recipe = recipe
            self.name = name ?? recipe.name
            self.outcome = outcome
        }
    }

    /// A version that was judged.
    public struct Version: Sendable, Equatable {
        /// Its ARN.
        public let arn: String
        /// Which of its models was judged.
        public let model: EvaluatedVersion.Model
        /// How many of the withheld events that model has learnt from; figures flatter it where there are any.
        public let seenCount: Int
    }

    /// What came of one recipe.
    public enum Outcome: Sendable {
        /// It was trained and judged.
        case measured(Measured)
        /// The data has not what it needs; with the reason.
        case skipped(String)
    }

    /// A recipe that was trained and judged, or a version that was judged.
    public struct Measured: Sendable {
        /// The recipe's settings; nil of a version.
        public let configuration: ModelConfiguration?
        /// Its figures.
        public let report: EvaluationReport
        /// How long it trained, with the search for its settings; nil of a version.
        public let trainSeconds: Double?
        /// Which version it is; nil of a recipe.
        public let version: Version?

        init(
            configuration: ModelConfiguration? = nil,
            report: EvaluationReport,
            trainSeconds: Double? = nil,
            version: Version? = nil
        ) {
            self.configuration = configuration
            self.report = report
            self.trainSeconds = trainSeconds
            self.version = version
        }
    }

    /// What was compared.
    public let comparison: RecipeComparison
    /// The data.
    public let data: EvaluationData
    /// The split.
    public let evaluation: Evaluation
    /// A line a recipe, then a line a version.
    public let lines: [Line]
    /// The measures that the table shows.
    var shown: [Measure] {
        let wide: [Measure] = [
            Measure(.recall, at: 20), Measure(.recall, at: 50), Measure(.normalizedDiscountedCumulativeGain, at: 100),
        ]
        let usual = [
            Measure(.normalizedDiscountedCumulativeGain, at: 10), Measure(.normalizedDiscountedCumulativeGain, at: 25),
            Measure(.reciprocalRank, at: 25), Measure(.precision, at: 10), Measure(.recall, at: 10),
        ]
        return usual + (comparison.holdOut == .strongGeneralization ? wide : [])
    }
}
