public import FoundationEssentials
import JSON

/// Advances executions of one state machine; does no I/O, reads no clock and rolls no dice.
///
/// Load the state, call `handle`, write state and history down, then do what the commands say. The pure states
/// between two effects run in one call; after 10,000 transitions the call yields with a timer that is due at once,
/// so an endless loop cannot hold its caller.
public struct Interpreter: Sendable {
    /// The machine.
    public let definition: Definition

    /// How many transitions one call may make.
    static let transitionLimit = 10_000

    /// An interpreter of a definition.
    public init(_ definition: Definition) {
        self.definition = definition
    }

    /// Takes an event in.
    ///
    /// An event about a task or timer that is no longer open, and any event but `redriven` after the end, changes
    /// nothing and has no effects.
    public func handle(_ event: Event, in state: inout ExecutionState, at now: Date) -> Effects {
        var turn = Turn(definition: definition, state: state, now: now)
        // The turn owns the state meanwhile: a second owner would make every change a copy.
        state = Turn.placeholder
        turn.handle(event)
        state = turn.state
        return turn.effects
    }
}
