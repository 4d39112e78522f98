internal import JSON

extension PersonalizeService {
    /// Whether a version of a solution may be trained on from an earlier one.
    ///
    /// - Throws: `PersonalizeError` with `invalidInput` when the recipe cannot, when no version was trained in full by the
    ///   solution's present configuration, or when no data came since.
    func checkUpdateTraining(of solution: Resource) async throws(PersonalizeError) {
        let recipe = solution.body["recipeArn"]?.string ?? ""
        guard CatalogEntry.byARN[recipe]?.canUpdate == true else {
            throw PersonalizeError(.invalidInput, "trainingMode UPDATE is not for recipe \"\(recipe)\"; use FULL")
        }
        guard let full = try await trainedVersions(of: solution, like: solution).last(where: \.isFullyTrained) else {
            throw PersonalizeError(
                .invalidInput,
                "Solution \"\(solution.arn)\" has no ACTIVE version that was trained in full by its present "
                    + "configuration; use trainingMode FULL first"
            )
        }
        guard try await hasNewData(since: full) else {
            throw PersonalizeError(
                .invalidInput,
                "There should be updates to at least one dataset after last active solution version "
                    + "with training mode set to FULL"
            )
        }
    }

    /// Whether the datasets of a version's group hold other rows than those it was trained on.
    private func hasNewData(since version: Resource) async throws(PersonalizeError) -> Bool {
        let group = version.body["datasetGroupArn"]?.string
        if let group { try await sealDatasets(of: group) }
        guard try await deletions(since: version).isEmpty else { return true }
        for (member, type) in [("snapshots", DatasetType.interactions), ("itemSnapshots", .items)] {
            let trained = Set((version.body[member]?.array ?? []).compactMap(\.string))
            let dataset = try await dataset(type, group: group)
            let present = if let dataset { try await snapshots(of: dataset.arn) } else { [DatasetSnapshot]() }
            // Snapshots that were only merged hold the same rows under another name.
            let known = Set(present.flatMap { $0.parts.flatMap(\.names) + [$0.name] })
            if !trained.isSubset(of: known) || present.contains(where: { !$0.rows(notIn: trained).isEmpty }) {
                return true
            }
        }
        return false
    }

    /// The version that an update learns on from, the newest there is; nil where the training is no update.
    func base(of version: Resource) async throws(PersonalizeError) -> Resource? {
        guard version.body["trainingMode"] == "UPDATE", let parent = version.parentArn else { return nil }
        let solution = try await resource(.solution, parent)
        guard let base = try await trainedVersions(of: solution, like: version).last else {
            throw PersonalizeError(
                .invalidInput,
                "The versions that this one was to learn on from are gone; use trainingMode FULL"
            )
        }
        return base
    }

    /// The ACTIVE versions of a solution that have a configuration, the newest last.
    private func trainedVersions(
        of solution: Resource,
        like model: Resource
    ) async throws(PersonalizeError) -> [Resource] {
        let query = ResourceQuery(.solutionVersion, parentArn: solution.arn, statuses: [.active])
        return try await resources(query).filter { $0.hasConfiguration(of: model) }
    }
}

extension Resource {
    /// Whether a version was trained from nothing.
    fileprivate var isFullyTrained: Bool { body["trainingMode"] == "FULL" }

    /// The configuration without when it is trained.
    private var trainedConfig: JSON {
        var config = body["solutionConfig"] ?? [:]
        config["autoTrainingConfig"] = nil
        return config
    }

    /// Whether two versions, or a version and its solution, say alike what is learnt and how.
    fileprivate func hasConfiguration(of other: Resource) -> Bool {
        ["recipeArn", "eventType", "datasetGroupArn"].allSatisfy { body[$0] == other.body[$0] }
            && trainedConfig == other.trainedConfig
    }
}
