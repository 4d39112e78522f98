internal import DurableFiles
internal import JSON

/// What one data deletion job does to files; each function runs to its end on the thread that calls it.
struct DeletionRun: Sendable {
    let location: String
    let objects: any ObjectSource
    let files: Files
    let configuration: PersonalizeService.Configuration
    let isCancelled: @Sendable () -> Bool

    /// Reads the users that are to be deleted.
    ///
    /// - Returns: The name of the snapshot that lists them.
    func readUsers() throws -> String {
        var limits = DatasetImport.Limits()
        limits.threads = configuration.trainingThreads
        let paths = try objects.csvFiles(at: location)
        let size = try paths.reduce(0) { try $0 + FileReader($1).length }
        guard size <= configuration.maximumDeletionFileSize else {
            throw TrainingRefusal(
                "The files at \(location) have \(size) bytes; "
                    + "\(configuration.maximumDeletionFileSize) are allowed, so use several jobs"
            )
        }
        let reading = DatasetImport(schema: UserList.schema, files: paths.map { CSVFile(path: $0) }, limits: limits)
        return try reading.run(into: files.data, isCancelled: isCancelled).snapshot
    }

    /// A snapshot without the rows of users; `nil` when no row is left, the same when it has none of theirs.
    func rewritten(_ snapshot: DatasetSnapshot, _ schema: Schema, without users: [UserList]) throws -> DatasetSnapshot?
    {
        guard try holds(snapshot.name, users) else { return snapshot }
        let rewrite = SnapshotRewrite(schema: schema, directory: files.data, isCancelled: isCancelled)
        return try rewrite.run([snapshot], without: users)
    }

    /// Whether a snapshot has rows of users.
    func holds(_ name: String, _ users: [UserList]) throws -> Bool {
        try !UserRows(Snapshot(name, in: files.data), users).isEmpty
    }
}
