internal import FoundationEssentials
internal import JSON
internal import Logging

extension PersonalizeService {
    /// Does an import job that waits or that an earlier process had begun.
    func runImport(_ arn: String) async {
        guard let flag = jobs.begin(arn) else { return }
        defer { jobs.end(arn) }
        let resource = await insist { () async throws(PersonalizeError) in try await found(arn) }
        guard var job = resource, job.kind == .datasetImportJob else { return }
        if job.status == .createPending {
            let deletions = await insist { () async throws(PersonalizeError) in try await deletionCount(of: arn) } ?? 0
            let begun = await change(arn) { job in
                guard job.status == .createPending else { return false }
                job.status = .createInProgress
                job.body["dataDeletionCount"] = JSON(deletions)
                return true
            }
            guard let begun else { return }
            job = begun
        }
        guard job.status == .createInProgress else { return }
        defer { progress[arn] = nil }
        do {
            try await importFiles(of: job, flag)
            logger.info("import is ACTIVE", metadata: ["resource.arn": "\(arn)"])
        } catch is CancellationError {
            // A shutdown leaves the job as it is: the next start imports again.
        } catch {
            await fail(arn, reason(of: error))
        }
    }

    private func importFiles(of job: Resource, _ flag: RunningJobs.Flag) async throws {
        let dataset = try await resource(.dataset, job.parentArn ?? "")
        let schema = try await schema(of: dataset)
        let progress = progress
        let run = ImportRun(
            job: job,
            schema: schema,
            objects: objects,
            files: files,
            configuration: configuration,
            progress: { progress[job.arn] = $0 },
            isCancelled: { flag.isStopped }
        )
        var isRecorded = false
        while !isRecorded {
            let (snapshot, filesRead) = try await BackgroundThread.run(onCancel: { flag.stop() }) { try run.run() }
            isRecorded = try await sealing.alone { () async throws in
                // What was put before counts as older than what was imported.
                try await sealHeld(dataset.arn)
                return try await add(snapshot, filesRead, job, dataset, schema)
            }
        }
        if let group = dataset.parentArn { await refreshCampaigns(group: group) }
    }

    /// Adds the rows of an import to its dataset, but those of users who were deleted while it was going on.
    ///
    /// - Returns: Whether they could be added; the snapshot's file may be gone, when a deletion has replaced an older one
    ///   of the same content meanwhile.
    private func add(
        _ snapshot: DatasetSnapshot,
        _ filesRead: [ImportedFile],
        _ job: Resource,
        _ dataset: Resource,
        _ schema: Schema
    ) async throws -> Bool {
        guard files.hasData(snapshot.name) else { return false }
        let group = try await found(dataset.parentArn ?? "")
        let lists = group?.deletions(since: job).map(\.users) ?? []
        let kept = Self.kept(try await snapshots(of: dataset.arn), job).map(\.name)
        let (files, configuration) = (files, configuration)
        let left = try await BackgroundThread.run(onCancel: {}) { () throws -> DatasetSnapshot in
            let left = try Self.without(lists, snapshot, schema, files)
            if schema.datasetType == .interactions {
                let tables = try (kept + [left.name]).map { try EventTable(snapshot: $0, in: files) }
                try InteractionCounts(tables).check(configuration)
            }
            return left
        }
        let drift = await drift(of: dataset, schema, with: kept + [left.name])
        let finding = try await finding(drift, of: job, dataset.parentArn)
        try await record(left, filesRead, job, dataset.arn, try await measure(left, job, dataset), drift, finding)
        return true
    }

    private static func without(
        _ lists: [String],
        _ snapshot: DatasetSnapshot,
        _ schema: Schema,
        _ files: Files
    ) throws -> DatasetSnapshot {
        guard !lists.isEmpty else { return snapshot }
        let users = try lists.map { try UserList($0, in: files.data) }
        let rewrite = SnapshotRewrite(schema: schema, directory: files.data, isCancelled: { false })
        guard var left = try rewrite.run([snapshot], without: users) else {
            throw TrainingRefusal("all users in the files were deleted while they were imported")
        }
        left.parts = []
        return left
    }

    /// How many times users were deleted from the group that a job imports into.
    private func deletionCount(of job: String) async throws(PersonalizeError) -> Int {
        guard let job = try await found(job), let dataset = try await found(job.parentArn ?? ""),
            let group = try await found(dataset.parentArn ?? "")
        else { return 0 }
        return group.dataDeletions.count
    }

    /// The job is ACTIVE and its rows belong to the dataset, both in one commit.
    private func record(
        _ snapshot: DatasetSnapshot,
        _ files: [ImportedFile],
        _ job: Resource,
        _ datasetArn: String,
        _ metrics: [MetricWindow],
        _ drift: JSON?,
        _ finding: DriftFinding?
    ) async throws {
        let recorded = await insist { () async throws(PersonalizeError) -> Bool? in
            while true {
                var job = try await resource(.datasetImportJob, job.arn)
                let dataset = try await resource(.dataset, datasetArn)
                let now = try await snapshots(of: datasetArn)
                job.status = .active
                job.body["rowCount"] = JSON(snapshot.rowCount)
                job.body["files"] = .array(files.map(\.json))
                job.body["drift"] = drift
                var transition = ResourceTransition()
                transition.driftFindings = [finding].compactMap(\.self)
                transition.updates = [job, dataset]
                transition.snapshots[datasetArn] = Self.kept(now, job) + [snapshot]
                if let arn = metrics.first?.attributionArn, try await found(arn) != nil { transition.metrics = metrics }
                if try await save(transition) { return true }
            }
        }
        if recorded == nil { throw CancellationError() }
    }

    /// The schema a dataset has now.
    func schema(of dataset: Resource) async throws(PersonalizeError) -> Schema {
        let schema = try await resource(.schema, try dataset.body.required("schemaArn"))
        return try AvroSchema.parse(try schema.body.required("schema"), domain: schema.body["domain"]?.string)
    }

    /// The snapshots that stay when a job's rows come: all but earlier imports' for a full one.
    private static func kept(_ snapshots: [DatasetSnapshot], _ job: Resource) -> [DatasetSnapshot] {
        job.body["importMode"] == "INCREMENTAL" ? snapshots : snapshots.filter { $0.source == .put }
    }
}
