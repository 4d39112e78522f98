/// The settings of one of the algorithms.
public enum ModelConfiguration: Sendable, Equatable {
    /// Popular items.
    case popularity
    /// Item–item similarity.
    case itemSimilarity(ItemSimilarity.Configuration)
    /// Matrix factorisation.
    case alternatingLeastSquares(AlternatingLeastSquares.Configuration)
    /// Prediction of ratings.
    case biasedFactorization(BiasedFactorization.Configuration)
    /// Nearest users.
    case nearestUsers(NearestUsers.Configuration)
    /// A recurrent network.
    case recurrentNetwork(RecurrentNetwork.Configuration)
    /// Rising items.
    case trending(Trending.Configuration)
    /// Next best actions.
    case nextBestAction(NextBestAction.Configuration)

    /// The name of the algorithm: `popularity`, `trending`, `item-similarity`, `similar-items`, `text-similarity`, `ease`,
    /// `als`, `svd`, `neighbors`, `gru`, `next-best-action`.
    public var algorithm: String {
        switch self {
        case .popularity: "popularity"
        case .itemSimilarity(let configuration):
            switch configuration.weighting {
            case .shallowAutoencoder: "ease"
            case .blended: "similar-items"
            case .texts: "text-similarity"
            case .popularityDiscount, .bm25, .tfIdf: "item-similarity"
            }
        case .alternatingLeastSquares: "als"
        case .biasedFactorization: "svd"
        case .nearestUsers: "neighbors"
        case .recurrentNetwork: "gru"
        case .trending: "trending"
        case .nextBestAction: "next-best-action"
        }
    }

    /// Learns from interactions with these settings.
    ///
    /// - Parameters:
    ///   - data: What to learn from.
    ///   - context: Threads, seed, progress and cancellation.
    /// - Returns: The trained model.
    /// - Throws: `CancellationError` when it is cancelled, `RecommenderError` with `insufficientData` without events.
    public func fit(_ data: Interactions, context: TrainingContext) throws -> TrainedModel {
        switch self {
        case .popularity:
            .popularity(try .fit(data, configuration: .init(), context: context))
        case .itemSimilarity(let configuration):
            .itemSimilarity(try .fit(data, configuration: configuration, context: context))
        case .alternatingLeastSquares(let configuration):
            .alternatingLeastSquares(try .fit(data, configuration: configuration, context: context))
        case .biasedFactorization(let configuration):
            .biasedFactorization(try .fit(data, configuration: configuration, context: context))
        case .nearestUsers(let configuration):
            .nearestUsers(try .fit(data, configuration: configuration, context: context))
        case .recurrentNetwork(let configuration):
            .recurrentNetwork(try .fit(data, configuration: configuration, context: context))
        case .trending(let configuration):
            .trending(try .fit(data, configuration: configuration, context: context))
        case .nextBestAction(let configuration):
            .nextBestAction(try .fit(data, configuration: configuration, context: context))
        }
    }

    /// The settings by the names of the hyperparameters.
    public var hyperparameters: [String: String] {
        switch self {
        case .popularity: [:]
        case .itemSimilarity(let configuration): configuration.hyperparameters
        case .alternatingLeastSquares(let configuration):
            [
                "hidden_dimension": "\(configuration.factors)",
                "epochs": "\(configuration.epochs)",
                "regularization": "\(configuration.regularization)",
                "unobserved_weight": "\(configuration.unobservedWeight)",
                "recency_mask": "\(configuration.recency.halfLife > 0)",
            ]
        case .biasedFactorization(let configuration): configuration.hyperparameters
        case .nearestUsers(let configuration): configuration.hyperparameters
        case .recurrentNetwork(let configuration): configuration.hyperparameters
        case .trending(let configuration): configuration.hyperparameters
        case .nextBestAction(let configuration):
            ["action_optimization_period": "\(configuration.optimizationPeriod)"]
        }
    }
}

extension Recipe {
    /// The settings that a map of hyperparameters makes; what is not in it has its default.
    ///
    /// - Parameter hyperparameters: Values by name, as in `algorithmHyperParameters`.
    /// - Returns: The settings of the recipe's algorithm.
    /// - Throws: `RecommenderError` with `invalidHyperparameter` for an unknown name or a value out of its range.
    public func configuration(
        hyperparameters: [String: String] = [:]
    ) throws(RecommenderError) -> ModelConfiguration {
        for (name, value) in hyperparameters.sorted(by: { $0.key < $1.key }) {
            guard let known = self.hyperparameters.first(where: { $0.name == name }) else { throw unknown(name) }
            try known.validate(value, recipe: self)
        }
        switch self {
        case .popularityCount: return .popularity
        case .sims: return .itemSimilarity(similarity(hyperparameters))
        case .similarItems: return .itemSimilarity(similarItems(hyperparameters))
        case .semanticSimilarity: return .itemSimilarity(ItemSimilarity.Configuration(weighting: .texts))
        case .trendingNow: return .trending(trending(hyperparameters))
        case .nearestUsers: return .nearestUsers(nearestUsers(hyperparameters))
        case .ratingPrediction: return .biasedFactorization(ratingPrediction(hyperparameters))
        case .userPersonalization, .personalizedRanking, .itemAffinity, .itemAttributeAffinity:
            return .alternatingLeastSquares(factorization(hyperparameters))
        case .hrnn, .hrnnMetadata, .hrnnColdstart: return .recurrentNetwork(recurrence(hyperparameters))
        case .nextBestAction: return .nextBestAction(try NextBestAction.Configuration(hyperparameters: hyperparameters))
        }
    }

    private func similarity(_ values: [String: String]) -> ItemSimilarity.Configuration {
        var configuration = ItemSimilarity.Configuration()
        configuration.popularityDiscountFactor.set(values["popularity_discount_factor"])
        configuration.minimumCointeractionCount.set(values["min_cointeraction_count"])
        return configuration
    }

    private func similarItems(_ values: [String: String]) -> ItemSimilarity.Configuration {
        var configuration = ItemSimilarity.Configuration()
        var strength = ItemSimilarity.Weighting.defaultStrength
        configuration.popularityDiscountFactor.set(values["popularity_discount_factor"])
        strength.set(values["prior_strength"])
        configuration.weighting = .blended(strength: strength)
        return configuration
    }

    private func trending(_ values: [String: String]) -> Trending.Configuration {
        let name = values["trend_discovery_frequency"]
        let known = Trending.Configuration.frequencies.first { $0.name == name }
        return known.map { Trending.Configuration(interval: $0.interval) } ?? Trending.Configuration()
    }

    private func factorization(_ values: [String: String]) -> AlternatingLeastSquares.Configuration {
        var configuration = AlternatingLeastSquares.Configuration()
        configuration.factors.set(values["hidden_dimension"])
        configuration.epochs.set(values["epochs"])
        configuration.regularization.set(values["regularization"])
        configuration.unobservedWeight.set(values["unobserved_weight"])
        if values["recency_mask"]?.lowercased() == "false" { configuration.recency = .none }
        return configuration
    }

    private func ratingPrediction(_ values: [String: String]) -> BiasedFactorization.Configuration {
        var configuration = BiasedFactorization.Configuration()
        configuration.factors.set(values["n_factors"])
        configuration.epochs.set(values["n_epochs"])
        configuration.learningRate.set(values["lr_all"])
        configuration.regularization.set(values["reg_all"])
        configuration.initialMean.set(values["init_mean"])
        configuration.initialDeviation.set(values["init_std_dev"])
        return configuration
    }

    private func nearestUsers(_ values: [String: String]) -> NearestUsers.Configuration {
        var configuration = NearestUsers.Configuration()
        configuration.neighbours.set(values["neighbors"])
        configuration.likedThreshold.set(values["liked_threshold"])
        configuration.columns.set(values["dimensions"])
        configuration.recall.set(values["recall"])
        return configuration
    }

    private func recurrence(_ values: [String: String]) -> RecurrentNetwork.Configuration {
        var configuration = RecurrentNetwork.Configuration()
        configuration.units.set(values["hidden_dimension"])
        configuration.steps.set(values["bptt"])
        configuration.epochs.set(values["epochs"])
        configuration.favoursRecent = values["recency_mask"]?.lowercased() != "false"
        switch self {
        case .hrnnMetadata: configuration.features = .metadata
        case .hrnnColdstart: configuration.features = .coldstart(coldStart(values))
        default: break
        }
        return configuration
    }

    private func coldStart(_ values: [String: String]) -> RecurrentNetwork.ColdStart {
        var start = RecurrentNetwork.ColdStart()
        start.maximumInteractions.set(values["cold_start_max_interactions"])
        start.maximumDays.set(values["cold_start_max_duration"])
        start.isRelativeToLatestItem = values["cold_start_relative_from"] == "latestItem"
        return start
    }

    /// A hyperparameter that the recipe does not have.
    func unknown(_ hyperparameter: String) -> RecommenderError {
        Hyperparameter.unknown(hyperparameter, among: hyperparameters, of: name)
    }
}

extension LosslessStringConvertible {
    /// Takes the value of a text that has been checked, if there is one.
    fileprivate mutating func set(_ text: String?) {
        if let text, let value = Self(text) { self = value }
    }
}
