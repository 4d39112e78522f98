/// That an execution, or one redrive of it, has begun: a row that waits until someone has told the world.
///
/// It is written in the transaction that begins the execution, and only while somebody's rules look at events.
public struct ExecutionBeginning: Sendable, Equatable, Identifiable {
    /// The number of the row.
    public var id: Int64
    /// The execution as it is by now.
    public var execution: Execution
    /// How many redrives came before this beginning, this one among them.
    public var redriveCount: Int

    /// A beginning of known parts.
    public init(id: Int64, execution: Execution, redriveCount: Int) {
        self.id = id
        self.execution = execution
        self.redriveCount = redriveCount
    }
}
