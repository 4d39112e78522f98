/// What an operation on functions refused, in the words of Lambda.
public struct FunctionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The exception names of Lambda that can occur here.
    public enum Code: String, Sendable {
        /// There is no such function, layer, version or qualifier.
        case resourceNotFound = "ResourceNotFoundException"
        /// There is one of that name, or the operation contradicts what is stored.
        case resourceConflict = "ResourceConflictException"
        /// A value cannot be used: code that is no archive, a layer that does not exist.
        case invalidParameterValue = "InvalidParameterValueException"
        /// The request has not the shape that its operation asks for.
        case validation = "ValidationException"
        /// The payload of an invocation is not JSON.
        case invalidRequestContent = "InvalidRequestContentException"
        /// The payload of an invocation is larger than it may be.
        case requestTooLarge = "RequestTooLargeException"
        /// As many invocations wait as may.
        case tooManyRequests = "TooManyRequestsException"
        /// Nothing can be invoked, since the service stops or has no room for a worker.
        case service = "ServiceException"
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
