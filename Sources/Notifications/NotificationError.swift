/// Why a notification could not be arranged or sent.
public struct NotificationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of faults, by the names of SNS and, for events, of EventBridge.
    public enum Code: String, Sendable {
        /// A name, an address or a message breaks the rules.
        case invalidParameter = "InvalidParameterException"
        /// There is no such topic, subscription or delivery.
        case notFound = "NotFoundException"
        /// A key or a directory on this machine cannot be used.
        case internalError = "InternalErrorException"
        /// A request about events breaks the rules.
        case validation = "ValidationException"
        /// There is no such rule or event bus.
        case resourceNotFound = "ResourceNotFoundException"
        /// The pattern of a rule is not one.
        case invalidEventPattern = "InvalidEventPatternException"
        /// A rule has as many targets as it may have.
        case limitExceeded = "LimitExceededException"
    }

    /// The kind of fault.
    public let code: Code
    /// Place, fact and remedy.
    public let message: String

    /// An error of a kind, with its text.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
