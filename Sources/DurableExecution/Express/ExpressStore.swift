/// What the engine remembers of Express executions: that they were started, until they have ended.
///
/// Every function is one transaction.
public protocol ExpressStore: Sendable {
    /// Saves that an execution was started.
    func insert(express execution: Execution) async throws
    /// Forgets an execution that has ended.
    func removeExpress(_ arn: String) async throws
    /// The executions that have not ended, oldest first.
    func expressExecutions() async throws -> [Execution]
}
