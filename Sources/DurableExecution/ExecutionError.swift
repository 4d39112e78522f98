/// A request the engine refuses, in the words of AWS Step Functions.
public struct ExecutionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The exception names of the service; the raw value is what goes over the wire.
    public enum Code: String, Sendable, CaseIterable {
        case activityDoesNotExist = "ActivityDoesNotExist"
        case conflict = "ConflictException"
        case executionAlreadyExists = "ExecutionAlreadyExists"
        case executionDoesNotExist = "ExecutionDoesNotExist"
        case executionLimitExceeded = "ExecutionLimitExceeded"
        case executionNotRedrivable = "ExecutionNotRedrivable"
        case invalidArn = "InvalidArn"
        case invalidDefinition = "InvalidDefinition"
        case invalidExecutionInput = "InvalidExecutionInput"
        case invalidLoggingConfiguration = "InvalidLoggingConfiguration"
        case invalidName = "InvalidName"
        case invalidOutput = "InvalidOutput"
        case invalidToken = "InvalidToken"
        case missingRequiredParameter = "MissingRequiredParameter"
        case resourceNotFound = "ResourceNotFound"
        case serviceQuotaExceeded = "ServiceQuotaExceededException"
        case stateMachineAlreadyExists = "StateMachineAlreadyExists"
        case stateMachineDeleting = "StateMachineDeleting"
        case stateMachineDoesNotExist = "StateMachineDoesNotExist"
        case stateMachineTypeNotSupported = "StateMachineTypeNotSupported"
        case taskDoesNotExist = "TaskDoesNotExist"
        case taskTimedOut = "TaskTimedOut"
        case throttling = "ThrottlingException"
        case tooManyTags = "TooManyTags"
        case validation = "ValidationException"
        /// The store could not save: the disk is full, the database is locked or closed.
        case unavailable = "ServiceUnavailable"
    }

    /// The exception's name.
    public let code: Code
    /// Place, fact and, where there is one, remedy.
    public let message: String
    /// The `reason` of a `ValidationException`, from the service's own few.
    public let reason: String?

    /// An error of a code with its text.
    public init(_ code: Code, _ message: String, reason: String? = nil) {
        self.code = code
        self.message = message
        self.reason = reason
    }

    /// `Code: message`.
    public var description: String { "\(code.rawValue): \(message)" }
}

extension ExecutionError {
    static func noExecution(_ arn: String) -> ExecutionError {
        ExecutionError(.executionDoesNotExist, "Execution Does Not Exist: '\(arn)'")
    }

    /// The error for an ARN.
    public static func noStateMachine(_ arn: String) -> ExecutionError {
        ExecutionError(.stateMachineDoesNotExist, "State Machine Does Not Exist: '\(arn)'")
    }

    static func noActivity(_ arn: String) -> ExecutionError {
        ExecutionError(.activityDoesNotExist, "Activity Does Not Exist: '\(arn)'")
    }

    /// The error for an ARN.
    public static func deleting(_ arn: String) -> ExecutionError {
        ExecutionError(.stateMachineDeleting, "State Machine is being deleted: '\(arn)'")
    }

    /// The error for an ARN.
    public static func noResource(_ arn: String) -> ExecutionError {
        ExecutionError(.resourceNotFound, "Resource not found: '\(arn)'")
    }

    /// A request names a version, an alias or a state machine that is not there.
    public static var missingReference: ExecutionError {
        ExecutionError(.resourceNotFound, "Request references a resource that does not exist.")
    }

    /// The operation is for state machines of the other type.
    static var unsupportedType: ExecutionError {
        ExecutionError(
            .stateMachineTypeNotSupported,
            "This operation is not supported by this type of state machine"
        )
    }

    static func invalidToken() -> ExecutionError {
        ExecutionError(.invalidToken, "Invalid Token: 'Invalid token'")
    }

    /// Passes refusals on and words everything else as a store that cannot save or read now.
    static func translating(_ error: any Error) -> ExecutionError {
        error as? ExecutionError ?? ExecutionError(.unavailable, "\(error)")
    }
}
