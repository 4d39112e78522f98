public import DurableExecution
internal import FoundationEssentials
internal import GRDB

/// Aliases of state machines.
extension SQLiteStore {
    /// Saves a new alias, unless one of its ARN exists; returns the one that is stored then.
    public func insert(_ alias: StateMachineAlias) async throws -> StateMachineAlias {
        try await write { db in
            if let existing = try AliasRecord.find(alias.arn, db) { return existing }
            try AliasRecord.checkRoom(in: alias.stateMachineArn, db)
            let sql = """
                INSERT INTO stateMachineAlias (arn, stateMachineArn, name, description, creationDate, updateDate)
                VALUES (?, ?, ?, ?, ?, ?)
                """
            try db.execute(
                sql: sql,
                arguments: [
                    alias.arn, alias.stateMachineArn, alias.name, alias.description, alias.creationDate.milliseconds,
                    alias.updateDate.milliseconds,
                ]
            )
            try AliasRecord.insertRoutes(of: alias, db.lastInsertedRowID, db)
            return alias
        }
    }

    /// Saves the description and the routes of an alias.
    public func update(_ alias: StateMachineAlias) async throws {
        try await write { db in
            let sql = "UPDATE stateMachineAlias SET description = ?, updateDate = ? WHERE arn = ? RETURNING id"
            let arguments: StatementArguments = [alias.description, alias.updateDate.milliseconds, alias.arn]
            guard let id = try Int64.fetchOne(db, sql: sql, arguments: arguments) else {
                throw ExecutionError.missingReference
            }
            try db.execute(sql: "DELETE FROM stateMachineRoute WHERE alias = ?", arguments: [id])
            try AliasRecord.insertRoutes(of: alias, id, db)
        }
    }

    /// Finds an alias.
    public func alias(_ arn: String) async throws -> StateMachineAlias? {
        try await read { try AliasRecord.find(arn, $0) }
    }

    /// Lists the aliases of a state machine, oldest first; of one version only, if one is given.
    public func aliases(of arn: String, version: String?, _ page: PageRequest) async throws -> Page<StateMachineAlias> {
        let cursor = try page.token.map(ListCursor.init(token:))
        return try await read { db in
            let sql = """
                \(AliasRecord.select) WHERE stateMachineArn = ? AND id > ? AND (? IS NULL OR EXISTS (
                    SELECT 1 FROM stateMachineRoute r WHERE r.alias = stateMachineAlias.id AND r.versionArn = ?))
                ORDER BY id LIMIT ?
                """
            let arguments: StatementArguments = [arn, cursor?.id ?? 0, version, version, page.limit + 1]
            let rows = try Row.fetchAll(db, sql: sql, arguments: arguments)
            return try ListCursor.page(rows, limit: page.limit, date: "creationDate") { try AliasRecord.alias($0, db) }
        }
    }

    /// Removes an alias.
    public func deleteAlias(_ arn: String) async throws {
        try await write { try $0.execute(sql: "DELETE FROM stateMachineAlias WHERE arn = ?", arguments: [arn]) }
    }
}

/// How rows of `stateMachineAlias` and `stateMachineRoute` become values.
private enum AliasRecord {
    static let select = """
        SELECT id, stateMachineArn, name, description, creationDate, updateDate FROM stateMachineAlias
        """

    /// How many aliases a state machine may have.
    private static let limit = 100

    static func find(_ arn: String, _ db: Database) throws -> StateMachineAlias? {
        try Row.fetchOne(db, sql: "\(select) WHERE arn = ?", arguments: [arn]).map { try alias($0, db) }
    }

    static func alias(_ row: Row, _ db: Database) throws -> StateMachineAlias {
        let id: Int64 = row["id"]
        let sql = "SELECT versionArn, weight FROM stateMachineRoute WHERE alias = ? ORDER BY position"
        return StateMachineAlias(
            stateMachineArn: row["stateMachineArn"],
            name: row["name"],
            description: row["description"],
            routes: try Row.fetchAll(db, sql: sql, arguments: [id])
                .map { StateMachineAlias.Route(versionArn: $0["versionArn"], weight: $0["weight"]) },
            creationDate: Date(milliseconds: row["creationDate"]),
            updateDate: Date(milliseconds: row["updateDate"])
        )
    }

    static func insertRoutes(of alias: StateMachineAlias, _ id: Int64, _ db: Database) throws {
        for (position, route) in alias.routes.enumerated() {
            let find = "SELECT 1 FROM stateMachineVersion WHERE arn = ?"
            guard try Int.fetchOne(db, sql: find, arguments: [route.versionArn]) != nil else {
                throw ExecutionError.missingReference
            }
            let sql = "INSERT INTO stateMachineRoute (alias, position, versionArn, weight) VALUES (?, ?, ?, ?)"
            try db.execute(sql: sql, arguments: [id, position, route.versionArn, route.weight])
        }
    }

    static func checkRoom(in arn: String, _ db: Database) throws {
        let sql = "SELECT count(*) FROM stateMachineAlias WHERE stateMachineArn = ?"
        guard try Int.fetchOne(db, sql: sql, arguments: [arn]) ?? 0 < limit else {
            throw ExecutionError(
                .serviceQuotaExceeded,
                "State machine '\(arn)' has \(limit) aliases; delete some before creating more"
            )
        }
    }
}
