public import JSON

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
    /// How many of them were lately; counted only where that is limited.
    var pace = Pace()
    /// The variables of each frame's own scope; frames without any are left out.
    var variables: [Int: JSONObject] = [:]
    /// How many bytes the variables of all frames have.
    var variableBytes = 0
    /// The last Map Run of a frame's current state.
    var mapRuns: [Int: MapRun] = [:]
    var generator: SeededGenerator
    /// The variables that are set before the first state; none once the execution has started.
    var startVariables: JSONObject

    /// The state of an execution that has not started; send it `Event.started`.
    ///
    /// - Parameters:
    ///   - context: The execution and its machine; the input is in it.
    ///   - seed: Where `States.UUID`, `States.MathRandom` and jitter come from; a new one for each execution.
    ///   - variables: Variables that are set before the first state is entered; for tests of one state.
    public init(context: ExecutionContext, seed: UInt64, variables: JSONObject = [:]) {
        self.context = context
        startVariables = variables
        generator = SeededGenerator(seed: seed)
    }

    /// Whether the execution goes on.
    public var isRunning: Bool { status == .running }

    /// The ids of the tasks that have not ended, in order.
    public var openTaskIDs: [Int] { tasks.keys.sorted() }

    /// The ids of the timers that have not fired, in order.
    public var openTimerIDs: [Int] { timers.keys.sorted() }

    /// Whether a call left something over.
    public var hasContinuation: Bool { timers.values.contains(.continuation) }

    /// Whether a timer is there for what a call left over.
    public func isContinuation(_ timer: Int) -> Bool { timers[timer] == .continuation }

    /// The states the execution is in, outermost first: one, or more within Parallel and Map states.
    public var currentStateNames: [String] {
        guard status == .running else { return [] }
        return frames.values.sorted { $0.id < $1.id }.map(\.stateName)
    }
}

// MARK: - Before a redrive

extension ExecutionState {
    /// The states that a redrive would run again, innermost only.
    public var redrivenStateNames: [String] {
        frames.values.filter(\.isRedriven).sorted { $0.id < $1.id }.map(\.stateName)
    }

    /// The states the execution is in that a definition does not have, or has as another type.
    ///
    /// - Parameters:
    ///   - definition: The definition to go on with.
    ///   - former: The definition the execution ran until now.
    /// - Returns: The states' names; none when the execution can go on.
    public func statesMissing(in definition: Definition, since former: Definition) -> [String] {
        frames.values.sorted { $0.id < $1.id }.map(\.stateName)
            .filter { name in
                guard let state = definition.statesByName[name] else { return true }
                return state.type != former.statesByName[name]?.type && !isRedriven(name)
            }
    }

    /// Whether a state is one that would run again from its beginning, so that it may be of another type.
    private func isRedriven(_ name: String) -> Bool {
        frames.values.contains { $0.stateName == name && $0.isRedriven }
    }
}

extension Frame {
    /// Whether the state is run again by a redrive: it has no children that go on instead, and no result.
    var isRedriven: Bool {
        switch phase {
        case .children, .finished, .waited: false
        default: true
        }
    }
}
