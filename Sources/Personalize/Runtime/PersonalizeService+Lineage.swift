internal import FoundationEssentials
public import JSON

extension PersonalizeService {
    /// Where an answer came from: its campaign, the solution version, what that was trained by and from which files.
    ///
    /// The id alone tells it, so that it works for as long as the version is there: after restarts, when the campaign has
    /// moved on, and when the campaign is gone. A recommender has no versions beside it; it remembers its trainings.
    ///
    /// - Parameter id: The `recommendationId` of an answer.
    /// - Returns: `recommendationId`; `campaign`, absent when it was deleted, or `recommender`; `isServed`, whether it still
    ///   serves the version; `solutionVersion`, with configuration, seed and the hash of the model, for a recommender its
    ///   training; `data`, a list of snapshots with the import jobs and files they are of.
    /// - Throws: `PersonalizeError` with `invalidInput` for what is no id, with `resourceNotFound` when the version or the
    ///   recommender is not there or no longer.
    public func lineage(_ id: String) async throws(PersonalizeError) -> JSON {
        let parsed = try RecommendationID(id)
        let isOfRecommender = parsed.source.isOfRecommender
        let server = try await numbered(parsed.source.campaign, isOfRecommender ? .recommender : .campaign)
        let version =
            isOfRecommender
            ? server?.knownTrainings.last { $0.sequence == parsed.source.version }
            : try await numbered(parsed.source.version, .solutionVersion)
        guard let version else {
            let what = isOfRecommender ? "training of a recommender" : "solution version"
            throw PersonalizeError(
                .resourceNotFound,
                "The \(what) that gave \"\(id)\" does not exist; it was deleted, or is of another home"
            )
        }
        var answer: JSON = ["recommendationId": .string(parsed.text)]
        if let server {
            answer[server.kind == .recommender ? "recommender" : "campaign"] = [
                "arn": .string(server.arn), "name": .string(server.name), "status": .string(server.status.rawValue),
            ]
        }
        let served = server.flatMap { runtime.servedVersion($0.arn) }
        answer["isServed"] = .bool(served == version.arn)
        answer["solutionVersion"] = version.trainingDescription
        answer["data"] = .array(try await trainingFiles(of: version))
        return answer
    }

    /// The resource that was numbered so when it was made.
    private func numbered(_ sequence: Int64, _ kind: ResourceKind) async throws(PersonalizeError) -> Resource? {
        guard sequence > 0 else { return nil }
        let found = try await resources(ResourceQuery(kind, after: sequence - 1, limit: 1)).first
        return found?.sequence == sequence ? found : nil
    }

    /// What is recorded of the snapshots that a training reads, when it begins.
    ///
    /// A later full import takes snapshots from their dataset, but not from the versions that learnt from them.
    func trainingSources(_ data: JSONObject, group: String?) async throws(PersonalizeError) -> JSON {
        var sources: [JSON] = []
        for dataset in try await resources(ResourceQuery(.dataset, parentArn: group)) {
            let names = Set(Self.snapshotMembers.flatMap { data[$0]?.array ?? [] }.compactMap(\.string))
            for snapshot in try await snapshots(of: dataset.arn) where names.contains(snapshot.name) {
                var source: JSON = [
                    "datasetArn": .string(dataset.arn), "datasetType": dataset.body["datasetType"] ?? .null,
                    "snapshot": .string(snapshot.name), "rowCount": JSON(snapshot.rowCount),
                    "ingestionMode": .string(snapshot.source.rawValue),
                ]
                source["datasetImportJobArn"] = snapshot.importJobArn.map(JSON.string)
                sources.append(source)
            }
        }
        return .array(sources)
    }

    /// The members of a version that name the snapshots it learns from.
    static let snapshotMembers = ["snapshots", "itemSnapshots", "actionSnapshots", "actionInteractionSnapshots"]

    private func trainingFiles(of version: Resource) async throws(PersonalizeError) -> [JSON] {
        var list: [JSON] = []
        for source in version.body["trainingSources"]?.array ?? Self.bareSources(of: version) {
            var entry = source
            entry["datasetImportJobArn"] = nil
            if let arn = source["datasetImportJobArn"]?.string {
                var job: JSON = ["datasetImportJobArn": .string(arn)]
                if let found = try await found(arn) {
                    for member in ["importMode", "dataSource", "files"] { job[member] = found.body[member] }
                    job["jobName"] = .string(found.name)
                    job["creationDateTime"] = .seconds(of: found.createdAt)
                }
                entry["datasetImportJob"] = job
            }
            list.append(entry)
        }
        return list
    }

    /// What a version of an earlier release tells: the names of the snapshots.
    private static func bareSources(of version: Resource) -> [JSON] {
        snapshotMembers.flatMap { version.body[$0]?.array ?? [] }.map { ["snapshot": $0] }
    }
}

extension Resource {
    /// What a version was trained by.
    fileprivate var trainingDescription: JSON {
        var answer: JSON = [
            "solutionVersionArn": .string(arn), "status": .string(status.rawValue),
            "creationDateTime": body["creationDateTime"] ?? .seconds(of: createdAt),
        ]
        for member in [
            "recipeArn", "recipeHash", "trainingMode", "baseVersionArn", "trainingSeed", "trainingHours", "modelHash",
            "eventType",
            "solutionConfig", "performHPO", "performAutoML", "tunedHPOParams", "trainingReason",
        ] { answer[member] = body[member] }
        return answer
    }
}
