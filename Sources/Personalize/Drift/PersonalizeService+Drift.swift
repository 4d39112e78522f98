public import FoundationEssentials
public import JSON
internal import Logging

/// How imported data differs from what the versions that serve were trained on.
extension PersonalizeService {
    /// What is told when drift beyond a bound was found.
    static let driftTopic = "drift"

    // MARK: What a version was trained on

    /// Keeps what a version is trained on, beside its model, for the imports that come.
    ///
    /// A profile that cannot be made is told to the log: the version is none the worse for it.
    func keepProfile(of version: Resource) async {
        do {
            let parts = try await profiledData(of: version)
            let (files, path) = (files, files.profile(of: version.arn))
            try await BackgroundThread.run(onCancel: {}) {
                var profile = DataProfile()
                for part in parts {
                    let snapshots = try part.names.map { try Snapshot($0, in: files.data, isVerified: false) }
                    profile.datasets[part.schema.datasetType] = DatasetProfile(part.schema, snapshots)
                }
                try profile.write(to: path)
            }
        } catch {
            logger.warning(
                "data profile not kept",
                metadata: ["resource.arn": "\(version.arn)", "error": "\(reason(of: error))"]
            )
        }
    }

    /// The snapshots of a group's datasets at a training: those that were fixed for it, and for others those of now.
    private func profiledData(
        of version: Resource
    ) async throws(PersonalizeError) -> [(schema: Schema, names: [String])] {
        var parts: [(schema: Schema, names: [String])] = []
        for type in DataProfile.types {
            guard let dataset = try await dataset(type, group: version.body["datasetGroupArn"]?.string) else {
                continue
            }
            let member: String? =
                switch type {
                case .interactions: "snapshots"
                case .items: "itemSnapshots"
                default: nil
                }
            var names = member.flatMap { version.body[$0]?.array?.compactMap(\.string) }
            if names == nil { names = try await snapshots(of: dataset.arn).map(\.name) }
            parts.append((try await schema(of: dataset), names ?? []))
        }
        return parts
    }

    // MARK: What an import brings

    /// How a dataset differs, with what an import brings, from what each serving version of its group was trained on.
    ///
    /// - Returns: `datasetType`, `score` and `reports`; `nil` when no version serves, or none has a profile. A comparison that
    ///   cannot be made is told to the log and fails no import.
    func drift(of dataset: Resource, _ schema: Schema, with names: [String]) async -> JSON? {
        do {
            guard let group = dataset.parentArn, DataProfile.types.contains(schema.datasetType) else { return nil }
            let references = try await references(schema.datasetType, group: group)
            guard !references.isEmpty else { return nil }
            let files = files
            let reports = try await BackgroundThread.run(onCancel: {}) {
                let snapshots = try names.map { try Snapshot($0, in: files.data, isVerified: false) }
                return references.map { reference -> JSON in
                    let current = DatasetProfile(schema, snapshots, inBinsOf: reference.profile)
                    var json = DriftReport(from: reference.profile, to: current, schema.datasetType).json
                    json["solutionVersionArns"] = .array(reference.versions.map(JSON.string))
                    return json
                }
            }
            return [
                "datasetType": .string(schema.datasetType.word),
                "score": .double(reports.compactMap { $0["score"]?.double }.max() ?? 0),
                "reports": .array(reports),
            ]
        } catch {
            logger.warning(
                "drift not measured",
                metadata: ["resource.arn": "\(dataset.arn)", "error": "\(reason(of: error))"]
            )
            return nil
        }
    }

    /// What the serving versions of a group were trained on; versions of the same data stand together.
    private func references(
        _ type: DatasetType,
        group: String
    ) async throws(PersonalizeError) -> [(profile: DatasetProfile, versions: [String])] {
        var references: [(profile: DatasetProfile, versions: [String])] = []
        for arn in try await servedTrainings(of: group) {
            guard let profile = DataProfile(at: files.profile(of: arn))?.datasets[type] else { continue }
            if let place = references.firstIndex(where: { $0.profile == profile }) {
                references[place].versions.append(arn)
            } else {
                references.append((profile, [arn]))
            }
        }
        return references
    }

    /// The versions that a group's campaigns serve, and the trainings that its recommenders do.
    private func servedTrainings(of group: String) async throws(PersonalizeError) -> [String] {
        var arns: [String] = []
        for solution in try await resources(ResourceQuery(.solution, parentArn: group)) {
            for campaign in try await resources(ResourceQuery(.campaign, parentArn: solution.arn)) {
                if let arn = campaign.servedVersionArn, !arns.contains(arn) { arns.append(arn) }
            }
        }
        for recommender in try await resources(ResourceQuery(.recommender, parentArn: group)) {
            if let arn = recommender.servedTraining?.arn { arns.append(arn) }
        }
        return arns
    }

    /// What is to be told of an import's drift; nothing within the bound of the policy, or without one.
    func finding(
        _ drift: JSON?,
        of job: Resource,
        _ group: String?
    ) async throws(PersonalizeError) -> DriftFinding? {
        guard let drift, let score = drift["score"]?.double, let group else { return nil }
        guard let policy = try await driftPolicy(of: group), policy.action != .none,
            score > policy.threshold
        else { return nil }
        return DriftFinding(
            importJobArn: job.arn,
            datasetGroupArn: group,
            report: drift,
            policy: policy,
            date: now()
        )
    }
}

// MARK: - For whoever asks

extension PersonalizeService {
    /// Says what is done about drift in a dataset group, which need not exist yet.
    ///
    /// - Parameters:
    ///   - policy: The policy; `nil` for nothing but reports.
    ///   - datasetGroupArn: The dataset group.
    /// - Throws: `PersonalizeError` when the store fails.
    public func putDriftPolicy(_ policy: DriftPolicy?, of datasetGroupArn: String) async throws(PersonalizeError) {
        guard try await driftPolicy(of: datasetGroupArn) != policy else { return }
        try await reading { try await $0.put(policy, of: datasetGroupArn) }
    }

    /// What is done about drift in a dataset group.
    ///
    /// - Parameter datasetGroupArn: The dataset group.
    /// - Returns: The policy; `nil` for nothing but reports.
    /// - Throws: `PersonalizeError` when the store cannot be read.
    public func driftPolicy(of datasetGroupArn: String) async throws(PersonalizeError) -> DriftPolicy? {
        try await reading { try await $0.driftPolicy(of: datasetGroupArn) }
    }

    /// How the data of a group has drifted, by the last import into each of its datasets.
    ///
    /// - Parameter datasetGroupArn: The dataset group.
    /// - Returns: `policy`, where there is one, and `datasets`: for each that was imported `datasetType`,
    ///   `datasetImportJobArn`, `importDateTime` and, where a version served then, `score` and a report a distinct training
    ///   in `reports`.
    /// - Throws: `PersonalizeError` with `resourceNotFound`.
    public func describeDrift(of datasetGroupArn: String) async throws(PersonalizeError) -> JSON {
        let group = try await resource(.datasetGroup, datasetGroupArn)
        var datasets: [JSON] = []
        for type in DataProfile.types {
            guard let dataset = try await dataset(type, group: group.arn) else { continue }
            let query = ResourceQuery(
                .datasetImportJob,
                parentArn: dataset.arn,
                statuses: [.active],
                limit: 1,
                isNewestFirst: true
            )
            guard let job = try await resources(query).first else { continue }
            var entry: JSON = job.body["drift"] ?? ["datasetType": .string(type.word)]
            entry["datasetImportJobArn"] = .string(job.arn)
            entry["importDateTime"] = .seconds(of: job.updatedAt)
            datasets.append(entry)
        }
        var answer: JSON = ["datasetGroupArn": .string(datasetGroupArn), "datasets": .array(datasets)]
        answer["policy"] = try await driftPolicy(of: datasetGroupArn)?.json
        return answer
    }

    /// One element whenever drift beyond a bound was found since the last; never ends by itself, and begins with one.
    public func driftSignals() -> AsyncStream<Void> { signals(Self.driftTopic) }

    /// The findings that nobody was told yet, the oldest first.
    ///
    /// - Returns: The findings.
    /// - Throws: `PersonalizeError` when the store cannot be read.
    public func untoldDrift() async throws(PersonalizeError) -> [DriftFinding] {
        try await reading { try await $0.driftFindings() }
    }

    /// Records that a finding was told, and that what was to be done is done.
    ///
    /// - Parameter finding: The finding.
    /// - Throws: `PersonalizeError` when the store fails.
    public func acknowledge(_ finding: DriftFinding) async throws(PersonalizeError) {
        try await reading { try await $0.removeDriftFinding(of: finding.importJobArn) }
    }

    /// Whether each solution of a group has a version that was begun after a moment, and has not failed.
    ///
    /// - Parameters:
    ///   - datasetGroupArn: The dataset group.
    ///   - date: The moment.
    /// - Returns: Whether there is nothing to be trained anew because of what happened then.
    /// - Throws: `PersonalizeError` when the store cannot be read.
    public func isTrained(_ datasetGroupArn: String, since date: Date) async throws(PersonalizeError) -> Bool {
        for solution in try await resources(ResourceQuery(.solution, parentArn: datasetGroupArn)) {
            let versions = try await resources(ResourceQuery(.solutionVersion, parentArn: solution.arn))
            guard versions.contains(where: { $0.createdAt >= date && $0.isOfUse }) else { return false }
        }
        return true
    }
}

extension Resource {
    fileprivate var isOfUse: Bool { status == .active || status == .createPending || status == .createInProgress }
}
