public import DurableExecution
internal import FoundationEssentials
internal import GRDB
internal import JSON
internal import StatesLanguage

/// State machines and the revisions of their definitions.
extension SQLiteStore {
    /// Saves a new state machine with its tags and, if wanted, its first version.
    ///
    /// One of its ARN that exists is returned as it is, with the version of its current revision.
    public func insert(
        _ machine: StateMachine,
        tags: [Tag],
        publishing request: VersionRequest?
    ) async throws -> StoredStateMachine {
        try await write { db in
            try StateMachineRecord.purge(db)
            if let existing = try StateMachineRecord.find(machine.arn, db) {
                return StoredStateMachine(existing, version: try VersionRecord.find(revision: existing.revision, db))
            }
            let revision = try StateMachineRecord.insertRevision(machine, db)
            let sql = "INSERT INTO stateMachine (arn, name, revision, creationDate) VALUES (?, ?, ?, ?)"
            try db.execute(
                sql: sql,
                arguments: [machine.arn, machine.name, revision, machine.creationDate.milliseconds]
            )
            try TagRecord.add(tags, to: machine.arn, db)
            return try StateMachineRecord.stored(machine, publishing: request, db)
        }
    }

    /// Saves a definition as a revision that is not the state machine's own; returns which it is.
    public func insertRevision(_ machine: StateMachine) async throws -> Int64 {
        try await write { db in try StateMachineRecord.insertRevision(machine, db) }
    }

    /// Saves a new revision if the revision has changed, and publishes the current one if wanted.
    ///
    /// Returns `nil` when there is no such state machine.
    public func update(
        _ machine: StateMachine,
        publishing request: VersionRequest?
    ) async throws -> StoredStateMachine? {
        try await write { db in
            guard let current = try StateMachineRecord.find(machine.arn, db) else { return nil }
            let isSame =
                (current.definition, current.roleArn, current.revisionId)
                == (machine.definition, machine.roleArn, machine.revisionId) && current.options == machine.options
            if !isSame {
                let revision = try StateMachineRecord.insertRevision(machine, db)
                let sql = "UPDATE stateMachine SET revision = ? WHERE arn = ?"
                try db.execute(sql: sql, arguments: [revision, machine.arn])
                try StateMachineRecord.removeUnusedRevisions(of: machine.arn, db)
            }
            return try StateMachineRecord.stored(machine, publishing: request, db)
        }
    }

    /// Removes a state machine with its versions, aliases and tags once no execution of it runs.
    ///
    /// Until then it is there, being deleted. Its executions stay and go on.
    public func deleteStateMachine(_ arn: String) async throws {
        try await write { db in
            try db.execute(sql: "UPDATE stateMachine SET isDeleting = 1 WHERE arn = ?", arguments: [arn])
            try StateMachineRecord.purge(db)
        }
    }

    /// Finds a state machine in its newest revision.
    public func stateMachine(_ arn: String) async throws -> StateMachine? {
        try await read { try StateMachineRecord.find(arn, $0) }
    }

    /// Finds a state machine as it was in a revision, even if it was deleted since.
    public func stateMachine(revision: Int64) async throws -> StateMachine? {
        try await read { db in
            let sql = """
                SELECT r.stateMachineArn AS arn, r.id AS revision, r.*, 0 AS isDeleting,
                    coalesce((SELECT m.creationDate FROM stateMachine m WHERE m.arn = r.stateMachineArn), r.updateDate)
                    AS creationDate
                FROM stateMachineRevision r WHERE r.id = ?
                """
            return try Row.fetchOne(db, sql: sql, arguments: [revision]).map(StateMachineRecord.stateMachine)
        }
    }

    /// Lists state machines by name.
    public func stateMachines(_ page: PageRequest) async throws -> Page<StateMachine> {
        let cursor = try page.token.map(NameCursor.init(token:))
        return try await read { db in
            let sql = """
                \(StateMachineRecord.select) WHERE m.name > ? AND \(StateMachineRecord.isThere)
                ORDER BY m.name LIMIT ?
                """
            let rows = try Row.fetchAll(db, sql: sql, arguments: [cursor?.name ?? "", page.limit + 1])
            return NameCursor.page(rows, limit: page.limit, name: "name", StateMachineRecord.stateMachine)
        }
    }
}

/// How rows of `stateMachine` and `stateMachineRevision` become values.
enum StateMachineRecord {
    static let select = """
        SELECT m.id, m.arn, m.name, m.creationDate, m.isDeleting, m.revision,
            r.type, r.definition, r.roleArn, r.options, r.revisionId, r.updateDate
        FROM stateMachine m JOIN stateMachineRevision r ON r.id = m.revision
        """

    /// A state machine that is being deleted is there as long as an execution of it runs.
    static let isThere = """
        (m.isDeleting = 0 OR EXISTS (
            SELECT 1 FROM execution e WHERE e.stateMachineArn = m.arn AND e.status = 'RUNNING'))
        """

    static func find(_ arn: String, _ db: Database) throws -> StateMachine? {
        let statement = try db.cachedStatement(sql: "\(select) WHERE m.arn = ? AND \(isThere)")
        return try Row.fetchOne(statement, arguments: [arn]).map(stateMachine)
    }

    static func stateMachine(_ row: Row) -> StateMachine {
        let arn: String = row["arn"]
        let options: String = row["options"]
        var machine = StateMachine(
            arn: arn,
            name: String(arn[(arn.lastIndex(of: ":").map(arn.index(after:)) ?? arn.startIndex)...]),
            type: type(row),
            definition: row["definition"],
            roleArn: row["roleArn"],
            creationDate: Date(milliseconds: row["creationDate"]),
            updateDate: Date(milliseconds: row["updateDate"]),
            revisionId: row["revisionId"],
            revision: row["revision"],
            options: (try? JSON(parsing: options)) ?? [:]
        )
        machine.isDeleting = row["isDeleting"]
        return machine
    }

    private static func type(_ row: Row) -> StateMachineType {
        let text: String = row["type"]
        guard let type = StateMachineType(rawValue: text) else {
            preconditionFailure("the schema allows a type \"\(text)\" that has no meaning")
        }
        return type
    }

    /// The state machine as it is now, with the version of its current revision, which is published if wanted.
    static func stored(
        _ machine: StateMachine,
        publishing request: VersionRequest?,
        _ db: Database
    ) throws -> StoredStateMachine {
        let current = try find(machine.arn, db) ?? machine
        let version = try request.map { try VersionRecord.publish($0, current, db) }
        return StoredStateMachine(current, version: version)
    }

    static func insertRevision(_ machine: StateMachine, _ db: Database) throws -> Int64 {
        let sql = """
            INSERT INTO stateMachineRevision
                (stateMachineArn, type, definition, roleArn, options, revisionId, updateDate)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """
        try db.execute(
            sql: sql,
            arguments: [
                machine.arn, machine.type.rawValue, machine.definition, machine.roleArn, machine.options.text,
                machine.revisionId,
                machine.updateDate.milliseconds,
            ]
        )
        return db.lastInsertedRowID
    }

    /// Removes the state machines that are being deleted and have no execution that runs.
    static func purge(_ db: Database) throws {
        let sql = "SELECT m.arn FROM stateMachine m WHERE m.isDeleting = 1 AND NOT \(isThere)"
        for arn in try String.fetchAll(db, sql: sql) {
            for statement in [
                "DELETE FROM stateMachineAlias WHERE stateMachineArn = ?",
                "DELETE FROM stateMachineVersion WHERE stateMachineArn = ?",
                "DELETE FROM tag WHERE resourceArn = ?",
                "DELETE FROM stateMachine WHERE arn = ?",
            ] {
                try db.execute(sql: statement, arguments: [arn])
            }
            try removeUnusedRevisions(of: arn, db)
        }
    }

    static func removeUnusedRevisions(of arn: String, _ db: Database) throws {
        let sql = """
            DELETE FROM stateMachineRevision WHERE stateMachineArn = ?
            AND NOT EXISTS (SELECT 1 FROM stateMachine m WHERE m.revision = stateMachineRevision.id)
            AND NOT EXISTS (SELECT 1 FROM stateMachineVersion v WHERE v.revision = stateMachineRevision.id)
            AND NOT EXISTS (SELECT 1 FROM execution e WHERE e.revision = stateMachineRevision.id)
            AND NOT EXISTS (SELECT 1 FROM expressStart s WHERE s.revision = stateMachineRevision.id)
            """
        try db.execute(sql: sql, arguments: [arn])
    }
}
