public import DurableExecution
public import FoundationEssentials
internal import GRDB
public import JSON

/// Executions: what the world sees of them, and how they ended. Their tasks, timers and state machines have files of
/// their own.
extension SQLiteStore: ExecutionStore {
    /// Finds executions with their states; those that do not exist are left out.
    public func load(_ arns: [String]) async throws -> [StoredExecution] {
        let wanted = JSON.array(arns.map(JSON.string)).text
        return try await read { db in
            let sql = """
                SELECT \(ExecutionRecord.columns), state FROM execution
                WHERE arn IN (SELECT value FROM json_each(?))
                """
            let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: [wanted])
            var found: [StoredExecution] = []
            while let row = try rows.next() {
                found.append(StoredExecution(execution: ExecutionRecord.execution(row), state: row["state"]))
            }
            return found
        }
    }

    /// Finds an execution.
    public func execution(_ arn: String) async throws -> Execution? {
        try await read { db in
            let sql = "SELECT \(ExecutionRecord.columns) FROM execution WHERE arn = ?"
            return try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [arn]).map(ExecutionRecord.execution)
        }
    }

    /// Lists executions, newest first.
    public func executions(_ query: ExecutionQuery, _ page: PageRequest) async throws -> Page<Execution> {
        let cursor = try page.token.map(ListCursor.init(token:))
        return try await read { db in
            let (condition, arguments) = ExecutionRecord.condition(query, cursor)
            let order = query.mapRunArn == nil ? "startDate DESC, id DESC" : "childIndex DESC"
            let sql = """
                SELECT \(ExecutionRecord.columns), id FROM execution \(condition)
                ORDER BY \(order) LIMIT ?
                """
            let rows = try Row.fetchAll(db, sql: sql, arguments: arguments + [page.limit + 1])
            let date = query.mapRunArn == nil ? "startDate" : "childIndex"
            return ListCursor.page(rows, limit: page.limit, date: date, ExecutionRecord.execution)
        }
    }

    /// History events in AWS's shape.
    public func history(of arn: String, isReversed: Bool, _ page: PageRequest) async throws -> Page<JSON> {
        let start = try page.token.map(HistoryCursor.init(token:)) ?? HistoryCursor.start(isReversed: isReversed)
        return try await read { db in
            let sql = """
                WITH e AS (SELECT id FROM execution WHERE arn = ?1)
                SELECT events FROM executionHistory
                WHERE execution = (SELECT id FROM e) AND \(isReversed ? "firstEvent <= ?2" : Self.fromChunk)
                ORDER BY firstEvent \(isReversed ? "DESC" : "ASC")
                """
            let chunks = try String.fetchCursor(
                db.cachedStatement(sql: sql),
                arguments: [arn, start.event]
            )
            var events: [JSON] = []
            while events.count <= page.limit, let chunk = try chunks.next() {
                let chunkEvents = try JSON(parsing: chunk).array ?? []
                let wanted = chunkEvents.filter { start.includes($0, isReversed: isReversed) }
                events += isReversed ? wanted.reversed() : wanted
            }
            return HistoryCursor.page(events, limit: page.limit)
        }
    }

    /// Rows from the one on which holds an event: found by its key, so that no row before it is touched.
    private static var fromChunk: String {
        """
        firstEvent >= coalesce((
            SELECT max(firstEvent) FROM executionHistory WHERE execution = (SELECT id FROM e) AND firstEvent <= ?2), 0)
        """
    }

    // MARK: Outcomes

    /// The outcomes nobody has acknowledged, oldest first.
    public func unacknowledgedOutcomes(limit: Int) async throws -> [ExecutionOutcome] {
        try await read { db in
            let sql = """
                SELECT o.redriveCount, o.status, o.error, o.cause, o.stateName, o.date,
                    e.arn, e.stateMachineArn, e.name, e.startDate
                FROM executionOutcome o JOIN execution e ON e.id = o.execution
                WHERE o.acknowledgedDate IS NULL ORDER BY o.date, o.execution LIMIT ?
                """
            return try Row.fetchAll(db.cachedStatement(sql: sql), arguments: [limit]).map(ExecutionRecord.outcome)
        }
    }

    /// Notes that an outcome was published.
    public func acknowledgeOutcome(of arn: String, redriveCount: Int, at now: Date) async throws {
        try await write { db in
            let sql = """
                UPDATE executionOutcome SET acknowledgedDate = ?
                WHERE execution = (SELECT id FROM execution WHERE arn = ?) AND redriveCount = ?
                AND acknowledgedDate IS NULL
                """
            try db.cachedStatement(sql: sql).execute(arguments: [now.milliseconds, arn, redriveCount])
        }
    }

    /// The beginnings nobody has told, oldest first; a trigger has written them down.
    public func untoldBeginnings(limit: Int) async throws -> [ExecutionBeginning] {
        try await read { db in
            let sql = """
                SELECT b.sequence, b.redriveCount AS beginningCount, e.* FROM executionBeginning b
                JOIN execution e ON e.id = b.execution ORDER BY b.sequence LIMIT ?
                """
            return try Row.fetchAll(db.cachedStatement(sql: sql), arguments: [limit])
                .map { row in
                    ExecutionBeginning(
                        id: row["sequence"],
                        execution: ExecutionRecord.execution(row),
                        redriveCount: row["beginningCount"]
                    )
                }
        }
    }

    /// Removes beginnings that were told.
    public func forgetBeginnings(_ ids: [ExecutionBeginning.ID]) async throws {
        try await write { db in
            let statement = try db.cachedStatement(sql: "DELETE FROM executionBeginning WHERE sequence = ?")
            for id in ids { try statement.execute(arguments: [id]) }
        }
    }
}

/// How rows of `execution` and `executionOutcome` become values.
enum ExecutionRecord {
    static let columns = """
        arn, stateMachineArn, name, revision, status, input, output, error, cause, startDate, stopDate,
        redriveCount, redriveDate, redriveToken, traceHeader, stateMachineVersionArn, stateMachineAliasArn,
        childIndex, itemCount, childRedrive, parentTask, depth,
        (SELECT p.arn FROM execution p WHERE p.id = execution.parent) AS parentArn,
        (SELECT m.arn FROM mapRun m WHERE m.id = execution.mapRun) AS mapRunArn,
        (SELECT m.stateName FROM mapRun m WHERE m.id = execution.mapRun) AS mapRunState,
        (SELECT m.isExpress FROM mapRun m WHERE m.id = execution.mapRun) AS mapRunIsExpress
        """

    static func execution(_ row: Row) -> Execution {
        var execution = Execution(
            arn: row["arn"],
            stateMachineArn: row["stateMachineArn"],
            name: row["name"],
            revision: row["revision"],
            input: row["input"],
            startDate: Date(milliseconds: row["startDate"]),
            traceHeader: row["traceHeader"]
        )
        execution.status = status(row)
        execution.output = row["output"]
        execution.error = row["error"]
        execution.cause = row["cause"]
        execution.stopDate = (row["stopDate"] as Int64?).map(Date.init(milliseconds:))
        execution.redriveCount = row["redriveCount"]
        execution.redriveDate = (row["redriveDate"] as Int64?).map(Date.init(milliseconds:))
        execution.redriveToken = row["redriveToken"]
        execution.stateMachineVersionArn = row["stateMachineVersionArn"]
        execution.stateMachineAliasArn = row["stateMachineAliasArn"]
        if let parentArn: String = row["parentArn"] {
            execution.depth = row["depth"]
            execution.parentTask = TaskKey(executionArn: parentArn, id: row["parentTask"])
        }
        if let mapRunArn: String = row["mapRunArn"] {
            execution.mapRun = MapRunMembership(
                mapRunArn: mapRunArn,
                stateName: row["mapRunState"],
                isExpress: row["mapRunIsExpress"],
                index: row["childIndex"],
                itemCount: row["itemCount"],
                redriveCount: row["childRedrive"]
            )
        }
        return execution
    }

    static func outcome(_ row: Row) -> ExecutionOutcome {
        ExecutionOutcome(
            executionArn: row["arn"],
            stateMachineArn: row["stateMachineArn"],
            name: row["name"],
            redriveCount: row["redriveCount"],
            status: status(row),
            error: row["error"],
            cause: row["cause"],
            stateName: row["stateName"],
            startDate: Date(milliseconds: row["startDate"]),
            date: Date(milliseconds: row["date"])
        )
    }

    private static func status(_ row: Row) -> Execution.Status {
        let text: String = row["status"]
        guard let status = Execution.Status(rawValue: text) else {
            preconditionFailure("the schema allows a status \"\(text)\" that has no meaning")
        }
        return status
    }

    /// The column that holds an ARN: of a state machine, a version or an alias.
    private static func startedBy(_ arn: String) -> String {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 8 else { return "stateMachineArn" }
        let isVersion = parts[7].utf8.allSatisfy { (48...57).contains($0) }
        return isVersion ? "stateMachineVersionArn" : "stateMachineAliasArn"
    }

    static func condition(_ query: ExecutionQuery, _ cursor: ListCursor?) -> (String, StatementArguments) {
        var conditions: [String] = []
        var arguments = StatementArguments()
        if let arn = query.mapRunArn {
            conditions.append("mapRun = (SELECT m.id FROM mapRun m WHERE m.arn = ?)")
            arguments += [arn]
        } else {
            conditions.append("mapRun IS NULL")
        }
        if let arn = query.stateMachineArn {
            conditions.append("\(startedBy(arn)) = ?")
            arguments += [arn]
        }
        if let status = query.status {
            conditions.append("status = ?")
            arguments += [status.rawValue]
        }
        if let isRedriven = query.isRedriven { conditions.append(isRedriven ? "redriveCount > 0" : "redriveCount = 0") }
        if let cursor, query.mapRunArn != nil {
            conditions.append("childIndex < ?")
            arguments += [cursor.date]
        } else if let cursor {
            conditions.append("(startDate, id) < (?, ?)")
            arguments += [cursor.date, cursor.id]
        }
        return (conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND "), arguments)
    }
}
