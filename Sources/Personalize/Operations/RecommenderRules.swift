internal import JSON

/// The rules of recommenders and their configuration.
enum RecommenderRules {
    /// What exploration is set by, with what it is when nothing is said.
    static let exploration = [("explorationItemAgeCutOff", "30.0"), ("explorationWeight", "0.3")]

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
    static func completed(_ config: JSON?, _ entry: CatalogEntry) -> JSON {
        var config = config ?? [:]
        if config["minRecommendationRequestsPerSecond"] == nil { config["minRecommendationRequestsPerSecond"] = 1 }
        guard entry.useCase?.explores == true else { return config }
        var settings = config["itemExplorationConfig"] ?? [:]
        for (name, value) in exploration where settings[name] == nil { settings[name] = .string(value) }
        config["itemExplorationConfig"] = settings
        return config
    }

    /// Refuses exploration where there is none, and settings of it that make no sense.
    static func checkExploration(_ config: JSON?, _ entry: CatalogEntry) throws(PersonalizeError) {
        let path = "recommenderConfig.itemExplorationConfig"
        guard let settings = config?.object, !settings.isEmpty else { return }
        guard entry.useCase?.explores == true else {
            throw PersonalizeError(.invalidInput, "\(path) is not for recipe \(entry.name); leave it out")
        }
        for (name, value) in settings {
            let range: ClosedRange<Double>
            switch name {
            case "explorationWeight": range = 0...1
            case "explorationItemAgeCutOff": range = 0...1_000_000
            default:
                let names = exploration.map(\.0).joined(separator: " and ")
                throw PersonalizeError(.invalidInput, "\(path).\(name) is not known; there are \(names)")
            }
            guard let text = value.string, let number = Double(text), range.contains(number) else {
                throw PersonalizeError(
                    .invalidInput,
                    "\(path).\(name) \"\(value.string ?? value.text)\" must be a number from \(range.lowerBound) to "
                        + "\(range.upperBound)"
                )
            }
        }
    }
}

extension PersonalizeService {
    /// Refuses a recommender's configuration that its use case or its group's datasets do not have.
    func check(_ config: JSON, _ entry: CatalogEntry, _ group: Resource) async throws(PersonalizeError) {
        try RecommenderRules.checkExploration(config["itemExplorationConfig"], entry)
        let needed: Set<String> = entry.useCase?.eventType == nil ? [] : ["EVENT_TYPE"]
        try await check(
            columns: config["trainingDataConfig"],
            at: "recommenderConfig.trainingDataConfig",
            needed: needed,
            group
        )
    }
}
