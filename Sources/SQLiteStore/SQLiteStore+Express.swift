public import DurableExecution
internal import FoundationEssentials
internal import GRDB

/// Express executions that must run at least once: nothing of them but their start, from that to their end.
extension SQLiteStore {
    /// Saves that an execution was started.
    public func insert(express execution: Execution) async throws {
        try await write { db in
            let sql = """
                INSERT INTO expressStart (arn, stateMachineArn, name, revision, input, startDate, traceHeader,
                    stateMachineVersionArn, stateMachineAliasArn)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
            try db.cachedStatement(sql: sql)
                .execute(
                    arguments: [
                        execution.arn, execution.stateMachineArn, execution.name, execution.revision,
                        execution.input, execution.startDate.milliseconds, execution.traceHeader,
                        execution.stateMachineVersionArn, execution.stateMachineAliasArn,
                    ]
                )
        }
    }

    /// Forgets an execution that has ended.
    public func removeExpress(_ arn: String) async throws {
        try await write { db in
            try db.cachedStatement(sql: "DELETE FROM expressStart WHERE arn = ?").execute(arguments: [arn])
        }
    }

    /// The executions that have not ended, oldest first.
    public func expressExecutions() async throws -> [Execution] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM expressStart ORDER BY sequence")
                .map { row in
                    var execution = Execution(
                        arn: row["arn"],
                        stateMachineArn: row["stateMachineArn"],
                        name: row["name"],
                        revision: row["revision"],
                        input: row["input"],
                        startDate: Date(milliseconds: row["startDate"]),
                        traceHeader: row["traceHeader"]
                    )
                    execution.stateMachineVersionArn = row["stateMachineVersionArn"]
                    execution.stateMachineAliasArn = row["stateMachineAliasArn"]
                    return execution
                }
        }
    }
}
