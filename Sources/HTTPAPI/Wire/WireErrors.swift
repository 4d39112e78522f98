internal import DurableExecution
internal import Functions
internal import JSON
internal import Notifications
internal import Personalize
internal import Scheduler

/// Turns what a handler threw into what its client may see.
enum WireErrors {
    /// The error of a client's own making, or `nil` for one that is ours: the log is told that one, the client is not.
    static func visible(_ error: any Error) -> WireError? {
        switch error {
        case let error as WireError: error
        case let error as ExecutionError:
            WireError(error.code.rawValue, error.message, details: error.reason.map { ["reason": .string($0)] } ?? [:])
        case let error as FunctionError: WireError(error.code.rawValue, error.message, details: ["Type": "User"])
        case let error as NotificationError: WireError(error.code.rawValue, error.message)
        case let error as PersonalizeError: WireError(error.code.rawValue, error.message)
        case let error as SchedulerError: WireError(error.code.rawValue, error.message)
        default: nil
        }
    }

    /// What a client sees of an error that is ours.
    static func hidden(requestID: String) -> WireError {
        WireError("InternalFailure", "Internal error; the service's log tells more under request \"\(requestID)\"")
    }
}
