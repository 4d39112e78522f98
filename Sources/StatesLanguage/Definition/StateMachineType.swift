/// How the executions of a machine are run.
public enum StateMachineType: String, Sendable, CaseIterable {
    /// Durably, with a history, for up to a year.
    case standard = "STANDARD"
    /// At once, without a history, for up to five minutes.
    case express = "EXPRESS"
}
