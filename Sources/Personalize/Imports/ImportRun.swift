internal import JSON

/// Reads the files of one import job and writes a snapshot; runs to its end on the thread that calls it.
struct ImportRun: Sendable {
    let job: Resource
    let schema: Schema
    let objects: any ObjectSource
    let files: Files
    let configuration: PersonalizeService.Configuration
    let progress: @Sendable (JobProgress) -> Void
    let isCancelled: @Sendable () -> Bool

    /// Does the import.
    func run() throws -> (snapshot: DatasetSnapshot, files: [ImportedFile]) {
        var limits = DatasetImport.Limits()
        limits.threads = configuration.trainingThreads
        let paths = try objects.csvFiles(at: location)
        let csvFiles = paths.map { CSVFile(path: $0, name: location(of: $0)) }
        let reading = DatasetImport(schema: schema, files: csvFiles, limits: limits)
        let outcome = try reading.run(into: files.data, progress: report, isCancelled: isCancelled)
        let snapshot = DatasetSnapshot(
            name: outcome.snapshot,
            rowCount: outcome.rowCount,
            source: .bulk,
            importJobArn: job.arn
        )
        return (snapshot, outcome.files)
    }

    private var location: String { job.body["dataSource"]?["dataLocation"]?.string ?? "" }

    /// A file as its owner knows it: by its place in the bucket.
    private func location(of path: String) -> String {
        guard location.hasSuffix("/"), let name = path.split(separator: "/").last else { return location }
        return location + name
    }

    private func report(_ reading: DatasetImport.Progress) {
        let share = reading.totalBytes == 0 ? 0 : Double(reading.bytesRead) / Double(reading.totalBytes)
        progress(JobProgress(stage: "IMPORTING", share: share, rows: reading.rowCount))
    }
}

/// How many interactions there are, and how many users with at least two.
struct InteractionCounts {
    private(set) var interactions = 0
    private(set) var users = 0

    /// Counts the rows of all tables together.
    init(_ tables: [EventTable]) {
        var counts: [RecordID: Int] = [:]
        for table in tables {
            interactions += table.count
            var rows = [Int](repeating: 0, count: table.userIDs.count)
            for user in table.users { rows[Int(user)] += 1 }
            for (id, count) in zip(table.userIDs, rows) { counts[RecordID(id), default: 0] += count }
        }
        users = counts.values.count { $0 >= 2 }
    }

    /// Refuses a dataset that could never be trained from.
    func check(_ configuration: PersonalizeService.Configuration) throws(TrainingRefusal) {
        guard interactions >= configuration.minimumInteractions else {
            throw TrainingRefusal("Dataset has fewer than \(configuration.minimumInteractions) interactions")
        }
        guard users >= configuration.minimumUsers else {
            throw TrainingRefusal(
                "Create failed. Dataset has fewer than \(configuration.minimumUsers) users "
                    + "with at least 2 interactions each."
            )
        }
    }
}
