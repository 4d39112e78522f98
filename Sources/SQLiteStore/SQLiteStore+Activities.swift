public import DurableExecution
internal import FoundationEssentials
internal import GRDB
internal import JSON

/// Activities, the tasks that wait for their workers, and the secrets of tokens.
extension SQLiteStore {
    /// Saves a new activity, unless one of its ARN exists; returns the one that is stored then.
    public func insert(_ activity: Activity, tags: [Tag]) async throws -> Activity {
        try await write { db in
            if let existing = try ActivityRecord.find(activity.arn, db) { return existing }
            let sql = """
                INSERT INTO activity (arn, name, creationDate, options) VALUES (?, ?, ?, ?)
                """
            try db.execute(
                sql: sql,
                arguments: [activity.arn, activity.name, activity.creationDate.milliseconds, activity.options.text]
            )
            try TagRecord.add(tags, to: activity.arn, db)
            return activity
        }
    }

    /// Finds an activity.
    public func activity(_ arn: String) async throws -> Activity? {
        try await read { try ActivityRecord.find(arn, $0) }
    }

    /// Removes an activity; its tasks stay until their time is over.
    public func deleteActivity(_ arn: String) async throws {
        try await write { db in
            try db.execute(sql: "DELETE FROM activity WHERE arn = ?", arguments: [arn])
            try db.execute(sql: "DELETE FROM tag WHERE resourceArn = ?", arguments: [arn])
        }
    }

    /// Lists activities by name.
    public func activities(_ page: PageRequest) async throws -> Page<Activity> {
        let cursor = try page.token.map(NameCursor.init(token:))
        return try await read { db in
            let sql = "\(ActivityRecord.select) WHERE name > ? ORDER BY name LIMIT ?"
            let rows = try Row.fetchAll(db, sql: sql, arguments: [cursor?.name ?? "", page.limit + 1])
            return NameCursor.page(rows, limit: page.limit, name: "name", ActivityRecord.activity)
        }
    }

    /// The ARNs of all activities.
    public func activityARNs() async throws -> [String] {
        try await read { try String.fetchAll($0, sql: "SELECT arn FROM activity") }
    }

    /// The tasks of an activity that no worker has, oldest first; they stay until a transition gives them to one.
    public func offeredTasks(ofActivity arn: String, limit: Int) async throws -> [ScheduledTask] {
        try await read { db in
            let sql = """
                SELECT e.arn, t.* FROM task t JOIN execution e ON e.id = t.execution
                WHERE t.status = 'OFFERED' AND t.activity = ? ORDER BY t.sequence LIMIT ?
                """
            return try Row.fetchAll(db.cachedStatement(sql: sql), arguments: [arn, limit])
                .map { try scheduledTask($0, lease: nil) }
        }
    }

    /// The secret of a name; the given one is saved where there is none.
    public func secret(_ name: String, orInsert new: [UInt8]) async throws -> [UInt8] {
        try await write { db in
            let sql = "INSERT INTO secret (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING"
            try db.execute(sql: sql, arguments: [name, Data(new)])
            let value = try Data.fetchOne(db, sql: "SELECT value FROM secret WHERE name = ?", arguments: [name])
            return value.map { Array($0) } ?? new
        }
    }
}

/// How rows of `activity` become values.
private enum ActivityRecord {
    static let select = "SELECT arn, name, creationDate, options FROM activity"

    static func find(_ arn: String, _ db: Database) throws -> Activity? {
        try Row.fetchOne(db, sql: "\(select) WHERE arn = ?", arguments: [arn]).map(activity)
    }

    static func activity(_ row: Row) -> Activity {
        let options: String = row["options"]
        return Activity(
            arn: row["arn"],
            name: row["name"],
            creationDate: Date(milliseconds: row["creationDate"]),
            options: (try? JSON(parsing: options)) ?? [:]
        )
    }
}
