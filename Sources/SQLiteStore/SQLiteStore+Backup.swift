internal import GRDB

/// Which files a database needs beside it.
public struct DatabaseReferences: Sendable, Equatable {
    /// Snapshots that make up datasets now.
    public var snapshots: Set<String> = []
    /// Solution versions that are ACTIVE, with the SHA-256 of their models where it was recorded.
    public var versions: [String: String?] = [:]
}

extension SQLiteStore {
    /// Writes the whole database, as it is at one moment, to a new file, while others read and write.
    ///
    /// - Parameter target: The new file; there must be none.
    /// - Throws: `StoreError` with the target's path: `diskFull`, `cannotOpen`, `inputOutput`.
    public func backUp(to target: String) async throws {
        do {
            let copy = try DatabaseQueue(path: target)
            try await read { db in
                try copy.writeWithoutTransaction { copied in try db.backup(to: copied) }
            }
            try Self.finish(copy)
        } catch {
            throw StoreError.translating(error, path: target)
        }
    }

    /// Makes a copy one file, without a log beside it.
    private static func finish(_ copy: DatabaseQueue) throws {
        try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
        try copy.close()
    }

    /// What is wrong with a database file, which a service may be using meanwhile.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - isThorough: Whether indexes are compared with their tables too, which takes longer.
    /// - Returns: What SQLite complains of; nothing when the file is sound.
    /// - Throws: `StoreError` when the file is missing or no database.
    public static func faults(ofDatabaseAt path: String, isThorough: Bool) throws -> [String] {
        try inspecting(path) { db in
            let check = isThorough ? "integrity_check" : "quick_check"
            let found = try String.fetchAll(db, sql: "PRAGMA \(check)(20)").filter { $0 != "ok" }
            let broken = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").prefix(20)
                .map { row in
                    "table \(row[0] as String? ?? "") refers to rows of \(row[2] as String? ?? "") that are gone"
                }
            return found + broken
        }
    }

    /// Which files a database needs beside it.
    ///
    /// - Parameter path: The database, which a service may be using meanwhile.
    /// - Returns: The names.
    /// - Throws: `StoreError` when the file is missing or no database of ours.
    public static func references(inDatabaseAt path: String) throws -> DatabaseReferences {
        try inspecting(path) { db in
            var references = DatabaseReferences()
            references.snapshots = try String.fetchSet(db, sql: "SELECT name FROM personalizeSnapshot")
            let versions = """
                SELECT arn, body ->> '$.modelHash' AS hash FROM personalizeResource
                WHERE kind = 'solution-version' AND status = 'ACTIVE'
                """
            for row in try Row.fetchAll(db, sql: versions) {
                references.versions.updateValue(row["hash"], forKey: row["arn"])
            }
            return references
        }
    }

    private static func inspecting<T>(_ path: String, _ body: (Database) throws -> T) throws -> T {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let value = try queue.read(body)
            try queue.close()
            return value
        } catch {
            throw StoreError.translating(error, path: path)
        }
    }
}
