internal import JSON
internal import Recommenders

/// A recipe as the API names and shows it; several names may stand for one algorithm.
struct CatalogEntry: Sendable {
    let name: String
    /// What is trained.
    let recipe: Recipe
    /// Hyperparameters of the AWS recipe that have no counterpart here: accepted, checked by nobody, without effect.
    var ignored: [String] = []
    /// Hyperparameters that have another name here, by the name they have in the AWS recipe.
    var renamed: [String: String] = [:]
    /// Whether trainingMode UPDATE is offered.
    var canUpdate = false
    /// What a recommender of a domain uses it for; `nil` when it is for solutions.
    var useCase: UseCase?

    var arn: String { ARN.recipePrefix + name }

    /// The answer of `DescribeRecipe`, without the member around it.
    var description: JSON {
        [
            "name": .string(name),
            "recipeArn": .string(arn),
            "algorithmArn": .string(algorithmArn),
            "featureTransformationArn": .string(featureTransformationArn),
            "status": "ACTIVE",
            "description": .string(useCase?.summary ?? recipe.description),
            "creationDateTime": .double(Self.published),
            "recipeType": .string(recipe.kind.rawValue),
            "lastUpdatedDateTime": .double(Self.published),
        ]
    }

    /// The answer of `ListRecipes` for this recipe.
    var summary: JSON {
        var summary: JSON = [
            "name": .string(name),
            "recipeArn": .string(arn),
            "status": "ACTIVE",
            "creationDateTime": .double(Self.published),
            "lastUpdatedDateTime": .double(Self.published),
        ]
        summary["domain"] = (useCase?.domain.rawValue).map(JSON.string)
        return summary
    }

    var algorithmArn: String { "arn:aws:personalize:::algorithm/\(algorithm)" }

    var featureTransformationArn: String { "arn:aws:personalize:::feature-transformation/\(name)" }

    /// What the algorithm is called, which is not always as the recipe.
    var algorithm: String { name == Recipe.trendingNow.name ? "aws-trending-now-custom" : name }

    /// The date all recipes show: 10 June 2019, when the service they are compatible with opened.
    static let published = 1_560_124_800.0

    /// What a `solutionConfig` sets that has an effect.
    ///
    /// Of `featureTransformationParameters` these are the ones that are hyperparameters here.
    func effective(_ config: JSON?) -> [String: String] {
        var effective: [String: String] = [:]
        for (name, value) in config?["algorithmHyperParameters"]?.object ?? [:] where !ignored.contains(name) {
            effective[renamed[name] ?? name] = value.string
        }
        for (name, value) in config?["featureTransformationParameters"]?.object ?? [:]
        where transformations.contains(name) { effective[name] = value.string }
        return effective
    }

    /// The hyperparameters that are given in `featureTransformationParameters`.
    var transformations: [String] {
        recipe == .trendingNow || recipe == .nextBestAction ? recipe.hyperparameters.map(\.name) : []
    }

    /// Refuses hyperparameters that the recipe does not have or that are out of range.
    func check(_ config: JSON?) throws(PersonalizeError) {
        do {
            _ = try recipe.configuration(hyperparameters: effective(config))
        } catch {
            let place = transformations.isEmpty ? "algorithmHyperParameters" : "featureTransformationParameters"
            throw PersonalizeError(.invalidInput, "solutionConfig.\(place): \(error.message)")
        }
    }
}

extension CatalogEntry {
    /// Every recipe that is offered, by name.
    static let all: [CatalogEntry] = (custom + useCases).sorted { $0.name < $1.name }

    /// The recipes that solutions are made with, by name.
    static let custom: [CatalogEntry] = [
        CatalogEntry(name: "aws-hrnn", recipe: .hrnn),
        CatalogEntry(name: "aws-hrnn-coldstart", recipe: .hrnnColdstart, canUpdate: true),
        CatalogEntry(name: "aws-hrnn-metadata", recipe: .hrnnMetadata),
        CatalogEntry(name: "aws-item-affinity", recipe: .itemAffinity),
        CatalogEntry(name: "aws-item-attribute-affinity", recipe: .itemAttributeAffinity),
        CatalogEntry(name: "aws-next-best-action", recipe: .nextBestAction),
        CatalogEntry(name: "aws-personalized-ranking", recipe: .personalizedRanking),
        CatalogEntry(
            name: "aws-personalized-ranking-v2",
            recipe: .personalizedRanking,
            renamed: ["apply_recency_bias": "recency_mask"]
        ),
        CatalogEntry(name: "aws-popularity-count", recipe: .popularityCount),
        CatalogEntry(name: "aws-semantic-similarity", recipe: .semanticSimilarity),
        CatalogEntry(
            name: "aws-similar-items",
            recipe: .similarItems,
            ignored: ["item_id_hidden_dim", "item_metadata_hidden_dim"]
        ),
        CatalogEntry(name: "aws-sims", recipe: .sims),
        CatalogEntry(name: "aws-trending-now", recipe: .trendingNow),
        CatalogEntry(name: "aws-user-personalization", recipe: .userPersonalization, canUpdate: true),
        CatalogEntry(
            name: "aws-user-personalization-v2",
            recipe: .userPersonalization,
            renamed: ["apply_recency_bias": "recency_mask"]
        ),
        CatalogEntry(name: "millrace-neighbors", recipe: .nearestUsers),
        CatalogEntry(name: "millrace-svd", recipe: .ratingPrediction),
    ]

    /// The entries by ARN.
    static let byARN: [String: CatalogEntry] = Dictionary(uniqueKeysWithValues: all.map { ($0.arn, $0) })

    /// The entry of that name which a recipe has by itself.
    static func of(_ recipe: Recipe) -> CatalogEntry {
        custom.first { $0.name == recipe.name } ?? CatalogEntry(name: recipe.name, recipe: recipe)
    }
}
