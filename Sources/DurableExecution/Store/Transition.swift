public import FoundationEssentials
public import StatesLanguage

/// One execution's step from commit to commit: all that changes in the store.
public struct Transition: Sendable {
    /// The execution after the step.
    public var execution: Execution
    /// Whether the execution is inserted by this step.
    public var isNew: Bool
    /// The interpreter's state after the step as JSON text; `nil` once it has succeeded.
    public var state: String?
    /// The events to append to the history.
    public var history: [HistoryEvent] = []
    /// Tasks to add.
    public var tasks: [ScheduledTask] = []
    /// Tasks to remove.
    public var endedTasks: [Int] = []
    /// Tasks whose handler is done and whose result comes from elsewhere.
    public var submittedTasks: [Int] = []
    /// Timers to add: when to fire, by id.
    public var timers: [Int: Date] = [:]
    /// Timers to remove.
    public var endedTimers: [Int] = []
    /// The outcomes to record: one when the execution ends, more when it was also redriven within the step.
    public var outcomes: [ExecutionOutcome] = []
    /// What becomes of the execution's Map Runs, in order.
    public var mapRuns: [MapRunChange] = []
    /// What the step did to a child of a Map Run; `nil` for other executions, and where it stands as before.
    public var childStep: MapRunMembership.Step?

    /// A step that changes nothing yet.
    public init(execution: Execution, isNew: Bool = false, state: String? = nil) {
        self.execution = execution
        self.isNew = isNew
        self.state = state
    }
}

/// A task on its way to a handler.
public struct ScheduledTask: Sendable, Equatable {
    /// The execution that asked for it.
    public var executionArn: String
    /// What is asked for.
    public var request: TaskRequest
    /// Who has it; `nil` while it is offered.
    public var lease: Lease?
    /// How often it was handed to a handler.
    public var attempt: Int

    /// A task of an execution.
    public init(executionArn: String, request: TaskRequest, lease: Lease? = nil, attempt: Int = 0) {
        self.executionArn = executionArn
        self.request = request
        self.lease = lease
        self.attempt = attempt
    }

    /// The task's name.
    public var key: TaskKey { TaskKey(executionArn: executionArn, id: request.id) }
}

extension TaskRequest {
    /// Whether its result comes by token, after the handler has returned: `….waitForTaskToken`.
    public var waitsForToken: Bool { resource.hasSuffix(".waitForTaskToken") }

    /// Whether somebody may end it by its token.
    public var isKnownByToken: Bool {
        waitsForToken || resource.contains(".sync") || activityARN != nil
    }

    /// The activity whose workers poll for it, if it is for one.
    public var activityARN: String? { resource.contains(":activity:") ? resource : nil }
}
