/// An error of an execution: a name that Retry and Catch match, and a cause for people.
public struct StatesError: Error, Sendable, Equatable {
    /// The error name, such as `States.Timeout` or one of the task's own.
    public var name: String
    /// What happened; a timeout has none.
    public var cause: String?
    /// The field whose expression went wrong, as `EvaluationFailed` names it.
    var location: String?
    /// The name that the specification has for an error which the service calls by another.
    var alias: String?

    /// An error with a name and, if there is one, a cause; what is longer than the service keeps is cut off.
    ///
    /// - Parameters:
    ///   - name: The name, up to 256 characters.
    ///   - cause: The cause, up to 32,768 characters.
    public init(name: String, cause: String? = nil) {
        self.name = name.cut(to: 256)
        self.cause = cause?.cut(to: 32_768)
    }
}

extension String {
    /// As many of its characters as are allowed.
    fileprivate func cut(to limit: Int) -> String {
        utf8.count <= limit ? self : String(prefix(limit))
    }
}

// The names that the language reserves.
extension StatesError {
    /// Matches every error but `States.DataLimitExceeded` and `States.Runtime`.
    public static let all = "States.ALL"
    /// A branch of a Parallel state failed.
    public static let branchFailed = "States.BranchFailed"
    /// A result, an output or an input is larger than 256 KiB of UTF-8.
    public static let dataLimitExceeded = "States.DataLimitExceeded"
    /// More iterations of a Map failed than it tolerates.
    public static let exceedToleratedFailureThreshold = "States.ExceedToleratedFailureThreshold"
    /// A task sent no heartbeat for `HeartbeatSeconds`.
    public static let heartbeatTimeout = "States.HeartbeatTimeout"
    /// An intrinsic function failed.
    public static let intrinsicFailure = "States.IntrinsicFailure"
    /// A Map could not read its items.
    public static let itemReaderFailed = "States.ItemReaderFailed"
    /// No rule of a Choice matched and it has no default; AWS shows `States.Runtime`.
    public static let noChoiceMatched = "States.NoChoiceMatched"
    /// A path in `Parameters` matched nothing; AWS shows `States.Runtime`.
    public static let parameterPathFailure = "States.ParameterPathFailure"
    /// A task may not do what it tried.
    public static let permissions = "States.Permissions"
    /// A JSONata expression went wrong, gave nothing or a value of another type.
    public static let queryEvaluationError = "States.QueryEvaluationError"
    /// A `ResultPath` cannot be applied to the state's input; the specification calls it `ResultPathMatchFailure`.
    public static let referencePathConflict = "States.ReferencePathConflict"
    /// A `ResultPath` cannot be applied to the state's input; AWS shows `States.ReferencePathConflict`.
    public static let resultPathMatchFailure = "States.ResultPathMatchFailure"
    /// A Map could not write its results.
    public static let resultWriterFailed = "States.ResultWriterFailed"
    /// The state could not be executed; neither retried nor caught.
    public static let runtime = "States.Runtime"
    /// A task failed; in Retry and Catch, matches every error but `States.Timeout`.
    public static let taskFailed = "States.TaskFailed"
    /// A task or an execution ran longer than its `TimeoutSeconds`.
    public static let timeout = "States.Timeout"

    /// The names a definition may mention that begin with `States.`.
    static let reservedNames: Set<String> = [
        all, branchFailed, dataLimitExceeded, exceedToleratedFailureThreshold, heartbeatTimeout, intrinsicFailure,
        itemReaderFailed, noChoiceMatched, parameterPathFailure, permissions, queryEvaluationError,
        referencePathConflict, resultPathMatchFailure, resultWriterFailed, runtime, taskFailed, timeout,
    ]
}

extension StatesError {
    /// Whether one name of a retrier's or catcher's `ErrorEquals` matches this error.
    ///
    /// `States.Runtime` ends an execution whatever is written; `States.DataLimitExceeded` must be named.
    func matches(_ pattern: String) -> Bool {
        if name == Self.runtime { return false }
        if name == pattern { return true }
        switch pattern {
        case Self.all: return name != Self.dataLimitExceeded
        case Self.taskFailed: return name != Self.dataLimitExceeded && name != Self.timeout
        case Self.timeout: return name == Self.heartbeatTimeout
        default: return false
        }
    }

    /// An error that ends the execution unless a catcher knows it by the name the specification has for it.
    static func runtime(_ cause: String, alias: String? = nil) -> StatesError {
        var error = StatesError(name: runtime, cause: cause)
        error.alias = alias
        return error
    }

    /// The error with the name of its state in front of the cause.
    func placed(in stateName: String, enteredAt event: Int) -> StatesError {
        let unplaced = [Self.dataLimitExceeded, Self.itemReaderFailed, Self.referencePathConflict]
        guard !unplaced.contains(name) else { return self }
        var placed = self
        placed.cause =
            ("An error occurred while executing the state '\(stateName)' (entered at the event id #\(event)). "
            + (cause ?? "")).cut(to: 32_768)
        return placed
    }

    /// The error of a task, whose cause may name the state but cannot know the event: with the event, where it does.
    func completed(in stateName: String, enteredAt event: Int) -> StatesError {
        let place = "An error occurred while executing the state '\(stateName)'."
        guard name == Self.runtime, let cause, cause.hasPrefix(place + " ") else { return self }
        var completed = self
        completed.cause = String(cause.dropFirst(place.count + 1))
        return completed.placed(in: stateName, enteredAt: event)
    }

    func matches(anyOf patterns: [String]) -> Bool {
        patterns.contains { matches($0) }
    }
}
