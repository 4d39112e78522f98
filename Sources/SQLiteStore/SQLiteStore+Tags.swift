public import DurableExecution
internal import GRDB

/// Tags of state machines and activities.
extension SQLiteStore {
    /// The tags of a state machine or an activity; `nil` when there is none of the ARN.
    public func tags(of arn: String) async throws -> [Tag]? {
        try await read { db in
            guard try TagRecord.isThere(arn, db) else { return nil }
            let sql = "SELECT key, value FROM tag WHERE resourceArn = ? ORDER BY id"
            return try Row.fetchAll(db, sql: sql, arguments: [arn]).map { Tag(key: $0["key"], value: $0["value"]) }
        }
    }

    /// Adds or replaces tags.
    public func add(_ tags: [Tag], to arn: String) async throws {
        try await write { db in
            guard try TagRecord.isThere(arn, db) else { throw ExecutionError.noResource(arn) }
            try TagRecord.add(tags, to: arn, db)
        }
    }

    /// Removes tags by their keys.
    public func removeTags(_ keys: [String], from arn: String) async throws {
        try await write { db in
            guard try TagRecord.isThere(arn, db) else { throw ExecutionError.noResource(arn) }
            for key in keys {
                try db.execute(sql: "DELETE FROM tag WHERE resourceArn = ? AND key = ?", arguments: [arn, key])
            }
        }
    }
}

/// How tags are written.
enum TagRecord {
    static func isThere(_ arn: String, _ db: Database) throws -> Bool {
        if try StateMachineRecord.find(arn, db) != nil { return true }
        return try Int.fetchOne(db, sql: "SELECT 1 FROM activity WHERE arn = ?", arguments: [arn]) != nil
    }

    static func add(_ tags: [Tag], to arn: String, _ db: Database) throws {
        for tag in tags {
            let sql = """
                INSERT INTO tag (resourceArn, key, value) VALUES (?, ?, ?)
                ON CONFLICT (resourceArn, key) DO UPDATE SET value = excluded.value
                """
            try db.execute(sql: sql, arguments: [arn, tag.key, tag.value])
        }
        let count = "SELECT count(*) FROM tag WHERE resourceArn = ?"
        guard try Int.fetchOne(db, sql: count, arguments: [arn]) ?? 0 <= Tag.limit else {
            throw ExecutionError(
                .tooManyTags,
                "'\(arn)' would have more than \(Tag.limit) tags; remove some, or add fewer"
            )
        }
    }
}
