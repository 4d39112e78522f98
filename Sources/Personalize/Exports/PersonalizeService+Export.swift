internal import JSON

extension PersonalizeService {
    /// Writes the records of a dataset into a bucket.
    ///
    /// What was put up to now becomes a snapshot first, so that the file has all that was acknowledged.
    func exportDataset(_ job: Resource, _ flag: RunningJobs.Flag) async throws -> JobResult {
        let dataset = try await resource(.dataset, job.parentArn ?? "")
        let mode = job.body["ingestionMode"]?.string.flatMap(DatasetExport.Mode.init) ?? .put
        if mode != .bulk { try await seal(dataset.arn) }
        let (arn, progress, objects) = (job.arn, progress, objects)
        let export = DatasetExport(
            schema: try await schema(of: dataset),
            snapshots: try await snapshots(of: dataset.arn),
            mode: mode,
            directory: files.data,
            progress: { progress[arn] = $0 },
            isCancelled: { flag.isStopped }
        )
        let location = Self.exportLocation(job)
        _ = try await BackgroundThread.run(onCancel: { flag.stop() }) {
            try export.run(to: try Self.path(of: location, in: objects))
        }
        return JobResult()
    }

    /// The file of a job, named after it, in the folder that its owner names.
    private static func exportLocation(_ job: Resource) -> String {
        let folder = job.body["jobOutput"]?["s3DataDestination"]?["path"]?.string ?? ""
        return "\(folder)\(folder.hasSuffix("/") ? "" : "/")\(job.name).csv"
    }

    private static func path(of location: String, in objects: any ObjectSource) throws -> String {
        do {
            return try objects.writablePath(of: location)
        } catch {
            throw TrainingRefusal("Invalid S3 output path: \"\(location)\" cannot be written: \(error)")
        }
    }
}
