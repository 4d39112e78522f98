internal import JSON
internal import Recommenders

/// Which columns of the datasets a training learns from, by a `trainingDataConfig`; all when there is none.
struct TrainingColumns: Sendable {
    private var excluded: [DatasetType: Set<String>] = [:]
    private var included: [DatasetType: Set<String>] = [:]

    /// What a configuration says.
    init(_ config: JSON?) {
        excluded = Self.names(config?["excludedDatasetColumns"])
        included = Self.names(config?["includedDatasetColumns"])
    }

    /// Whether a column takes part.
    func contains(_ column: String, of type: DatasetType) -> Bool {
        if let included = included[type], !included.contains(column) { return false }
        return excluded[type]?.contains(column) != true
    }

    private static func names(_ columns: JSON?) -> [DatasetType: Set<String>] {
        (columns?.object ?? [:]).reduce(into: [:]) { names, entry in
            guard let type = DatasetType(named: entry.key) else { return }
            names[type, default: []].formUnion((entry.value.array ?? []).compactMap(\.string))
        }
    }
}

extension PersonalizeService {
    /// Refuses a solution's `trainingDataConfig` that names what the group's datasets do not have.
    func checkColumns(of solution: JSON, _ group: Resource) async throws(PersonalizeError) {
        let config = solution["solutionConfig"]
        var needed: Set<String> = []
        let events = config?["eventsConfig"]?["eventParametersList"]?.array ?? []
        if solution["eventType"]?.string != nil || !events.isEmpty { needed.insert("EVENT_TYPE") }
        if config?["eventValueThreshold"]?.string != nil || events.contains(where: { $0["eventValueThreshold"] != nil })
            || solution["recipeArn"]?.string.flatMap({ CatalogEntry.byARN[$0] })?.recipe.learnsRatings == true
        {
            needed.insert("EVENT_VALUE")
        }
        try await check(
            columns: config?["trainingDataConfig"],
            at: "solutionConfig.trainingDataConfig",
            needed: needed,
            group
        )
    }

    /// Refuses a `trainingDataConfig` that names unknown datasets or columns, or leaves out what training needs.
    func check(
        columns config: JSON?,
        at path: String,
        needed: Set<String>,
        _ group: Resource
    ) async throws(PersonalizeError) {
        let needed = needed.union(["USER_ID", "ITEM_ID", "TIMESTAMP"])
        for member in ["excludedDatasetColumns", "includedDatasetColumns"] {
            for (name, columns) in config?[member]?.object ?? [:] {
                let place = "\(path).\(member).\(name)"
                guard let type = DatasetType(named: name), let dataset = try await dataset(type, group: group.arn)
                else {
                    throw PersonalizeError(.invalidInput, "\(place): DatasetGroup \"\(group.arn)\" has no such dataset")
                }
                let known = try await schema(of: dataset).columns.map(\.name)
                let given = (columns.array ?? []).compactMap(\.string)
                if let unknown = given.first(where: { !known.contains($0) }) {
                    let hint = NearestName.find(unknown, among: known).map { ", did you mean \"\($0)\"?" } ?? ""
                    throw PersonalizeError(
                        .invalidInput,
                        "\(place): \"\(unknown)\" is no column of \"\(dataset.arn)\"\(hint)"
                    )
                }
                let left = member == "excludedDatasetColumns" ? Set(known).subtracting(given) : Set(given)
                if let missing = needed.intersection(known).subtracting(left).min() {
                    throw PersonalizeError(.invalidInput, "\(place) leaves out \(missing), which training needs")
                }
            }
        }
    }
}
