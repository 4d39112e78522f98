/// What a scheduler operation refused, in the words of EventBridge Scheduler.
public struct SchedulerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The exception names of EventBridge Scheduler that can occur here.
    public enum Code: String, Sendable {
        /// The expression, time zone, name or dates of a schedule are not valid.
        case validation = "ValidationException"
        /// There is no such schedule or group.
        case resourceNotFound = "ResourceNotFoundException"
        /// The operation contradicts what is stored.
        case conflict = "ConflictException"
        /// There are as many as there may be.
        case quotaExceeded = "ServiceQuotaExceededException"
    }

    /// The kind of refusal.
    public let code: Code
    /// Place, fact and remedy.
    public let message: String

    /// An error with its code and text.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The code and the message.
    public var description: String { "\(code.rawValue): \(message)" }
}
