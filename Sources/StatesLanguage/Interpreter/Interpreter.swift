public import FoundationEssentials
import JSON

/// Advances executions of one state machine; does no I/O, reads no clock and rolls no dice.
///
/// Load the state, call `handle`, write state and history down, then do what the commands say. The pure states
/// between two effects run in one call; after 1,000 transitions, or when its slice of time is over, the call yields
/// with a timer that is due at once, so an endless loop cannot hold its caller.
public struct Interpreter: Sendable {
    /// What an execution may do.
    public struct Configuration: Sendable, Equatable {
        /// How many transitions an execution may make in all before it fails: 250,000 unless given.
        public var transitionLimit = 250_000
        /// How many transitions an execution may make within a second before it fails; `nil` for any number.
        public var transitionsPerSecond: Int?
        /// How many history events an execution may have: the last one then tells that it failed of that.
        ///
        /// Standard executions of Step Functions have room for 25,000, Express ones for any number; `nil` is no limit.
        public var historyLimit: Int?
        /// Whether causes begin with the state that failed, as in executions; `TestState` shows them without.
        public var namesStateInCauses = true

        /// The default limits.
        public init() {}
    }

    /// The machine.
    public let definition: Definition
    /// What an execution may do.
    public let configuration: Configuration

    /// How many transitions one call may make.
    static let transitionsPerCall = 1_000

    /// What task tokens are sealed with.
    let tokenKey: [UInt8]
    /// Whether there is an activity of an ARN.
    let hasActivity: @Sendable (String) -> Bool

    /// An interpreter of a definition.
    ///
    /// - Parameters:
    ///   - definition: The machine.
    ///   - configuration: What an execution may do.
    ///   - tokenKey: The secret that task tokens are sealed with; without one they can be guessed.
    ///   - hasActivity: Whether there is an activity of an ARN; a task for one that does not exist fails.
    public init(
        _ definition: Definition,
        configuration: Configuration = Configuration(),
        tokenKey: [UInt8] = [],
        hasActivity: @escaping @Sendable (_ arn: String) -> Bool = { _ in true }
    ) {
        self.definition = definition
        self.configuration = configuration
        self.tokenKey = tokenKey
        self.hasActivity = hasActivity
    }

    /// Takes an event in.
    ///
    /// An event about a task or timer that is no longer open, and any event but `redriven` after the end, changes
    /// nothing and has no effects.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - state: The execution.
    ///   - now: The time.
    ///   - slice: How long this may take; when the slice is exceeded, neither state nor effects are of use.
    /// - Returns: What to write down and what to do.
    public func handle(
        _ event: Event,
        in state: inout ExecutionState,
        at now: Date,
        within slice: TimeSlice? = nil
    ) -> Effects {
        var turn = Turn(self, state: state, now: now, slice: slice)
        // The turn owns the state meanwhile: a second owner would make every change a copy.
        state = Turn.placeholder
        turn.handle(event)
        state = turn.state
        return turn.effects
    }

    /// Takes an event in and notes what the states make of their data on the way.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - state: The execution.
    ///   - now: The time.
    ///   - slice: How long this may take; when the slice is exceeded, neither state nor effects are of use.
    ///   - inspection: Where the data is noted; the last value of each kind stays.
    /// - Returns: What to write down and what to do.
    public func handle(
        _ event: Event,
        in state: inout ExecutionState,
        at now: Date,
        within slice: TimeSlice? = nil,
        inspection: inout Inspection
    ) -> Effects {
        var turn = Turn(self, state: state, now: now, slice: slice)
        turn.inspection = inspection
        state = Turn.placeholder
        turn.handle(event)
        state = turn.state
        inspection = turn.inspection ?? inspection
        return turn.effects
    }
}
