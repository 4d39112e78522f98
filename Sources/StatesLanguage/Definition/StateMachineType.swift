/// How the executions of a machine are run.
public enum StateMachineType: String, Sendable, CaseIterable {
    /// Durably, with a history, for up to a year.
    case standard = "STANDARD"
    /// At once, without a history, for up to five minutes.
    case express = "EXPRESS"

    /// How many seconds an execution may run at most, if the type says so.
    var durationLimit: Int? { self == .express ? 300 : nil }
}
