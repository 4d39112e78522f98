internal import DurableFiles
public import FoundationEssentials
internal import JSON
internal import Logging

/// Something that nobody needs any more.
public struct Removable: Sendable, Equatable {
    /// What kind of thing it is.
    public enum Kind: String, Sendable, CaseIterable {
        case solutionVersion, snapshot, job
    }

    /// What it is.
    public let kind: Kind
    /// Its ARN, or the name of its file.
    public let name: String
    /// What it takes on the disk.
    public let bytes: Int
    /// Why it may go.
    public let reason: String
}

/// How much of what the service made is kept.
public struct RetentionPolicy: Sendable {
    /// How many of a solution's newest versions are kept, beside those that are needed.
    public var versions = 10
    /// How long records of imports and batch jobs are kept after their end, in seconds.
    public var jobAge: TimeInterval = 90 * 86_400

    /// The defaults.
    public init() {}
}

extension PersonalizeService {
    /// What a policy lets go: versions, the snapshots that only they were trained on, and records of jobs.
    ///
    /// Whatever a campaign serves or may be rolled back to, waits to be promoted, is tried out or is being made stays,
    /// and so do the data of each version that stays.
    ///
    /// - Parameter policy: What is kept.
    /// - Returns: What may go; snapshots only while nothing is being imported, trained or deleted.
    /// - Throws: `PersonalizeError` when the store cannot be read.
    public func removable(_ policy: RetentionPolicy) async throws(PersonalizeError) -> [Removable] {
        let versions = try await removableVersions(policy)
        let jobs = try await removableJobs(policy)
        let data = try await removableData(besides: Set(versions.map(\.name)))
        return versions + data + jobs
    }

    /// Removes what a policy lets go, each with its row first and its files after that commit; `run` must be going on.
    ///
    /// - Parameter policy: What is kept.
    /// - Returns: What is gone.
    /// - Throws: `PersonalizeError` when the store cannot be read or written, `CancellationError`.
    @discardableResult
    public func remove(_ policy: RetentionPolicy) async throws -> [Removable] {
        var gone: [Removable] = []
        for version in try await removableVersions(policy) {
            do throws(PersonalizeError) {
                try await deleteVersion(version.name)
            } catch {
                // It has come into use meanwhile, or somebody else deletes it.
                guard error.code == .resourceInUse || error.code == .resourceNotFound else { throw error }
                continue
            }
            if try await waitUntilSettled(version.name) == nil { gone.append(version) }
        }
        for job in try await removableJobs(policy) {
            var transition = ResourceTransition()
            transition.deletes = [job.name]
            if try await save(transition) { gone.append(job) }
        }
        return gone + (try await removeUnneededData())
    }

    // MARK: Versions

    private func removableVersions(_ policy: RetentionPolicy) async throws(PersonalizeError) -> [Removable] {
        var needed = Set(try await neededVersions().keys)
        var found: [Removable] = []
        for solution in try await resources(ResourceQuery(.solution)) {
            let query = ResourceQuery(.solutionVersion, parentArn: solution.arn, isNewestFirst: true)
            let versions = try await resources(query)
            // What is being trained learns on from its base, and a later update needs a version that was trained in full.
            needed.formUnion(versions.filter { !$0.status.isSettled }.compactMap { $0.body["baseVersionArn"]?.string })
            if let full = versions.first(where: { $0.status == .active && $0.body["trainingMode"] != "UPDATE" }) {
                needed.insert(full.arn)
            }
            let isActive: (Resource) -> Bool = { $0.status == .active }
            let old =
                versions.filter(isActive).dropFirst(policy.versions)
                + versions.filter { $0.status.isSettled && !isActive($0) }.dropFirst(policy.versions)
            for version in old where !needed.contains(version.arn) {
                guard try await !hasRecentJobs(version, policy) else { continue }
                found.append(
                    Removable(
                        kind: .solutionVersion,
                        name: version.arn,
                        bytes: files.bytes(ofVersion: version.arn),
                        reason: "\(policy.versions) newer ones, and no campaign needs it"
                    )
                )
            }
        }
        return found
    }

    /// Whether batch jobs of a version are going on, or so recent that their records stay.
    private func hasRecentJobs(_ version: Resource, _ policy: RetentionPolicy) async throws(PersonalizeError) -> Bool {
        let date = now().addingTimeInterval(-policy.jobAge)
        return try await resources(ResourceQuery(parentArn: version.arn)).contains {
            !$0.status.isSettled || $0.updatedAt >= date
        }
    }

    // MARK: Jobs

    private func removableJobs(_ policy: RetentionPolicy) async throws(PersonalizeError) -> [Removable] {
        let date = now().addingTimeInterval(-policy.jobAge)
        let query = ResourceQuery(
            .datasetImportJob,
            .batchInferenceJob,
            .batchSegmentJob,
            .datasetExportJob,
            statuses: ResourceStatus.allCases.filter(\.isSettled),
            isNewestFirst: true
        )
        let named = try await namedImportJobs()
        var newest: Set<String> = []
        var found: [Removable] = []
        for job in try await resources(query) {
            // The last of each is what people ask for.
            guard !newest.insert("\(job.kind.rawValue) of \(job.parentArn ?? "")").inserted else { continue }
            guard job.updatedAt < date, !named.contains(job.arn) else { continue }
            let days = Int(now().timeIntervalSince(job.updatedAt) / 86_400)
            found.append(
                Removable(kind: .job, name: job.arn, bytes: job.body.text.utf8.count, reason: "ended \(days) days ago")
            )
        }
        return found
    }

    /// The import jobs that a dataset's rows came by, or that the lineage of a version names.
    private func namedImportJobs() async throws(PersonalizeError) -> Set<String> {
        var named: Set<String> = []
        for dataset in try await resources(ResourceQuery(.dataset)) {
            named.formUnion(try await snapshots(of: dataset.arn).compactMap(\.importJobArn))
        }
        for version in try await trainings() {
            let sources = version.body["trainingSources"]?.array ?? []
            named.formUnion(sources.compactMap { $0["datasetImportJobArn"]?.string })
        }
        return named
    }

    // MARK: Snapshots

    /// Removes snapshots that belong to no dataset and from which nothing was trained.
    ///
    /// Nobody can begin an import or a training meanwhile, nor seal: its file is not recorded before it is there, and it
    /// may have the name of one that is removed.
    private func removeUnneededData() async throws(PersonalizeError) -> [Removable] {
        try await gate.alone { () async throws(PersonalizeError) in
            try await sealing.alone { () async throws(PersonalizeError) in
                var gone: [Removable] = []
                for file in try await removableData() {
                    do {
                        try Files.remove("\(files.data)/\(file.name)")
                        gone.append(file)
                    } catch {
                        logger.warning("snapshot not removed", metadata: ["error": "\(error)"])
                    }
                }
                return gone
            }
        }
    }

    private func removableData(besides versions: Set<String> = []) async throws(PersonalizeError) -> [Removable] {
        let busy = ResourceQuery(
            .dataset,
            .datasetImportJob,
            .datasetExportJob,
            .dataDeletionJob,
            .solutionVersion,
            .recommender,
            statuses: ResourceStatus.allCases.filter { !$0.isSettled && $0 != .deletePending }
        )
        guard try await count(busy) == 0,
            try await !resources(ResourceQuery(.dataset, .recommender)).contains(where: \.isUpdating)
        else { return [] }
        let needed = try await neededData(besides: versions)
        let names: [String]
        do {
            names = try DirectoryListing.names(in: files.data)
        } catch {
            throw internalFailure(error)
        }
        return names.filter { !needed.contains($0) && !$0.hasPrefix(".") }.sorted().map { name in
            Removable(
                kind: .snapshot,
                name: name,
                bytes: FileTree.bytes(of: "\(files.data)/\(name)") ?? 0,
                reason: "in no dataset, and no version that stays was trained on it"
            )
        }
    }
}

extension PersonalizeService {
    /// The model file of a solution version, below the home: `models/films-1a2b3c4d.model`.
    ///
    /// - Parameter versionArn: The version.
    /// - Returns: The path.
    public static func modelPath(of versionArn: String) -> String { "models/\(Files.stem(versionArn)).model" }

    /// Where the model of a version of a custom recipe is, below the home, a directory: `models/films-1a2b3c4d.program`.
    ///
    /// - Parameter versionArn: The version.
    /// - Returns: The path.
    public static func programModelPath(of versionArn: String) -> String {
        "models/\(Files.stem(versionArn))\(Files.programSuffix)"
    }
}
