public import JSON

/// What a state made of its data step by step, as `TestState` shows it.
public struct Inspection: Sendable, Equatable {
    /// A step on the data's way.
    public enum Field: String, Sendable, CaseIterable {
        case input, afterInputPath, afterParameters, afterArguments, result, afterResultSelector, afterResultPath
        case afterItemsPath, afterItemsPointer, afterItemSelector, afterItemBatcher
        case toleratedFailureCount, toleratedFailurePercentage, maxConcurrency
    }

    /// The data after each step that was taken.
    public internal(set) var values: [Field: Payload] = [:]
    /// The variables of the state's scope after it was left.
    public internal(set) var variables = JSONObject()
    /// Which entry of `Retry` took the error.
    public internal(set) var retryIndex: Int?
    /// How many seconds pass before the next attempt.
    public internal(set) var retryBackoffIntervalSeconds: Double?
    /// Which entry of `Catch` took the error.
    public internal(set) var catchIndex: Int?
    /// The state that the last one led to.
    public internal(set) var nextState: String?

    /// Whether the first state was left: what comes after it is not noted.
    var hasLeft = false

    /// Nothing yet.
    public init() {}

    /// Forgets an attempt that has failed, before the next.
    public mutating func forgetRetry() { (retryIndex, retryBackoffIntervalSeconds) = (nil, nil) }
}

extension Turn {
    /// Notes what a step made of the data; costs nothing when nobody looks.
    mutating func note(_ field: Inspection.Field, _ payload: @autoclosure () -> Payload) {
        guard isInspected, inspection?.hasLeft == false else { return }
        inspection?.values[field] = payload()
    }
}
