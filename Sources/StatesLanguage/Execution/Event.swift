public import FoundationEssentials
public import JSON

/// Something that happened to an execution.
///
/// An event about a task or a timer that is no longer open, because it comes late or twice, has no effect.
public enum Event: Sendable, Equatable {
    /// The execution starts.
    case started
    /// A worker took a task; for an activity, with the worker's name.
    case taskStarted(task: Int, workerName: String? = nil)
    /// A `.sync` or `.waitForTaskToken` task was handed over; its result comes later.
    case taskSubmitted(task: Int, output: JSON)
    /// A task ended well.
    case taskSucceeded(task: Int, output: Payload)
    /// A task ended in an error.
    case taskFailed(task: Int, error: StatesError)
    /// A task is alive.
    case taskHeartbeat(task: Int)
    /// A timer's time has come.
    case timerFired(timer: Int)
    /// All children of a Map Run have ended and their results are written: the state's result.
    case mapRunSucceeded(id: Int, result: JSON)
    /// A Map Run ended in an error.
    case mapRunFailed(id: Int, error: StatesError)
    /// The execution is stopped from outside.
    case stopped(error: String? = nil, cause: String? = nil)
    /// A failed, aborted or timed-out execution goes on from where it failed; with another input, where one is given.
    case redriven(input: Payload? = nil)
}

/// Something to be done for an execution, after what it asked for is on disk.
public enum Command: Sendable, Equatable {
    /// Have a task done, and answer with the task events.
    case scheduleTask(TaskRequest)
    /// Nobody waits for the task any more.
    case cancelTask(Int)
    /// Start a Map Run, and answer with its end.
    case startMapRun(MapRunRequest)
    /// Run the failed and the missing children of a Map Run again.
    case redriveMapRun(Int)
    /// Nobody waits for the Map Run any more: its children are to be stopped.
    case cancelMapRun(Int)
    /// Fire `timerFired` at the time.
    case startTimer(id: Int, fireAt: Date)
    /// Nobody waits for the timer any more.
    case cancelTimer(Int)
    /// The execution has ended.
    case end(Outcome)
}

/// How an execution ended.
public enum Outcome: Sendable, Equatable {
    /// With an output.
    case succeeded(output: Payload)
    /// In an error that nobody caught.
    case failed(StatesError)
    /// At the machine's `TimeoutSeconds`.
    case timedOut(StatesError)
    /// Stopped from outside.
    case aborted(error: String?, cause: String?)
}

/// A task to be done.
public struct TaskRequest: Sendable, Equatable {
    /// The task's id, unique in its execution.
    public var id: Int
    /// The state that asks for it.
    public var stateName: String
    /// The resource, as the definition has it: `arn:aws:states:::sns:publish`.
    public var resource: String
    /// The effective input with its text: what the state's `Parameters` made of its input.
    public var input: Payload
    /// The task token, as in `$$.Task.Token`.
    public var token: String
    /// How long the task may take, if that is limited; the interpreter keeps the timer.
    public var timeoutSeconds: Int?
    /// How long the task may be silent, if that is limited; the interpreter keeps the timer.
    public var heartbeatSeconds: Int?

    /// A task to be done.
    public init(
        id: Int,
        stateName: String,
        resource: String,
        input: Payload,
        token: String,
        timeoutSeconds: Int? = nil,
        heartbeatSeconds: Int? = nil
    ) {
        self.id = id
        self.stateName = stateName
        self.resource = resource
        self.input = input
        self.token = token
        self.timeoutSeconds = timeoutSeconds
        self.heartbeatSeconds = heartbeatSeconds
    }

    /// The effective input.
    public var parameters: JSON { input.value }
}

/// What came of an event: what to write down and what to do.
public struct Effects: Sendable, Equatable {
    /// The history events, in order.
    public var history: [HistoryEvent]
    /// What to do, in order.
    public var commands: [Command]

    /// Nothing to write down and nothing to do, unless given.
    public init(history: [HistoryEvent] = [], commands: [Command] = []) {
        self.history = history
        self.commands = commands
    }
}
