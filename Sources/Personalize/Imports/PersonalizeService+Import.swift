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
            let begun = await change(arn) { job in
                guard job.status == .createPending else { return false }
                job.status = .createInProgress
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
        } catch let error as PersonalizeError {
            await fail(arn, error.message)
        } catch {
            await fail(arn, "\(error)")
        }
    }

    private func importFiles(of job: Resource, _ flag: RunningJobs.Flag) async throws {
        let dataset = try await resource(.dataset, job.parentArn ?? "")
        let schema = try await schema(of: dataset)
        let kept = try await snapshots(of: dataset.arn)
        let progress = progress
        let run = ImportRun(
            job: job,
            schema: schema,
            earlier: Self.kept(kept, job),
            objects: objects,
            files: files,
            configuration: configuration,
            progress: { progress[job.arn] = $0 },
            isCancelled: { flag.isStopped }
        )
        let (snapshot, filesRead) = try await BackgroundThread.run(onCancel: { flag.stop() }) { try run.run() }
        // What was put before counts as older than what was imported.
        try await seal(dataset.arn)
        try await record(snapshot, filesRead, job, dataset.arn)
        if let group = dataset.parentArn { await refreshCampaigns(group: group) }
    }

    /// The job is ACTIVE and its rows belong to the dataset, both in one commit.
    private func record(
        _ snapshot: DatasetSnapshot,
        _ files: [ImportedFile],
        _ job: Resource,
        _ datasetArn: String
    ) async throws {
        let recorded = await insist { () async throws(PersonalizeError) -> Bool? in
            while true {
                var job = try await resource(.datasetImportJob, job.arn)
                let dataset = try await resource(.dataset, datasetArn)
                let now = try await snapshots(of: datasetArn)
                job.status = .active
                job.body["rowCount"] = JSON(snapshot.rowCount)
                job.body["files"] = .array(files.map(\.json))
                var transition = ResourceTransition()
                transition.updates = [job, dataset]
                transition.snapshots[datasetArn] = Self.kept(now, job) + [snapshot]
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
