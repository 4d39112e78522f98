import StatesLanguage

/// Something that waits in an execution's mailbox.
struct Delivery: Sendable {
    /// What is asked of the execution.
    enum Letter: Sendable {
        case start(Start)
        case event(Event)
        /// The handler has returned and holds its lease no more.
        case handed(Event)
        /// A worker polls for an activity's tasks and is to get this one.
        case claim(task: Int, workerName: String?)
        case stop(error: String?, cause: String?)
        case redrive(Redrive)
        /// The Map Run of a child runs it again; with what an Express child begins anew.
        case redriveChild(ChildRedrive)
        /// A Map Run of the execution has ended: the event tells how.
        case mapRunEnded(MapRun.Status, Event)
    }

    /// How an execution goes on.
    struct Redrive: Sendable {
        var token: String?
        /// Which definition it goes on with, where that is another.
        var revision: Int64?
        /// The input of the state that is run again, where that is another.
        var input: Payload?
    }

    /// An execution to be.
    struct Start: Sendable {
        var execution: Execution
        var state: ExecutionState
        /// Whether the name was made for it, so that no other execution can have it.
        var isNameNew: Bool
    }

    /// A child of a Map Run that is to run again.
    struct ChildRedrive: Sendable {
        /// The run's redrive.
        var redriveCount: Int
        /// The state an Express child begins anew with.
        var state: ExecutionState?
    }

    typealias Reply = @Sendable (Result<Execution, ExecutionError>) -> Void

    var letter: Letter
    /// Told once the step is on disk, or why it is not.
    ///
    /// A delivery that nobody waits for is never lost: when a commit fails it is tried again.
    var reply: Reply?
    /// Told when it has to wait for a step that takes long.
    var onDelay: (@Sendable () -> Void)?
}

/// The mail of one execution, taken out to be worked on.
struct Work: Sendable {
    var arn: String
    var deliveries: [Delivery]
    /// The execution as it was after its last commit, if it is still at hand.
    var cached: HotExecution?
}

/// An execution with its state decoded; there is none once it has succeeded.
struct HotExecution: Sendable {
    var execution: Execution
    var state: ExecutionState?
}
