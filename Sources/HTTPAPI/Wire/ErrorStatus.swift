/// Which HTTP status each error code is answered with: one table for the codes of all services.
///
/// The JSON protocols of AWS (`X-Amz-Target`) answer every fault of the caller with 400 and tell the codes apart in the
/// body; the REST services give some codes a status of their own. Both columns come from the public API models. A code
/// that is not here is a fault of ours: 500.
enum ErrorStatus {
    /// The status of a code.
    ///
    /// - Parameters:
    ///   - code: An error code, as `ResourceNotFoundException`.
    ///   - protocolName: The protocol in which it is answered.
    /// - Returns: The status, or `nil` for an unknown code.
    static func status(of code: String, in protocolName: WireProtocol) -> Int? {
        guard let row = table[code] else { return nil }
        return protocolName == .json10 || protocolName == .json11 ? row.json : row.rest
    }

    /// The codes of the table.
    static var codes: [String] { table.keys.sorted() }

    private static let table: [String: (json: Int, rest: Int)] = [
        // Step Functions
        "ActivityAlreadyExists": (400, 400),
        "ActivityDoesNotExist": (400, 400),
        "ActivityLimitExceeded": (400, 400),
        "ActivityWorkerLimitExceeded": (400, 400),
        "ExecutionAlreadyExists": (400, 400),
        "ExecutionDoesNotExist": (400, 400),
        "ExecutionLimitExceeded": (400, 400),
        "ExecutionNotRedrivable": (400, 400),
        "InvalidArn": (400, 400),
        "InvalidDefinition": (400, 400),
        "InvalidEncryptionConfiguration": (400, 400),
        "InvalidExecutionInput": (400, 400),
        "InvalidLoggingConfiguration": (400, 400),
        "InvalidName": (400, 400),
        "InvalidOutput": (400, 400),
        "InvalidToken": (400, 400),
        "InvalidTracingConfiguration": (400, 400),
        "KmsAccessDeniedException": (400, 400),
        "KmsInvalidStateException": (400, 400),
        "KmsThrottlingException": (400, 400),
        "MissingRequiredParameter": (400, 400),
        "ResourceNotFound": (400, 400),
        "StateMachineAlreadyExists": (400, 400),
        "StateMachineDeleting": (400, 400),
        "StateMachineDoesNotExist": (400, 400),
        "StateMachineLimitExceeded": (400, 400),
        "StateMachineTypeNotSupported": (400, 400),
        "TaskDoesNotExist": (400, 400),
        "TaskTimedOut": (400, 400),
        "TooManyTags": (400, 400),

        // Personalize, Scheduler and our own services
        "ConflictException": (400, 409),
        "InvalidInputException": (400, 400),
        "InvalidNextTokenException": (400, 400),
        "LimitExceededException": (400, 400),
        "ResourceAlreadyExistsException": (400, 400),
        "ResourceInUseException": (400, 409),
        "ResourceNotFoundException": (400, 404),
        "ServiceQuotaExceededException": (400, 402),
        "TooManyTagKeysException": (400, 400),
        "TooManyTagsException": (400, 400),
        "ValidationException": (400, 400),

        // SageMaker's runtime
        "ModelError": (424, 424),
        "ValidationError": (400, 400),

        // Notifications
        "InternalErrorException": (500, 500),
        "InvalidEventPatternException": (400, 400),
        "InvalidParameterException": (400, 400),
        "NotFoundException": (404, 404),

        // Functions
        "InvalidParameterValueException": (400, 400),
        "InvalidRequestContentException": (400, 400),
        "RequestTooLargeException": (413, 413),
        "ResourceConflictException": (409, 409),
        "ServiceException": (500, 500),
        "TooManyRequestsException": (429, 429),

        // S3
        "AccessDenied": (403, 403),
        "AuthorizationHeaderMalformed": (400, 400),
        "AuthorizationQueryParametersError": (400, 400),
        "BadDigest": (400, 400),
        "BucketAlreadyOwnedByYou": (409, 409),
        "BucketNotEmpty": (409, 409),
        "EntityTooLarge": (400, 400),
        "EntityTooSmall": (400, 400),
        "IncompleteBody": (400, 400),
        "InsufficientStorage": (507, 507),
        "InvalidAccessKeyId": (403, 403),
        "InvalidArgument": (400, 400),
        "InvalidBucketName": (400, 400),
        "InvalidDigest": (400, 400),
        "InvalidLocationConstraint": (400, 400),
        "InvalidPart": (400, 400),
        "InvalidPartOrder": (400, 400),
        "InvalidRange": (416, 416),
        "InvalidRequest": (400, 400),
        "InvalidURI": (400, 400),
        "KeyTooLongError": (400, 400),
        "MalformedXML": (400, 400),
        "MetadataTooLarge": (400, 400),
        "MethodNotAllowed": (405, 405),
        "MissingContentLength": (411, 411),
        "NoSuchBucket": (404, 404),
        "NoSuchKey": (404, 404),
        "NoSuchUpload": (404, 404),
        "NotImplemented": (501, 501),
        "NotModified": (304, 304),
        "OperationAborted": (409, 409),
        "PreconditionFailed": (412, 412),
        "RequestTimeTooSkewed": (403, 403),
        "SignatureDoesNotMatch": (403, 403),
        "XAmzContentSHA256Mismatch": (400, 400),

        // Signatures of the other services
        "IncompleteSignatureException": (400, 403),
        "InvalidSignatureException": (400, 403),
        "InvalidClientTokenId": (403, 403),
        "MissingAuthenticationTokenException": (400, 403),
        "UnrecognizedClientException": (400, 403),

        // The query protocol, whose codes end without "Exception"
        "IncompleteSignature": (400, 400),
        "InternalError": (500, 500),
        "InvalidAction": (400, 400),
        "InvalidParameter": (400, 400),
        "InvalidParameterValue": (400, 400),
        "MissingAuthenticationToken": (403, 403),
        "MissingParameter": (400, 400),
        "NotFound": (404, 404),
        "BatchEntryIdsNotDistinct": (400, 400),
        "EmptyBatchRequest": (400, 400),
        "TooManyEntriesInBatchRequest": (400, 400),

        // Every service
        "AccessDeniedException": (403, 403),
        "InternalFailure": (500, 500),
        "InternalServerException": (500, 500),
        "MethodNotAllowedException": (405, 405),
        "RequestEntityTooLargeException": (413, 413),
        "RequestTimeoutException": (408, 408),
        "SerializationException": (400, 400),
        "ServiceUnavailable": (503, 503),
        "ThrottlingException": (400, 429),
        "UnknownOperationException": (400, 404),
    ]
}
