public import Foundation
public import Functions
internal import GRDB

extension SQLiteStore: FunctionStore {
    /// All functions, by name.
    public func functions() async throws -> [Function] {
        try await read { db in
            try String.fetchAll(db, sql: "SELECT body FROM function ORDER BY name").map { try Self.decoded($0) }
        }
    }

    /// Saves a function, and answers whether it was saved.
    public func saveFunction(_ function: Function, replacing: Bool) async throws -> Bool {
        let body = try Self.encoded(function)
        return try await write { db in
            let onConflict = replacing ? "DO UPDATE SET body = excluded.body" : "DO NOTHING"
            let sql = "INSERT INTO function (name, body) VALUES (?, ?) ON CONFLICT (name) \(onConflict)"
            try db.execute(sql: sql, arguments: [function.configuration.name, body])
            return db.changesCount > 0
        }
    }

    /// Removes a function, its notifications and the events that wait for it.
    public func deleteFunction(_ name: String) async throws {
        try await write { db in
            try db.execute(sql: "DELETE FROM function WHERE name = ?", arguments: [name])
            try db.execute(sql: "DELETE FROM bucketNotification WHERE function = ?", arguments: [name])
            let sql = "DELETE FROM functionEvent WHERE function = ? AND status = 'WAITING'"
            try db.execute(sql: sql, arguments: [name])
        }
    }

    private static func encoded(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    private static func decoded<Value: Decodable>(_ text: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }
}

// MARK: - Layers and notifications

extension SQLiteStore {
    /// All versions of all layers, by name and version.
    public func layerVersions() async throws -> [LayerVersion] {
        try await read { db in
            let sql = "SELECT body FROM layerVersion WHERE body IS NOT NULL ORDER BY name, version"
            return try String.fetchAll(db, sql: sql).map { try Self.decoded($0) }
        }
    }

    /// Saves a version of a layer under the next number.
    public func addLayerVersion(
        of name: String,
        _ make: @escaping @Sendable (_ version: Int) -> LayerVersion
    ) async throws -> LayerVersion {
        try await write { db in
            let sql = "SELECT max(version) FROM layerVersion WHERE name = ?"
            let layer = make((try Int.fetchOne(db, sql: sql, arguments: [name]) ?? 0) + 1)
            try db.execute(
                sql: "INSERT INTO layerVersion (name, version, body) VALUES (?, ?, ?)",
                arguments: [name, layer.version, try Self.encoded(layer)]
            )
            return layer
        }
    }

    /// Removes a version of a layer; its number is not used again.
    public func deleteLayerVersion(_ version: Int, of name: String) async throws {
        try await write { db in
            let sql = "UPDATE layerVersion SET body = NULL WHERE name = ? AND version = ?"
            try db.execute(sql: sql, arguments: [name, version])
        }
    }

    /// All notifications of all buckets.
    public func bucketNotifications() async throws -> [BucketNotification] {
        try await read { db in
            let sql = "SELECT body FROM bucketNotification ORDER BY bucket, id"
            return try String.fetchAll(db, sql: sql).map { try Self.decoded($0) }
        }
    }

    /// Makes these the notifications of a bucket.
    public func setBucketNotifications(_ notifications: [BucketNotification], of bucket: String) async throws {
        try await write { db in
            try db.execute(sql: "DELETE FROM bucketNotification WHERE bucket = ?", arguments: [bucket])
            for notification in notifications {
                try db.execute(
                    sql: "INSERT INTO bucketNotification (bucket, id, function, body) VALUES (?, ?, ?, ?)",
                    arguments: [bucket, notification.id, notification.function, try Self.encoded(notification)]
                )
            }
        }
    }
}

// MARK: - Events

extension SQLiteStore {
    /// Saves an event, unless there is or was one of its key.
    public func addFunctionEvent(_ event: FunctionEvent) async throws {
        try await write { db in
            let sql = """
                INSERT INTO functionEvent (requestID, function, payload, key, status, attempts, createdAt, dueAt)
                VALUES (?, ?, ?, ?, 'WAITING', ?, ?, ?) ON CONFLICT (key) DO NOTHING
                """
            try db.execute(
                sql: sql,
                arguments: [
                    event.requestID, event.function, Data(event.payload), event.key, event.attempts,
                    event.createdAt.milliseconds, event.dueAt.milliseconds,
                ]
            )
        }
    }

    /// The events that are due, earliest first.
    public func dueFunctionEvents(at now: Date, limit: Int) async throws -> [FunctionEvent] {
        try await read { db in
            let sql = """
                SELECT requestID, function, payload, key, attempts, createdAt, dueAt FROM functionEvent
                WHERE status = 'WAITING' AND dueAt <= ? ORDER BY dueAt, sequence LIMIT ?
                """
            return try Row.fetchAll(db, sql: sql, arguments: [now.milliseconds, limit]).map { row in
                let payload: Data? = row["payload"]
                return FunctionEvent(
                    requestID: row["requestID"],
                    function: row["function"],
                    payload: Array(payload ?? Data()),
                    key: row["key"],
                    attempts: row["attempts"],
                    createdAt: Date(milliseconds: row["createdAt"]),
                    dueAt: Date(milliseconds: row["dueAt"])
                )
            }
        }
    }

    /// The earliest date at which an event becomes due.
    public func nextFunctionEventDate() async throws -> Date? {
        try await read { db in
            let sql = "SELECT min(dueAt) FROM functionEvent WHERE status = 'WAITING'"
            return try Int64.fetchOne(db, sql: sql).map(Date.init(milliseconds:))
        }
    }

    /// Saves what became of an attempt; the payload of an event that has ended is let go.
    public func recordFunctionEvent(_ requestID: String, _ outcome: FunctionEvent.Outcome) async throws {
        try await write { db in
            let ended = "payload = NULL, dueAt = NULL, attempts = attempts + 1, endedAt = ?, lastError = ?"
            switch outcome {
            case .done(let date):
                let sql = "UPDATE functionEvent SET status = 'DONE', \(ended) WHERE requestID = ?"
                try db.execute(sql: sql, arguments: [date.milliseconds, nil, requestID])
            case .failed(let date, let error):
                let sql = "UPDATE functionEvent SET status = 'FAILED', \(ended) WHERE requestID = ?"
                try db.execute(sql: sql, arguments: [date.milliseconds, error, requestID])
            case .retry(let date, let error):
                let sql =
                    "UPDATE functionEvent SET attempts = attempts + 1, dueAt = ?, lastError = ? WHERE requestID = ?"
                try db.execute(sql: sql, arguments: [date.milliseconds, error, requestID])
            case .postponed(let date, let error):
                let sql = "UPDATE functionEvent SET dueAt = ?, lastError = ? WHERE requestID = ?"
                try db.execute(sql: sql, arguments: [date.milliseconds, error, requestID])
            }
        }
    }

    /// How many events wait and how many have failed for good, by function.
    public func functionEventCounts() async throws -> [String: FunctionEvent.Counts] {
        try await read { db in
            let sql = "SELECT function, status, count(*) FROM functionEvent WHERE status <> 'DONE' GROUP BY 1, 2"
            var counts: [String: FunctionEvent.Counts] = [:]
            for row in try Row.fetchAll(db, sql: sql) {
                let (name, status, count): (String, String, Int) = (row[0], row[1], row[2])
                if status == "WAITING" {
                    counts[name, default: .init()].waiting = count
                } else {
                    counts[name, default: .init()].failed = count
                }
            }
            return counts
        }
    }

    /// Removes what is known of events that ended before a date.
    public func pruneFunctionEvents(endedBefore date: Date) async throws {
        try await write { db in
            try db.execute(sql: "DELETE FROM functionEvent WHERE endedAt < ?", arguments: [date.milliseconds])
        }
    }
}
