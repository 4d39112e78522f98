/// All there is to remember of an execution between two events.
public struct ExecutionState: Sendable, Equatable {
    /// How an execution stands.
    public enum Status: String, Sendable, Codable {
        case running = "RUNNING"
        case succeeded = "SUCCEEDED"
        case failed = "FAILED"
        case timedOut = "TIMED_OUT"
        case aborted = "ABORTED"
    }

    /// What the context object says of the execution.
    public internal(set) var context: ExecutionContext
    /// How the execution stands.
    public internal(set) var status: Status = .running
    /// The id the next history event gets; one less is the number of events so far.
    public internal(set) var nextEventID = 1

    var frames: [Int: Frame] = [:]
    var tasks: [Int: OpenTask] = [:]
    var timers: [Int: TimerPurpose] = [:]
    var nextFrame = 1
    var nextTask = 1
    var nextTimer = 1
    /// How many transitions there were.
    var transitions = 0
    /// How many bytes the variables of all frames have.
    var variableBytes = 0
    var generator: SeededGenerator

    /// The state of an execution that has not started; send it `Event.started`.
    ///
    /// - Parameters:
    ///   - context: The execution and its machine; the input is in it.
    ///   - seed: Where `States.UUID`, `States.MathRandom` and jitter come from; a new one for each execution.
    public init(context: ExecutionContext, seed: UInt64) {
        self.context = context
        generator = SeededGenerator(seed: seed)
    }

    /// Whether the execution goes on.
    public var isRunning: Bool { status == .running }

    /// The ids of the tasks that have not ended, in order.
    public var openTaskIDs: [Int] { tasks.keys.sorted() }

    /// The ids of the timers that have not fired, in order.
    public var openTimerIDs: [Int] { timers.keys.sorted() }

    /// The states the execution is in, outermost first: one, or more within Parallel and Map states.
    public var currentStateNames: [String] {
        guard status == .running else { return [] }
        return frames.values.sorted { $0.id < $1.id }.map(\.stateName)
    }
}
