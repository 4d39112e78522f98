internal import StatesLanguage

/// What a service of this machine answers when it refuses: for the tasks that ask it as the AWS SDK would.
public struct ServiceError: Error, Sendable, Equatable {
    /// The exception's name on the wire.
    public let code: String
    /// Place, fact and remedy.
    public let message: String
    /// The status the wire answers with.
    public let status: Int

    /// An error of all its parts.
    public init(code: String, message: String, status: Int) {
        self.code = code
        self.message = message
        self.status = status
    }

    /// The error of a task, in the manner of the SDK's exceptions.
    ///
    /// - Parameters:
    ///   - service: The service as the SDK names it: `Sfn`.
    ///   - requestID: An id of the request.
    /// - Returns: `Sfn.ExecutionAlreadyExistsException` and its kin; what is our own fault has the SDK's general name.
    func statesError(service: String, requestID: String) -> StatesError {
        let isOurs = status >= 500
        let exception = isOurs ? "\(service)Exception" : code.hasSuffix("Exception") ? code : "\(code)Exception"
        return StatesError(
            name: "\(service).\(exception)",
            cause: "\(message) (Service: \(service), Status Code: \(status), Request ID: \(requestID))"
        )
    }
}
