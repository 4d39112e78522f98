import StatesLanguage

/// A revision of a state machine, ready to run.
struct Machine: Sendable {
    var stateMachine: StateMachine
    var interpreter: Interpreter
    /// What of its executions is logged; `nil` for nothing.
    var logging: LoggingConfiguration?
}
