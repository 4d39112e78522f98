public import FoundationEssentials
internal import GRDB

/// What is in the database at a moment, counted for who watches the service.
public struct StoreFigures: Sendable {
    /// Executions that are kept, by status; without the children of Map Runs.
    public var executions: [String: Int] = [:]
    /// Tasks that have not ended, by `OFFERED`, `LEASED` and `SUBMITTED`.
    public var tasks: [String: Int] = [:]
    /// When the lease that was renewed longest ago ends.
    public var earliestLeaseEnd: Date?
    /// Waits and retries that are to come.
    public var timers = 0
    /// Ends of executions that nobody was told yet.
    public var untoldOutcomes = 0
    /// Express executions that have not ended.
    public var openExpress = 0
    /// Map Runs that have not ended.
    public var openMapRuns = 0
    /// Notifications, by `PENDING`, `SENT` and `PARKED`.
    public var deliveries: [String: Int] = [:]
    /// Drops that were seen since the database was made.
    public var drops = 0
    /// Drops that were not handed over yet.
    public var pendingDrops = 0
    /// Firings of schedules that were not handed over yet.
    public var pendingFirings = 0
    /// Schedules that should have started something by the given moment and have not.
    public var lateSchedules = 0
    /// Schedules that are enabled.
    public var enabledSchedules = 0
    /// Resources of the recommender service, by kind and status.
    public var resources: [ResourceCount] = []
    /// The size of the database in bytes, without its write-ahead log.
    public var bytes = 0
    /// How much of that is free for new rows.
    public var freeBytes = 0

    /// How many resources of a kind have a status.
    public struct ResourceCount: Sendable, Equatable {
        /// The word in their ARNs: `solution-version`.
        public let kind: String
        /// `ACTIVE` and the others.
        public let status: String
        /// How many.
        public let count: Int
    }
}

extension SQLiteStore {
    /// Counts what there is.
    ///
    /// - Parameter punctual: A schedule that was due before this moment and has not fired counts as late.
    /// - Returns: The figures, all of one moment.
    /// - Throws: `StoreError` when the database does not answer.
    public func figures(lateBefore punctual: Date) async throws -> StoreFigures {
        try await read { db in
            var figures = StoreFigures()
            figures.executions = try db.counts("execution WHERE mapRun IS NULL")
            figures.tasks = try db.counts("task")
            figures.earliestLeaseEnd =
                try Int64.fetchOne(db, sql: "SELECT min(leaseEnd) FROM task WHERE status = 'LEASED'")
                .map(Date.init(milliseconds:))
            figures.timers = try db.count("timer")
            figures.untoldOutcomes = try db.count("executionOutcome WHERE acknowledgedDate IS NULL")
            figures.openExpress = try db.count("expressStart")
            figures.openMapRuns = try db.count("mapRun WHERE status = 'RUNNING' OR running > 0")
            figures.deliveries = try db.counts("delivery")
            figures.drops =
                try Int.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'bucketDrop'") ?? 0
            figures.pendingDrops = try db.count("bucketDrop WHERE status = 'PENDING'")
            try db.countSchedules(in: &figures, lateBefore: punctual)
            let kinds = "SELECT kind, status, count(*) AS count FROM personalizeResource GROUP BY kind, status"
            figures.resources = try Row.fetchAll(db, sql: kinds)
                .map { StoreFigures.ResourceCount(kind: $0["kind"], status: $0["status"], count: $0["count"]) }
            let pageSize = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
            figures.bytes = pageSize * (try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0)
            figures.freeBytes = pageSize * (try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0)
            return figures
        }
    }

    /// Asks the database for anything at all.
    ///
    /// - Throws: `StoreError` when it does not answer.
    public func ping() async throws {
        _ = try await read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_sequence") }
    }
}

extension Database {
    fileprivate func count(_ table: String) throws -> Int {
        try Int.fetchOne(self, sql: "SELECT count(*) FROM \(table)") ?? 0
    }

    fileprivate func counts(_ table: String) throws -> [String: Int] {
        let rows = try Row.fetchAll(self, sql: "SELECT status, count(*) AS count FROM \(table) GROUP BY status")
        return Dictionary(uniqueKeysWithValues: rows.map { ($0["status"], $0["count"]) })
    }

    fileprivate func countSchedules(in figures: inout StoreFigures, lateBefore date: Date) throws {
        figures.pendingFirings = try count("firing WHERE status = 'PENDING'")
        figures.enabledSchedules = try count("schedule WHERE state = 'ENABLED'")
        // A firing of a backfill is of an earlier time, and one that waits in a queue does so by its policy's word.
        let late = """
            SELECT count(*) FROM (
                SELECT groupName, name FROM schedule WHERE nextFire < ?1
                UNION
                SELECT f.groupName, f.scheduleName FROM firing f
                JOIN schedule s ON s.groupName = f.groupName AND s.name = f.scheduleName
                WHERE f.status = 'PENDING' AND f.cause = 'SCHEDULE' AND f.scheduledTime < ?1 AND s.overlap <> 'queue'
            )
            """
        figures.lateSchedules = try Int.fetchOne(self, sql: late, arguments: [date.milliseconds]) ?? 0
    }
}
