public import DurableExecution
internal import FoundationEssentials
internal import GRDB
internal import JSON

/// State machines and the revisions of their definitions.
extension SQLiteStore {
    /// Saves a new state machine, unless one of its ARN exists; returns the one that is stored then.
    public func insert(_ machine: StateMachine) async throws -> StateMachine {
        try await write { db in
            if let existing = try StateMachineRecord.find(machine.arn, db) { return existing }
            let revision = try StateMachineRecord.insertRevision(machine, db)
            let sql = "INSERT INTO stateMachine (arn, name, revision, creationDate) VALUES (?, ?, ?, ?)"
            try db.execute(
                sql: sql,
                arguments: [machine.arn, machine.name, revision, machine.creationDate.milliseconds]
            )
            return try StateMachineRecord.find(machine.arn, db) ?? machine
        }
    }

    /// Saves a new revision; `nil` when there is no such state machine.
    public func update(_ machine: StateMachine) async throws -> StateMachine? {
        try await write { db in
            let revision = try StateMachineRecord.insertRevision(machine, db)
            let sql = "UPDATE stateMachine SET revision = ? WHERE arn = ?"
            try db.execute(sql: sql, arguments: [revision, machine.arn])
            try StateMachineRecord.removeUnusedRevisions(of: machine.arn, db)
            return try StateMachineRecord.find(machine.arn, db)
        }
    }

    /// Removes a state machine; its executions stay and go on.
    public func deleteStateMachine(_ arn: String) async throws {
        try await write { db in
            try db.execute(sql: "DELETE FROM stateMachine WHERE arn = ?", arguments: [arn])
            try StateMachineRecord.removeUnusedRevisions(of: arn, db)
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
                SELECT r.stateMachineArn AS arn, r.id AS revision, r.*,
                    coalesce((SELECT m.creationDate FROM stateMachine m WHERE m.arn = r.stateMachineArn), r.updateDate)
                    AS creationDate
                FROM stateMachineRevision r WHERE r.id = ?
                """
            return try Row.fetchOne(db, sql: sql, arguments: [revision]).map(StateMachineRecord.stateMachine)
        }
    }

    /// Lists state machines, newest first.
    public func stateMachines(_ page: PageRequest) async throws -> Page<StateMachine> {
        let cursor = try page.token.map(ListCursor.init(token:)) ?? ListCursor(date: .max, id: .max)
        return try await read { db in
            let sql = """
                \(StateMachineRecord.select) WHERE (m.creationDate, m.id) < (?, ?)
                ORDER BY m.creationDate DESC, m.id DESC LIMIT ?
                """
            let rows = try Row.fetchAll(db, sql: sql, arguments: [cursor.date, cursor.id, page.limit + 1])
            return ListCursor.page(rows, limit: page.limit, date: "creationDate", StateMachineRecord.stateMachine)
        }
    }
}

/// How rows of `stateMachine` and `stateMachineRevision` become values.
private enum StateMachineRecord {
    static let select = """
        SELECT m.id, m.arn, m.creationDate, m.revision, r.definition, r.roleArn, r.options, r.revisionId, r.updateDate
        FROM stateMachine m JOIN stateMachineRevision r ON r.id = m.revision
        """

    static func find(_ arn: String, _ db: Database) throws -> StateMachine? {
        try Row.fetchOne(db, sql: "\(select) WHERE m.arn = ?", arguments: [arn]).map(stateMachine)
    }

    static func stateMachine(_ row: Row) -> StateMachine {
        let arn: String = row["arn"]
        let options: String = row["options"]
        return StateMachine(
            arn: arn,
            name: String(arn[(arn.lastIndex(of: ":").map(arn.index(after:)) ?? arn.startIndex)...]),
            definition: row["definition"],
            roleArn: row["roleArn"],
            creationDate: Date(milliseconds: row["creationDate"]),
            updateDate: Date(milliseconds: row["updateDate"]),
            revisionId: row["revisionId"],
            revision: row["revision"],
            options: (try? JSON(parsing: options)) ?? [:]
        )
    }

    static func insertRevision(_ machine: StateMachine, _ db: Database) throws -> Int64 {
        let sql = """
            INSERT INTO stateMachineRevision (stateMachineArn, definition, roleArn, options, revisionId, updateDate)
            VALUES (?, ?, ?, ?, ?, ?)
            """
        try db.execute(
            sql: sql,
            arguments: [
                machine.arn, machine.definition, machine.roleArn, machine.options.text, machine.revisionId,
                machine.updateDate.milliseconds,
            ]
        )
        return db.lastInsertedRowID
    }

    static func removeUnusedRevisions(of arn: String, _ db: Database) throws {
        let sql = """
            DELETE FROM stateMachineRevision WHERE stateMachineArn = ?
            AND NOT EXISTS (SELECT 1 FROM stateMachine m WHERE m.revision = stateMachineRevision.id)
            AND NOT EXISTS (SELECT 1 FROM execution e WHERE e.revision = stateMachineRevision.id)
            """
        try db.execute(sql: sql, arguments: [arn])
    }
}
