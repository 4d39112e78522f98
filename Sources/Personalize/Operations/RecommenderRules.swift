internal import JSON

/// The rules of recommenders and their configuration.
enum RecommenderRules {
    /// The use case of a recipe, which must be of the group's domain.
    static func entry(_ recipeArn: String, in group: Resource) throws(PersonalizeError) -> CatalogEntry {
        guard let entry = CatalogEntry.byARN[recipeArn] else { throw .missing("Recipe", recipeArn) }
        guard let useCase = entry.useCase else {
            throw PersonalizeError(
                .invalidInput,
                "recipeArn \"\(recipeArn)\" is no use case of a domain; make a solution of it, with CreateSolution"
            )
        }
        guard group.body["domain"]?.string == useCase.domain.rawValue else {
            let domain = group.body["domain"]?.string.map { "is of the \($0) domain" } ?? "has no domain"
            throw PersonalizeError(
                .invalidInput,
                "DatasetGroup \"\(group.arn)\" \(domain), and recipe \"\(recipeArn)\" is for \(useCase.domain.rawValue)"
            )
        }
        return entry
    }

    /// A configuration with what holds where it says nothing.
    static func completed(_ config: JSON, _ entry: CatalogEntry) -> JSON {
        var config = Exploration.completed(config, of: entry) ?? [:]
        if config["minRecommendationRequestsPerSecond"] == nil { config["minRecommendationRequestsPerSecond"] = 1 }
        return config
    }
}

extension PersonalizeService {
    /// Refuses a recommender's configuration that its use case or its group's datasets do not have.
    func check(_ config: JSON, _ entry: CatalogEntry, _ group: Resource) async throws(PersonalizeError) {
        try Exploration.check(config, of: entry, at: "recommenderConfig")
        let needed: Set<String> = entry.useCase?.eventType == nil ? [] : ["EVENT_TYPE"]
        try await check(
            columns: config["trainingDataConfig"],
            at: "recommenderConfig.trainingDataConfig",
            needed: needed,
            group
        )
    }
}
