public import DurableExecution
public import FoundationEssentials
internal import GRDB
internal import JSON
internal import StatesLanguage

/// Timers, and tasks with their leases.
extension SQLiteStore {
    /// When the next timer is due that is due after a date.
    public func nextTimerDate(after date: Date) async throws -> Date? {
        try await read { db in
            let statement = try db.cachedStatement(sql: "SELECT min(fireDate) FROM timer WHERE fireDate > ?")
            return try Int64.fetchOne(statement, arguments: [date.milliseconds]).map(Date.init(milliseconds:))
        }
    }

    /// The timers that are due between two dates or on them, earliest first; they stay until a transition ends them.
    public func dueTimers(from start: Date, to end: Date, limit: Int) async throws -> [TimerKey] {
        try await read { db in
            let sql = """
                SELECT e.arn, t.id FROM timer t JOIN execution e ON e.id = t.execution
                WHERE t.fireDate BETWEEN ? AND ? ORDER BY t.fireDate LIMIT ?
                """
            let arguments: StatementArguments = [start.milliseconds, end.milliseconds, limit]
            return try Row.fetchAll(db.cachedStatement(sql: sql), arguments: arguments)
                .map { TimerKey(executionArn: $0["arn"], id: $0["id"]) }
        }
    }

    /// Takes offered tasks, oldest first, and leases them.
    public func claimTasks(limit: Int, lease: Lease) async throws -> [ScheduledTask] {
        try await write { db in
            let sql = """
                SELECT e.arn, t.* FROM task t JOIN execution e ON e.id = t.execution
                WHERE t.status = 'OFFERED' AND t.activity IS NULL ORDER BY t.sequence LIMIT ?
                """
            let rows = try Row.fetchAll(db.cachedStatement(sql: sql), arguments: [limit])
            let claim = """
                UPDATE task SET status = 'LEASED', owner = ?, leaseEnd = ?, attempt = attempt + 1 WHERE sequence = ?
                """
            for row in rows {
                let sequence: Int64 = row["sequence"]
                try db.cachedStatement(sql: claim).execute(arguments: [lease.owner, lease.end.milliseconds, sequence])
            }
            return try rows.map { try scheduledTask($0, lease: lease) }
        }
    }

    /// Prolongs leases that the owner still has.
    public func renew(_ lease: Lease, of tasks: [TaskKey]) async throws {
        try await write { db in
            let sql = """
                UPDATE task SET leaseEnd = ?
                WHERE execution = (SELECT id FROM execution WHERE arn = ?) AND id = ? AND owner = ?
                """
            for task in tasks {
                try db.cachedStatement(sql: sql)
                    .execute(arguments: [lease.end.milliseconds, task.executionArn, task.id, lease.owner])
            }
        }
    }

    /// Offers again what other owners have leased, and returns how many tasks that were.
    public func releaseTasks(notOwnedBy owner: String) async throws -> Int {
        try await write { try release("owner <> ?", [owner], $0) }
    }

    /// Offers again what was leased until now, and returns how many tasks that were.
    public func releaseTasks(leasedUntil now: Date) async throws -> Int {
        try await write { try release("leaseEnd <= ?", [now.milliseconds], $0) }
    }

    /// How many tasks are offered to handlers.
    public func offeredTaskCount() async throws -> Int {
        try await read { db in
            let sql = "SELECT count(*) FROM task WHERE status = 'OFFERED' AND activity IS NULL"
            return try Int.fetchOne(db, sql: sql) ?? 0
        }
    }

    /// Finds the open task with a token.
    public func task(token: String) async throws -> TaskKey? {
        try await read { db in
            let sql = """
                SELECT e.arn, t.id FROM task t JOIN execution e ON e.id = t.execution
                WHERE t.token = ? AND t.isKnownByToken
                """
            return try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [token])
                .map { TaskKey(executionArn: $0["arn"], id: $0["id"]) }
        }
    }
}

private func release(_ condition: String, _ arguments: StatementArguments, _ db: Database) throws -> Int {
    let sql = """
        UPDATE task SET status = 'OFFERED', owner = NULL, leaseEnd = NULL WHERE status = 'LEASED' AND \(condition)
        """
    try db.execute(sql: sql, arguments: arguments)
    return db.changesCount
}

/// Reads a task that is handed to a handler under a lease, or shown to a worker without one.
func scheduledTask(_ row: Row, lease: Lease?) throws -> ScheduledTask {
    let parameters: String = row["parameters"]
    let request = TaskRequest(
        id: row["id"],
        stateName: row["stateName"],
        resource: row["resource"],
        input: try Payload(parsing: parameters),
        token: row["token"],
        timeoutSeconds: row["timeoutSeconds"],
        heartbeatSeconds: row["heartbeatSeconds"]
    )
    let attempts: Int = row["attempt"]
    return ScheduledTask(executionArn: row["arn"], request: request, lease: lease, attempt: attempts + 1)
}
