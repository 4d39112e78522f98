internal import JSON

/// The errors of workers, with the types and words that Lambda has for them.
extension InvocationFailure {
    init(type: String, message: String, requestID: String?) {
        let text = requestID.map { "RequestId: \($0) Error: \(message)" } ?? message
        let json: JSON = ["errorType": .string(type), "errorMessage": .string(text)]
        payload = json.utf8
    }

    /// The invocation took longer than the function may.
    static func timedOut(afterSeconds seconds: Int, requestID: String) -> InvocationFailure {
        let message = "Task timed out after \(seconds).00 seconds"
        return InvocationFailure(type: "Sandbox.Timedout", message: message, requestID: requestID)
    }

    /// The worker ended before it answered.
    static func ended(_ ending: String, requestID: String) -> InvocationFailure {
        let message = "Runtime exited with error: \(ending)"
        return InvocationFailure(type: "Runtime.ExitError", message: message, requestID: requestID)
    }

    /// The worker ended by itself, without an error and without an answer.
    static func endedSilently(requestID: String) -> InvocationFailure {
        let message = "Runtime exited without providing a reason"
        return InvocationFailure(type: "Runtime.ExitError", message: message, requestID: requestID)
    }

    /// The program could not be started.
    static func notStarted(_ reason: String, requestID: String) -> InvocationFailure {
        InvocationFailure(type: "Runtime.InvalidEntrypoint", message: reason, requestID: requestID)
    }

    /// The answer is larger than one may be.
    static func tooLarge(_ count: Int, limit: Int) -> InvocationFailure {
        InvocationFailure(
            type: "Function.ResponseSizeTooLarge",
            message: "Response payload size (\(count) bytes) exceeded maximum allowed payload size (\(limit) bytes).",
            requestID: nil
        )
    }

    /// The answer is not JSON.
    static func notJSON(_ fault: String) -> InvocationFailure {
        InvocationFailure(
            type: "Runtime.MarshalError",
            message: "The function's response is not JSON: \(fault)",
            requestID: nil
        )
    }
}
