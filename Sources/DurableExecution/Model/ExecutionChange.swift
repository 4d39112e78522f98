/// A step of an execution that has just reached the disk.
public struct ExecutionChange: Sendable, Equatable {
    /// The execution after the step.
    public var execution: Execution
    /// The states it is in, outermost first; empty once it has ended.
    public var stateNames: [String]
    /// The last event of its history.
    public var lastEventID: Int
    /// Whether it began in this step, for the first time or again.
    public var hasBegun: Bool
    /// Whether it ended in this step.
    public var hasEnded: Bool
}
