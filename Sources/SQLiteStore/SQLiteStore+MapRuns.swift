public import DurableExecution
internal import GRDB
internal import JSON
public import StatesLanguage

/// Map Runs and their children.
extension SQLiteStore {
    /// Finds a Map Run.
    public func mapRun(_ arn: String) async throws -> MapRun? {
        try await mapRun(where: "r.arn = ?", [arn])
    }

    /// Finds the Map Run of an id in an execution.
    public func mapRun(of executionArn: String, requestID: Int) async throws -> MapRun? {
        try await mapRun(where: "e.arn = ? AND r.requestID = ?", [executionArn, requestID])
    }

    private func mapRun(where condition: String, _ arguments: StatementArguments) async throws -> MapRun? {
        try await read { db in
            let sql = "SELECT \(MapRunRecord.columns) FROM \(MapRunRecord.tables) WHERE \(condition)"
            return try Row.fetchOne(db.cachedStatement(sql: sql), arguments: arguments).map(MapRunRecord.mapRun)
        }
    }

    /// What a Map Run was asked for.
    public func mapRunRequest(_ arn: String) async throws -> MapRunRequest? {
        let text = try await read { db in
            let sql = "SELECT request FROM mapRun WHERE arn = ?"
            return try String.fetchOne(db.cachedStatement(sql: sql), arguments: [arn])
        }
        return try text.flatMap { MapRunRequest(json: try JSON(parsing: $0)) }
    }

    /// Lists an execution's Map Runs, newest first.
    public func mapRuns(of executionArn: String, _ page: PageRequest) async throws -> Page<MapRun> {
        let cursor = try page.token.map(ListCursor.init(token:)) ?? ListCursor(date: .max, id: .max)
        return try await read { db in
            let sql = """
                SELECT \(MapRunRecord.columns) FROM \(MapRunRecord.tables)
                WHERE e.arn = ? AND r.id < ? ORDER BY r.id DESC LIMIT ?
                """
            let rows = try Row.fetchAll(
                db.cachedStatement(sql: sql),
                arguments: [executionArn, cursor.id, page.limit + 1]
            )
            return ListCursor.page(rows, limit: page.limit, date: "startDate", MapRunRecord.mapRun)
        }
    }

    /// The Map Runs that have work to do.
    public func openMapRuns() async throws -> [MapRun] {
        try await read { db in
            let sql = """
                SELECT \(MapRunRecord.columns) FROM \(MapRunRecord.tables)
                WHERE r.status = 'RUNNING' OR r.running > 0 ORDER BY r.id
                """
            return try Row.fetchAll(db, sql: sql).map(MapRunRecord.mapRun)
        }
    }

    /// Changes limits; returns the run, or `nil` when there is none.
    public func update(_ limits: MapRunLimits, ofMapRun arn: String) async throws -> MapRun? {
        try await write { db in
            let sql = """
                UPDATE mapRun SET maxConcurrency = coalesce(?, maxConcurrency),
                    toleratedFailureCount = coalesce(?, toleratedFailureCount),
                    toleratedFailurePercentage = coalesce(?, toleratedFailurePercentage)
                WHERE arn = ?
                """
            try db.cachedStatement(sql: sql)
                .execute(
                    arguments: [
                        limits.maxConcurrency, limits.toleratedFailureCount, limits.toleratedFailurePercentage, arn,
                    ]
                )
            let select = "SELECT \(MapRunRecord.columns) FROM \(MapRunRecord.tables) WHERE r.arn = ?"
            return try Row.fetchOne(db.cachedStatement(sql: select), arguments: [arn]).map(MapRunRecord.mapRun)
        }
    }

    /// Notes how many results are written.
    public func noteResults(executions: Int, items: Int, ofMapRun arn: String) async throws {
        try await write { db in
            let sql = "UPDATE mapRun SET resultsWritten = ?, itemResultsWritten = ? WHERE arn = ?"
            try db.cachedStatement(sql: sql).execute(arguments: [executions, items, arn])
        }
    }

    /// Children in the order of their numbers.
    public func children(_ query: MapRunChildren) async throws -> [Execution] {
        try await read { db in
            let id = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT id FROM mapRun WHERE arn = ?"),
                arguments: [query.mapRunArn]
            )
            guard let id else { return [] }
            var conditions = ["mapRun = ?", "childIndex > ?"]
            var arguments: StatementArguments = [id, query.after]
            if let statuses = query.statuses {
                let marks = statuses.map { _ in "?" }.joined(separator: ", ")
                conditions.append("status IN (\(marks))")
                for status in statuses { arguments += [status.rawValue] }
                // The planner is told what the words mean, so that it takes the small index.
                if !statuses.contains(.succeeded) { conditions.append("status <> 'SUCCEEDED'") }
            }
            if let bound = query.redriveCountBelow {
                conditions.append("childRedrive < ?")
                arguments += [bound]
            }
            let sql = """
                SELECT \(ExecutionRecord.columns) FROM execution
                WHERE \(conditions.joined(separator: " AND ")) ORDER BY childIndex LIMIT ?
                """
            return try Row.fetchAll(db.cachedStatement(sql: sql), arguments: arguments + [query.limit])
                .map(ExecutionRecord.execution)
        }
    }
}
