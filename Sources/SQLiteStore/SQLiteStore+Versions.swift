public import DurableExecution
internal import FoundationEssentials
internal import GRDB

/// Versions of state machines.
extension SQLiteStore {
    /// Publishes the current revision, or finds the version it was published as.
    public func publish(_ request: VersionRequest, of arn: String) async throws -> StateMachineVersion {
        try await write { db in
            guard let machine = try StateMachineRecord.find(arn, db) else { throw ExecutionError.noStateMachine(arn) }
            return try VersionRecord.publish(request, machine, db)
        }
    }

    /// Finds a version.
    public func version(_ arn: String) async throws -> StateMachineVersion? {
        try await read { db in
            let sql = "\(VersionRecord.select) WHERE arn = ?"
            return try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [arn]).map(VersionRecord.version)
        }
    }

    /// Lists the versions of a state machine, newest first.
    public func versions(of arn: String, _ page: PageRequest) async throws -> Page<StateMachineVersion> {
        let cursor = try page.token.map(ListCursor.init(token:))
        return try await read { db in
            let sql = """
                \(VersionRecord.select) WHERE stateMachineArn = ? AND number < ? ORDER BY number DESC LIMIT ?
                """
            let rows = try Row.fetchAll(db, sql: sql, arguments: [arn, cursor?.id ?? .max, page.limit + 1])
            return ListCursor.page(rows, limit: page.limit, date: "creationDate", id: "number", VersionRecord.version)
        }
    }

    /// Removes a version; throws `ConflictException` when an alias refers to it.
    public func deleteVersion(_ arn: String) async throws {
        try await write { db in
            let sql = """
                SELECT a.name FROM stateMachineRoute r JOIN stateMachineAlias a ON a.id = r.alias
                WHERE r.versionArn = ? ORDER BY a.id
                """
            let names = try String.fetchAll(db, sql: sql, arguments: [arn])
            guard names.isEmpty else {
                throw ExecutionError(
                    .conflict,
                    "Version to be deleted must not be referenced by an alias. Current list of aliases referencing "
                        + "this version: [\(names.joined(separator: ", "))]"
                )
            }
            let delete = "DELETE FROM stateMachineVersion WHERE arn = ? RETURNING stateMachineArn"
            guard let machine = try String.fetchOne(db, sql: delete, arguments: [arn]) else { return }
            try StateMachineRecord.removeUnusedRevisions(of: machine, db)
        }
    }
}

/// How rows of `stateMachineVersion` become values.
enum VersionRecord {
    static let select = "SELECT stateMachineArn, number, revision, description, creationDate FROM stateMachineVersion"

    /// How many versions a state machine may have.
    private static let limit = 1000

    static func version(_ row: Row) -> StateMachineVersion {
        StateMachineVersion(
            stateMachineArn: row["stateMachineArn"],
            number: row["number"],
            revision: row["revision"],
            description: row["description"],
            creationDate: Date(milliseconds: row["creationDate"])
        )
    }

    static func find(revision: Int64, _ db: Database) throws -> StateMachineVersion? {
        try Row.fetchOne(db, sql: "\(select) WHERE revision = ?", arguments: [revision]).map(version)
    }

    static func publish(_ request: VersionRequest, _ machine: StateMachine, _ db: Database) throws
        -> StateMachineVersion
    {
        guard !machine.isDeleting else { throw ExecutionError.deleting(machine.arn) }
        let current = machine.revisionId ?? "INITIAL"
        if let wanted = request.revisionId, wanted != current {
            throw ExecutionError(
                .conflict,
                "Failed to publish the State Machine version for revision \(wanted). The current State Machine "
                    + "revision is \(current)."
            )
        }
        if let published = try find(revision: machine.revision, db) { return published }
        let count = "SELECT count(*) FROM stateMachineVersion WHERE stateMachineArn = ?"
        guard try Int.fetchOne(db, sql: count, arguments: [machine.arn]) ?? 0 < limit else {
            throw ExecutionError(
                .serviceQuotaExceeded,
                "State machine '\(machine.arn)' has \(limit) versions; delete some before publishing more"
            )
        }
        return try insert(request, machine, db)
    }

    private static func insert(
        _ request: VersionRequest,
        _ machine: StateMachine,
        _ db: Database
    ) throws -> StateMachineVersion {
        let next = "UPDATE stateMachine SET lastVersion = lastVersion + 1 WHERE arn = ? RETURNING lastVersion"
        let version = StateMachineVersion(
            stateMachineArn: machine.arn,
            number: try Int.fetchOne(db, sql: next, arguments: [machine.arn]) ?? 1,
            revision: machine.revision,
            description: request.description,
            creationDate: request.date
        )
        let sql = """
            INSERT INTO stateMachineVersion (arn, stateMachineArn, number, revision, description, creationDate)
            VALUES (?, ?, ?, ?, ?, ?)
            """
        try db.execute(
            sql: sql,
            arguments: [
                version.arn, version.stateMachineArn, version.number, version.revision, version.description,
                version.creationDate.milliseconds,
            ]
        )
        return version
    }
}
