public import JSON
public import StatesLanguage

/// Does the tasks of a resource: the bridge from a Task state to the world.
///
/// A handler may run twice for one task, when the process died before its result was saved; `clientToken` is then
/// the same, so that whoever is asked can recognise the request.
public protocol TaskHandler: Sendable {
    /// Does a task.
    ///
    /// Throw `StatesError` to fail with a name that Retry and Catch can match; every other error becomes
    /// `States.TaskFailed`. When nobody waits for the task any more, the Swift task is cancelled.
    func run(_ task: TaskInvocation) async throws -> TaskResult
}

/// What a handler brought about.
public enum TaskResult: Sendable, Equatable {
    /// The task is done, with an output.
    case succeeded(JSON)
    /// The task was handed over, with the answer to that; its end comes by token, through `Engine.sendTaskSuccess`.
    ///
    /// Tasks of `….waitForTaskToken` resources are taken so even when the handler says `succeeded`.
    case submitted(JSON)
}

/// A task as its handler sees it.
public struct TaskInvocation: Sendable {
    /// The execution that asked for it.
    public let executionArn: String
    /// Its id, unique in its execution; a retry has a new one.
    public let id: Int
    /// The state that asked for it.
    public let stateName: String
    /// The resource, as the definition has it.
    public let resource: String
    /// The effective input.
    public let parameters: JSON
    /// The task token, as in `$$.Task.Token`.
    public let token: String
    /// How long the task may take; the engine keeps the time.
    public let timeoutSeconds: Int?
    /// How long the task may be silent; the engine keeps the time.
    public let heartbeatSeconds: Int?
    /// How often the task was handed to a handler, from 1; more than 1 after a crash.
    public let attempt: Int
    /// Says that the task is alive.
    public let heartbeat: @Sendable () -> Void
    /// Says that the task was handed over, for handlers that then wait for its end themselves (`.sync`).
    public let submitted: @Sendable (JSON) -> Void

    /// What is asked of the service: `publish` of `arn:aws:states:::sns:publish.waitForTaskToken`.
    public var action: String {
        let name = resource.split(separator: ":").last { $0 != "2" } ?? ""
        return String(name.prefix { $0 != "." })
    }

    /// The same for every run of this task, and for no other task.
    public var clientToken: String { "\(executionArn)#\(id)" }

    /// A task of all its parts; for tests of handlers.
    public init(
        executionArn: String,
        request: TaskRequest,
        attempt: Int = 1,
        heartbeat: @escaping @Sendable () -> Void = {},
        submitted: @escaping @Sendable (JSON) -> Void = { _ in }
    ) {
        self.executionArn = executionArn
        id = request.id
        stateName = request.stateName
        resource = request.resource
        parameters = request.parameters
        token = request.token
        timeoutSeconds = request.timeoutSeconds
        heartbeatSeconds = request.heartbeatSeconds
        self.attempt = attempt
        self.heartbeat = heartbeat
        self.submitted = submitted
    }
}
