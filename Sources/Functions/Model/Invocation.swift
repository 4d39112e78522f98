/// What came of an invocation.
public struct InvocationResult: Sendable, Equatable {
    /// What the function answered, or the error as `{"errorMessage", "errorType", "stackTrace"}`.
    public let payload: [UInt8]
    /// Whether it is an error of the function or of its worker.
    public let isError: Bool
    /// The id of the request, as in the log.
    public let requestID: String
    /// The last 4 KiB of what it wrote, when that was asked for.
    public let logTail: String?
}

/// An invocation that a worker is asked for.
struct Invocation: Sendable {
    let requestID: String
    let payload: [UInt8]
    /// As a client sent it, in JSON; `nil` mostly.
    let clientContext: String?
    /// Whether its caller wants the end of its log.
    let wantsLog: Bool
    let finish: @Sendable (_ outcome: InvocationOutcome, _ log: String?) -> Void
}

/// How a worker ended an invocation.
enum InvocationOutcome: Sendable {
    case answered([UInt8])
    case failed(InvocationFailure)
    case refused(FunctionError)
}

/// An error of a function or of its worker, in the form in which a caller sees it.
struct InvocationFailure: Sendable, Equatable {
    /// The payload: JSON with `errorType` and `errorMessage`.
    let payload: [UInt8]
}
