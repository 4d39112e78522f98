internal import JSON
internal import Synchronization

extension FunctionService {
    /// Invokes a function and waits for its answer.
    ///
    /// - Parameters:
    ///   - name: The function.
    ///   - payload: What it is given: JSON; nothing counts as `{}`.
    ///   - clientContext: What a client sends beside it, in JSON.
    ///   - wantsLog: Whether the end of its log comes with the answer.
    ///   - requestID: The id of the request; a new one unless given.
    /// - Returns: What came of it; an error of the function itself is one of those.
    /// - Throws: `FunctionError`: `resourceNotFound`, `requestTooLarge`, `invalidRequestContent`, `tooManyRequests`,
    ///   `service`; `CancellationError`.
    public func invoke(
        _ name: FunctionName,
        payload: [UInt8],
        clientContext: String? = nil,
        wantsLog: Bool = false,
        requestID: String? = nil
    ) async throws -> InvocationResult {
        try check(payload)
        let pool = try pool(of: name.name)
        let requestID = requestID ?? makeID()
        let once = FirstOutcome()
        let invocation = Invocation(
            requestID: requestID,
            payload: payload.isEmpty ? Array("{}".utf8) : payload,
            clientContext: clientContext,
            wantsLog: wantsLog
        ) { outcome, log in
            once.resume(with: .success((outcome, log)))
        }
        let (outcome, log) = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                once.set(continuation)
                pool.submit(invocation)
            }
        } onCancel: {
            pool.cancel(requestID)
            once.resume(with: .failure(CancellationError()))
        }
        return try result(of: outcome, requestID, log)
    }

    /// Checks an invocation without running it.
    ///
    /// - Throws: `FunctionError` as `invoke`.
    public func checkInvocation(_ name: FunctionName, payload: [UInt8]) throws(FunctionError) {
        _ = try function(name.name)
        try check(payload)
    }

    func check(_ payload: [UInt8]) throws(FunctionError) {
        guard payload.count <= Self.maximumPayloadBytes else {
            throw FunctionError(
                .requestTooLarge,
                "Request must be smaller than \(Self.maximumPayloadBytes) bytes for the InvokeFunction operation"
            )
        }
        guard !payload.isEmpty else { return }
        do {
            _ = try JSON(parsing: payload)
        } catch {
            throw FunctionError(.invalidRequestContent, "Could not parse request body into json: \(error)")
        }
    }

    private func result(of outcome: InvocationOutcome, _ requestID: String, _ log: String?) throws -> InvocationResult {
        switch outcome {
        case .refused(let error): throw error
        case .failed(let failure):
            return InvocationResult(payload: failure.payload, isError: true, requestID: requestID, logTail: log)
        case .answered(let payload):
            do {
                _ = try JSON(parsing: payload)
                return InvocationResult(payload: payload, isError: false, requestID: requestID, logTail: log)
            } catch {
                let failure = InvocationFailure.notJSON("\(error)")
                return InvocationResult(payload: failure.payload, isError: true, requestID: requestID, logTail: log)
            }
        }
    }
}

/// Resumes who waits for an invocation once: with its outcome, or because nobody wants it any more.
private final class FirstOutcome: Sendable {
    typealias Value = (InvocationOutcome, String?)

    private let state = Mutex<
        (continuation: CheckedContinuation<Value, any Error>?, result: Result<Value, any Error>?)
    >(
        (nil, nil)
    )

    func set(_ continuation: CheckedContinuation<Value, any Error>) {
        let result = state.withLock { state in
            if state.result == nil { state.continuation = continuation }
            return state.result
        }
        if let result { continuation.resume(with: result) }
    }

    func resume(with result: Result<Value, any Error>) {
        let continuation = state.withLock { state in
            guard state.result == nil else { return Optional<CheckedContinuation<Value, any Error>>.none }
            state.result = result
            defer { state.continuation = nil }
            return state.continuation
        }
        continuation?.resume(with: result)
    }
}
