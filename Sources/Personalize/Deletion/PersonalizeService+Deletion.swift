internal import JSON
internal import Logging

extension PersonalizeService {
    /// Removes users from the datasets of a group and hides them from all that was trained before.
    ///
    /// One commit replaces all snapshots and records the deletion; what has been put up to then is sealed first and so
    /// belongs to what is deleted. Campaigns are loaded anew before the job ends: who sees it COMPLETED meets nobody any
    /// more. A crash before that commit leaves everything as it was, one after it only what the end of the job says.
    func deleteData(_ job: Resource, _ flag: RunningJobs.Flag) async throws -> JobResult {
        guard job.body["isApplied"]?.bool != true else { return JobResult() }
        let run = DeletionRun(
            location: job.body["dataSource"]?["dataLocation"]?.string ?? "",
            objects: objects,
            files: files,
            configuration: configuration,
            isCancelled: { flag.isStopped }
        )
        progress[job.arn] = JobProgress(stage: "DELETING")
        // Nothing is sealed, no training fixes its data and no import ends meanwhile.
        try await sealing.alone { () async throws in
            // Read here: nobody else removes or writes a file that may have the same content.
            let users = try await BackgroundThread.run(onCancel: { flag.stop() }) { try run.readUsers() }
            var outcome = DeletionOutcome(users: users)
            // The second round is short: it has only what was put during the first.
            for _ in 0..<2 { try await rewriteDatasets(of: job, run, flag, &outcome) }
            try await findLineage(of: job, run, &outcome)
            try await record(outcome, job)
            await forgetUsers(group: job.parentArn ?? "")
        }
        return JobResult()
    }

    /// The datasets of a group whose records are about users.
    private func userDatasets(of group: String) async throws(PersonalizeError) -> [Resource] {
        let types = [DatasetType.users, .interactions, .actionInteractions].map(\.word)
        return try await resources(ResourceQuery(.dataset, parentArn: group)).filter { dataset in
            types.contains { $0 == dataset.body["datasetType"]?.string }
        }
    }

    /// Writes the snapshots of a group that have not been looked at without the users.
    private func rewriteDatasets(
        of job: Resource,
        _ run: DeletionRun,
        _ flag: RunningJobs.Flag,
        _ outcome: inout DeletionOutcome
    ) async throws {
        let list = outcome.users
        for dataset in try await userDatasets(of: job.parentArn ?? "") {
            try await sealHeld(dataset.arn)
            let schema = try await schema(of: dataset)
            for snapshot in try await snapshots(of: dataset.arn) where !outcome.hasSeen(snapshot, of: dataset) {
                let rewritten = try await BackgroundThread.run(onCancel: { flag.stop() }) {
                    try run.rewritten(snapshot, schema, without: [UserList(list, in: run.files.data)])
                }
                outcome.add(rewritten, for: snapshot, of: dataset)
            }
        }
    }

    /// Finds older snapshots with rows of the users, which are kept only for the versions that were trained on them.
    private func findLineage(of job: Resource, _ run: DeletionRun, _ outcome: inout DeletionOutcome) async throws {
        var names: Set<String> = []
        for version in try await trainings()
        where version.body["datasetGroupArn"]?.string == job.parentArn { names.formUnion(version.lineage) }
        let (unseen, list) = (names.subtracting(outcome.seen).sorted(), outcome.users)
        outcome.replaced += try await BackgroundThread.run(onCancel: {}) {
            let users = try UserList(list, in: run.files.data)
            // One that is gone or damaged has nothing that could be read.
            return unseen.filter { (try? run.holds($0, [users])) == true }
        }
    }

    /// The datasets have the new snapshots, the group knows of the deletion and the job what it came to, in one commit.
    private func record(_ outcome: DeletionOutcome, _ job: Resource) async throws {
        let recorded = await insist { () async throws(PersonalizeError) -> Bool? in
            while true {
                var job = try await resource(.dataDeletionJob, job.arn)
                var group = try await resource(.datasetGroup, job.parentArn ?? "")
                let deletion = DataDeletion(users: outcome.users, replaced: outcome.replaced, jobArn: job.arn)
                group.body["dataDeletions"] = .array((group.dataDeletions + [deletion]).map(\.json))
                job.body["numDeleted"] = JSON(outcome.rowCount)
                job.body["isApplied"] = true
                var transition = ResourceTransition()
                transition.updates = [group, job]
                for dataset in try await userDatasets(of: group.arn) {
                    transition.updates.append(dataset)
                    transition.snapshots[dataset.arn] = try await snapshots(of: dataset.arn).compactMap {
                        outcome.successor(of: $0, of: dataset)
                    }
                }
                if try await save(transition) { return true }
            }
        }
        if recorded == nil { throw CancellationError() }
    }

    /// Campaigns and memory forget whom the datasets have forgotten, and files that nobody needs any more go.
    private func forgetUsers(group: String) async {
        await refreshCampaigns(group: group)
        await withdrawOutdated(group: group)
        for dataset in (try? await userDatasets(of: group)) ?? [] {
            live.drop(dataset.arn, through: dataset.sealedThrough)
        }
        await removeReplacedData()
    }

    /// Serves nothing more by campaigns that could not be loaded anew: they would still know who was deleted.
    private func withdrawOutdated(group: String) async {
        let files = files
        let trainings = (try? await trainings()) ?? []
        for campaign in runtime.served where campaign.groupArn == group {
            let (arn, users) = (campaign.arn, campaign.served.index.users)
            guard let version = trainings.first(where: { $0.arn == campaign.served.versionArn }),
                let lists = try? await hiddenUsers(of: version)
            else { continue }
            let isOutdated = try? await BackgroundThread.run(onCancel: {}) {
                try lists.contains { users.knowsAny(of: try UserList($0, in: files.data).ids) }
            }
            guard isOutdated ?? true else { continue }
            runtime.note(arn, .createFailed)
            logger.error("campaign withdrawn: it knows deleted users", metadata: ["resource.arn": "\(arn)"])
        }
    }
}

/// What a deletion has found and written so far.
private struct DeletionOutcome: Sendable {
    let users: String
    var replaced: [String] = []
    /// How many rows are gone.
    private(set) var rowCount = 0
    /// The names of all snapshots that were looked at.
    private(set) var seen: Set<String> = []
    /// What comes in the place of a snapshot of a dataset; nothing for one of which no row is left.
    private var successors: [String: DatasetSnapshot?] = [:]

    init(users: String) { self.users = users }

    func hasSeen(_ snapshot: DatasetSnapshot, of dataset: Resource) -> Bool {
        successors[Self.key(snapshot, dataset)] != nil
    }

    mutating func add(_ successor: DatasetSnapshot?, for snapshot: DatasetSnapshot, of dataset: Resource) {
        successors[Self.key(snapshot, dataset)] = .some(successor)
        seen.insert(snapshot.name)
        guard successor?.name != snapshot.name else { return }
        replaced.append(snapshot.name)
        rowCount += snapshot.rowCount - (successor?.rowCount ?? 0)
    }

    func successor(of snapshot: DatasetSnapshot, of dataset: Resource) -> DatasetSnapshot? {
        successors[Self.key(snapshot, dataset)] ?? snapshot
    }

    private static func key(_ snapshot: DatasetSnapshot, _ dataset: Resource) -> String {
        "\(dataset.arn) \(snapshot.name)"
    }
}
