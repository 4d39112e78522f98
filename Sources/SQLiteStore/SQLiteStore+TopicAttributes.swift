internal import GRDB

/// Attributes of topics.
extension SQLiteStore {
    /// The attributes that a topic was given, by name.
    public func attributes(ofTopic arn: String) async throws -> [String: String] {
        try await read { db in
            let sql = "SELECT name, value FROM topicAttribute WHERE topicARN = ?"
            let rows = try Row.fetchAll(db, sql: sql, arguments: [arn])
            return Dictionary(uniqueKeysWithValues: rows.map { ($0["name"], $0["value"]) })
        }
    }

    /// Gives a topic attributes, or replaces them; nothing happens when there is no such topic.
    public func setAttributes(_ attributes: [String: String], ofTopic arn: String) async throws {
        try await write { db in
            for (name, value) in attributes {
                let sql = """
                    INSERT INTO topicAttribute (topicARN, name, value) SELECT arn, ?, ? FROM topic WHERE arn = ?
                    ON CONFLICT (topicARN, name) DO UPDATE SET value = excluded.value
                    """
                try db.execute(sql: sql, arguments: [name, value, arn])
            }
        }
    }
}
