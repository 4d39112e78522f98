public import DurableExecution
internal import GRDB
internal import JSON

/// Executions that tasks of others wait for.
extension SQLiteStore {
    /// The ends that tasks wait for: of the tasks of the executions named, or of all.
    public func nestedResults(of arns: [String]?) async throws -> [NestedResult] {
        let (condition, arguments) = Self.condition("t.execution", among: arns)
        return try await read { db in
            let sql = """
                SELECT t.id AS taskID, t.resource, execution.*, p.arn AS parentArn
                FROM task t
                JOIN execution p ON p.id = t.execution
                JOIN execution ON execution.parent = t.execution AND execution.parentTask = t.id
                WHERE t.status = 'SUBMITTED' AND execution.stopDate IS NOT NULL \(condition)
                """
            return try Row.fetchAll(db.cachedStatement(sql: sql), arguments: arguments)
                .map { row in
                    NestedResult(
                        task: TaskKey(executionArn: row["parentArn"], id: row["taskID"]),
                        resource: row["resource"],
                        execution: ExecutionRecord.execution(row)
                    )
                }
        }
    }

    /// The executions that run for tasks that have ended: of the executions named, or of all.
    public func abandonedExecutions(of arns: [String]?) async throws -> [String] {
        let (condition, arguments) = Self.condition("c.parent", among: arns)
        return try await read { db in
            let sql = """
                SELECT c.arn FROM execution c
                WHERE c.parent IS NOT NULL AND c.stopDate IS NULL \(condition)
                AND NOT EXISTS (SELECT 1 FROM task t WHERE t.execution = c.parent AND t.id = c.parentTask)
                """
            return try String.fetchAll(db.cachedStatement(sql: sql), arguments: arguments)
        }
    }

    private static func condition(_ column: String, among arns: [String]?) -> (String, StatementArguments) {
        guard let arns else { return ("", []) }
        let condition = "AND \(column) IN (SELECT id FROM execution WHERE arn IN (SELECT value FROM json_each(?)))"
        return (condition, [JSON.array(arns.map(JSON.string)).text])
    }
}
