extension Trainer {
    /// A recipe with settings that is to be measured.
    struct Setting: Sendable {
        let recipe: Recipe
        let hyperparameters: [String: String]
        let configuration: ModelConfiguration

        init(_ recipe: Recipe, _ configuration: ModelConfiguration) {
            self.recipe = recipe
            self.configuration = configuration
            hyperparameters = configuration.hyperparameters
        }

        init(_ recipe: Recipe, _ hyperparameters: [String: String] = [:]) throws(RecommenderError) {
            self.recipe = recipe
            self.hyperparameters = hyperparameters
            configuration = try recipe.configuration(hyperparameters: hyperparameters)
        }
    }

    /// The recipe's settings, or what the metrics choose among.
    func settings() throws(RecommenderError) -> [Setting] {
        if let recipe { return [try Setting(recipe, hyperparameters)] }
        if let name = hyperparameters.keys.min() ?? tuning?.ranges.map(\.name).min() {
            throw RecommenderError(
                .invalidHyperparameter,
                "hyperparameter \"\(name)\" needs a recipe; without one the metrics choose recipe and settings"
            )
        }
        guard candidateRecipes.isEmpty else {
            var settings: [Setting] = []
            for recipe in candidateRecipes { settings.append(try Setting(recipe)) }
            return settings
        }
        return Self.defaultCandidates
    }

    /// What the metrics choose among when no recipes are named; the simplest come first.
    private static var defaultCandidates: [Setting] {
        let personal = similarities + factorizations + autoencoders
        return [Setting(.popularityCount, .popularity)] + personal.map { Setting(.userPersonalization, $0) }
    }

    /// Whether what people like changes soon, slowly or not at all is the first thing to find out of data.
    private static let recencies = [Recency.none, Recency(halfLife: 4, floor: 0.1), Recency(halfLife: 4)]

    private static var similarities: [ModelConfiguration] {
        let weightings: [ItemSimilarity.Weighting] = [
            .popularityDiscount, .bm25(saturation: 1.2, lengthNormalization: 0.75),
        ]
        return weightings.flatMap { weighting in
            recencies.map { .itemSimilarity(.init(weighting: weighting, recency: $0)) }
        }
    }

    private static var factorizations: [ModelConfiguration] {
        let standard = AlternatingLeastSquares.Configuration()
        var strict = standard
        strict.regularization *= 4
        var (small, large) = (standard, standard)
        small.factors = 32
        large.factors = 128
        let lasting = [standard, strict, large].map { configuration in
            var lasting = configuration
            lasting.recency = .none
            return lasting
        }
        return ([standard, strict, small, large] + lasting).map { .alternatingLeastSquares($0) }
    }

    /// EASE; where its matrix is too large, it is passed over.
    private static var autoencoders: [ModelConfiguration] {
        [30.0, 100, 300, 1000].flatMap { regularization in
            recencies.map { recency in
                ItemSimilarity.Configuration(
                    weighting: .shallowAutoencoder(regularization: regularization, ownShare: 0.3),
                    neighbours: 500,
                    recency: recency
                )
            }
        }
        .map { .itemSimilarity($0) }
    }
}

extension ModelConfiguration {
    /// How a history counts, where that is nothing to be learnt, and so can be changed in a model that is there.
    fileprivate var recency: Recency? {
        get {
            if case .itemSimilarity(let configuration) = self { configuration.recency } else { nil }
        }
        set {
            if case .itemSimilarity(var configuration) = self, let newValue {
                configuration.recency = newValue
                self = .itemSimilarity(configuration)
            }
        }
    }
}

/// The model that was trained last, for the next candidate if it differs only in how a history counts.
struct LastModel {
    private var last: (configuration: ModelConfiguration, model: TrainedModel)?

    /// The model.
    var model: TrainedModel? { last?.model }

    /// Trains a model, or takes the last one.
    mutating func fit(
        _ configuration: ModelConfiguration,
        _ data: Interactions,
        context: TrainingContext
    ) throws -> TrainedModel {
        if let last, let recency = configuration.recency {
            var same = last.configuration
            same.recency = recency
            if same == configuration, case .itemSimilarity(let model) = last.model {
                context.progress(TrainingProgress(stage: "evaluating", fraction: 1))
                return .itemSimilarity(model.counting(recency))
            }
        }
        let model = try configuration.fit(data, context: context)
        last = (configuration, model)
        return model
    }
}
