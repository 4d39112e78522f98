internal import FoundationEssentials
internal import JSON
internal import Personalize

/// What there is of a dataset group, only by reading.
struct Survey: Sendable {
    let personalize: PersonalizeService
    let input: PipelineInput

    /// A solution version or a job.
    struct Entry: Sendable {
        let arn: String
        let status: String
        let createdAt: Date
    }

    /// What is known of a resource that exists, by the word of its operation: `described("Campaign", "campaign/films")`.
    func described(_ kind: String, _ path: String) async -> JSON? {
        let member = kind.prefix(1).lowercased() + kind.dropFirst()
        let request = JSON.object(["\(member)Arn": .string(input.arn(path))])
        return (try? await personalize.call("Describe\(kind)", request))?[member]
    }

    /// The last import into a dataset.
    func lastImport(_ type: String, of group: String) async -> ImportRecord? {
        try? await personalize.lastImport(into: input.arn("dataset/\(group)/\(type.uppercased())"))
    }

    /// The newest version of a solution that can serve.
    func newestVersion(of solution: String) async -> Entry? {
        let versions = await list(
            "SolutionVersions",
            "solutionVersions",
            arn: "solutionVersionArn",
            ["solutionArn": .string(input.arn("solution/\(solution)"))]
        )
        return versions.filter { $0.status == "ACTIVE" }.reduce(nil) { newest, version in
            newest.map { $0.createdAt <= version.createdAt ? version : $0 } ?? version
        }
    }

    /// What keeps a campaign from a version, in words; `nil` when it would be moved.
    func keepingDecision(of campaign: String, on versionARN: String) async -> String? {
        let decision = try? await personalize.keepingDecision(of: input.arn("campaign/\(campaign)"), on: versionARN)
        guard let decision else { return nil }
        return "\(decision["decision"]?.string ?? "") by \(decision["decidedBy"]?.string ?? ""), "
            + (decision["reason"]?.string ?? "")
    }

    /// When a solution was last asked in bulk with success, or is being asked.
    func lastBatch(_ kind: PipelineConfiguration.BatchJob.Kind, of solution: String) async -> Date? {
        let operation = kind == .inference ? "BatchInferenceJobs" : "BatchSegmentJobs"
        let member = "b\(operation.dropFirst())"
        let versions = "\(input.arn("solution/\(solution)"))/"
        let jobs = await pages("List\(operation)", member, [:]).filter { job in
            job["solutionVersionArn"]?.string?.hasPrefix(versions) == true && job["status"] != "CREATE FAILED"
        }
        return jobs.compactMap { $0["creationDateTime"]?.double }.max().map(Date.init(timeIntervalSince1970:))
    }

    /// The names of a group's resources of a kind: `names("Filters", "Filters", of: "shop")`.
    func names(_ operation: String, _ member: String, of group: String) async -> [String] {
        let request: JSON = ["datasetGroupArn": .string(input.arn("dataset-group/\(group)"))]
        return await pages("List\(operation)", member, request).compactMap { $0["name"]?.string }
    }

    /// The names of a solution's campaigns.
    func campaigns(of solution: String) async -> [String] {
        let request: JSON = ["solutionArn": .string(input.arn("solution/\(solution)"))]
        return await pages("ListCampaigns", "campaigns", request).compactMap { $0["name"]?.string }
    }

    private func list(_ operation: String, _ member: String, arn: String, _ request: JSON) async -> [Entry] {
        await pages("List\(operation)", member, request).compactMap { entry in
            guard let arn = entry[arn]?.string, let seconds = entry["creationDateTime"]?.double else { return nil }
            return Entry(
                arn: arn,
                status: entry["status"]?.string ?? "",
                createdAt: Date(timeIntervalSince1970: seconds)
            )
        }
    }

    private func pages(_ operation: String, _ member: String, _ request: JSON) async -> [JSON] {
        var request = request
        request["maxResults"] = 100
        var entries: [JSON] = []
        while let page = try? await personalize.call(operation, request) {
            entries += page[member]?.array ?? []
            guard let token = page["nextToken"]?.string else { break }
            request["nextToken"] = .string(token)
        }
        return entries
    }
}
