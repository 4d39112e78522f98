public import FoundationEssentials

/// How an execution, or one redrive of it, ended: a row that waits until someone has told the world.
///
/// It is written in the transaction that ends the execution, so that no end is ever missed; whoever publishes it
/// acknowledges it afterwards and so publishes at least once.
public struct ExecutionOutcome: Sendable, Equatable {
    /// The execution that ended.
    public var executionArn: String
    /// The state machine it ran.
    public var stateMachineArn: String
    /// The execution's name.
    public var name: String
    /// How many redrives came before this end.
    public var redriveCount: Int
    /// How it ended; never `running`.
    public var status: Execution.Status
    /// The error's name.
    public var error: String?
    /// The error's cause.
    public var cause: String?
    /// The state in which it ended, where that was a single one.
    public var stateName: String?
    /// When it was started.
    public var startDate: Date
    /// When it ended.
    public var date: Date

    /// An id that is the same each time this outcome is published, so that a receiver can drop doubles.
    public var id: String { "\(executionArn)#\(redriveCount)" }

    /// An outcome of all its parts.
    public init(
        executionArn: String,
        stateMachineArn: String,
        name: String,
        redriveCount: Int,
        status: Execution.Status,
        error: String?,
        cause: String?,
        stateName: String?,
        startDate: Date,
        date: Date
    ) {
        self.executionArn = executionArn
        self.stateMachineArn = stateMachineArn
        self.name = name
        self.redriveCount = redriveCount
        self.status = status
        self.error = error
        self.cause = cause
        self.stateName = stateName
        self.startDate = startDate
        self.date = date
    }
}
