/// Why an operation was refused: an exception of the service, by its name there.
public struct PersonalizeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The exceptions, by the names that go over the wire.
    public enum Code: String, Sendable, CaseIterable {
        case invalidInput = "InvalidInputException"
        case resourceNotFound = "ResourceNotFoundException"
        case resourceAlreadyExists = "ResourceAlreadyExistsException"
        case resourceInUse = "ResourceInUseException"
        case limitExceeded = "LimitExceededException"
        case invalidNextToken = "InvalidNextTokenException"
        case tooManyTags = "TooManyTagsException"
        /// No such operation exists; the code is that of the JSON protocol.
        case unknownOperation = "UnknownOperationException"
        /// A member of the input has another JSON type than its shape says; the code is that of the JSON protocol.
        case serialization = "SerializationException"
        /// The program of a custom recipe answered what is no answer.
        case modelError = "ModelError"
        /// The program of a custom recipe does not answer.
        case serviceUnavailable = "ServiceUnavailable"
        /// A fault of ours: the store or a file failed. The message names no detail, the log does.
        case internalFailure = "InternalFailure"
    }

    /// Which exception.
    public let code: Code
    /// Place, fact and, where there is one, remedy.
    public let message: String

    /// An exception with its message.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The code and the message.
    public var description: String { "\(code.rawValue): \(message)" }
}
