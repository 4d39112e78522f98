/// Why a call brought no answer.
public enum ClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Nothing answers at the endpoint.
    case unreachable(endpoint: String, reason: String)
    /// The service did not answer in time.
    case timedOut(endpoint: String, operation: String, seconds: Int)
    /// The service refused: its code and message, and the HTTP status they came with.
    case refused(code: String, message: String, status: Int)
    /// The answer is not one of this service.
    case notUnderstood(endpoint: String, reason: String)

    /// What happened, and what helps.
    public var description: String {
        switch self {
        case .unreachable(let endpoint, let reason):
            "cannot reach millrace at \(endpoint): \(reason); start it with `millrace serve`"
        case .timedOut(let endpoint, let operation, let seconds):
            "millrace at \(endpoint) did not answer \(operation) within \(seconds) seconds"
        case .refused(let code, let message, _):
            "\(code): \(message)"
        case .notUnderstood(let endpoint, let reason):
            "what answers at \(endpoint) is not millrace: \(reason)"
        }
    }

    /// The service's error code, where it refused.
    public var code: String? {
        guard case .refused(let code, _, _) = self else { return nil }
        return code
    }
}
