/// What the engine remembers of executions that tasks of others wait for; every function is one transaction.
public protocol NestedStore: Sendable {
    /// The ends that tasks wait for: of the tasks of the executions named, or of all.
    func nestedResults(of arns: [String]?) async throws -> [NestedResult]
    /// The executions that run for tasks that have ended: of the executions named, or of all.
    func abandonedExecutions(of arns: [String]?) async throws -> [String]
}

/// The end of an execution that a task waits for.
public struct NestedResult: Sendable {
    /// The task.
    public var task: TaskKey
    /// What the task asks, as `arn:aws:states:::states:startExecution.sync:2`.
    public var resource: String
    /// The execution as it ended.
    public var execution: Execution

    /// An end that a task waits for.
    public init(task: TaskKey, resource: String, execution: Execution) {
        self.task = task
        self.resource = resource
        self.execution = execution
    }
}
