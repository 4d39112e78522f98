/// What a worker sees of the service: the four calls of the Lambda Runtime API, without their HTTP.
///
/// There is one for each worker, and each listens at an address of its own, so that no worker can be taken for another.
public struct RuntimePeer: Sendable {
    /// An invocation as a worker gets it.
    public struct Invocation: Sendable {
        /// The id of the request, which no other worker knows.
        public let requestID: String
        /// When the worker is ended, in milliseconds since 1970.
        public let deadline: Int64
        /// The function's ARN.
        public let functionARN: String
        /// What a client sent beside the payload, in JSON.
        public let clientContext: String?
        /// What the function is given.
        public let payload: [UInt8]
    }

    /// How a call is answered.
    public enum Reply: Sendable {
        /// It was taken.
        case accepted
        /// This worker has no such request in hand.
        case unknownRequest
        /// It is larger than an answer may be; the caller of the function is told.
        case tooLarge
    }

    let pool: WorkerPool
    let worker: Int

    /// The most bytes of an answer.
    public static let maximumAnswerBytes = 6_291_556

    /// Asks for an invocation.
    ///
    /// - Parameter answer: Is called once: with an invocation as soon as there is one, with `nil` when the worker is to
    ///   end.
    public func next(_ answer: @escaping @Sendable (Invocation?) -> Void) { pool.next(worker, answer) }

    /// Takes the answer of an invocation.
    ///
    /// - Parameters:
    ///   - requestID: The invocation's.
    ///   - payload: The answer; what exceeds `maximumAnswerBytes` may be left out.
    ///   - size: How many bytes it has in all.
    /// - Returns: How to answer the worker.
    public func respond(_ requestID: String, _ payload: [UInt8], size: Int) -> Reply {
        guard size <= Self.maximumAnswerBytes else {
            let failure = InvocationFailure.tooLarge(size, limit: Self.maximumAnswerBytes)
            return pool.answer(worker, requestID, .failed(failure)) ? .tooLarge : .unknownRequest
        }
        return pool.answer(worker, requestID, .answered(payload)) ? .accepted : .unknownRequest
    }

    /// Takes the error of an invocation.
    ///
    /// - Parameters:
    ///   - requestID: The invocation's.
    ///   - payload: The error in JSON; may be empty.
    ///   - type: Its type, where the payload does not tell.
    /// - Returns: How to answer the worker.
    public func fail(_ requestID: String, _ payload: [UInt8], type: String?) -> Reply {
        let failure = Self.failure(payload, type)
        return pool.answer(worker, requestID, .failed(failure)) ? .accepted : .unknownRequest
    }

    /// Takes the error of a worker that could not get ready; the worker is ended.
    ///
    /// - Parameters:
    ///   - payload: The error in JSON; may be empty.
    ///   - type: Its type, where the payload does not tell.
    public func failInitialization(_ payload: [UInt8], type: String?) {
        pool.failInitialization(worker, Self.failure(payload, type))
    }

    private static func failure(_ payload: [UInt8], _ type: String?) -> InvocationFailure {
        guard payload.isEmpty || payload.count > maximumAnswerBytes else { return InvocationFailure(payload: payload) }
        return InvocationFailure(type: type ?? "Runtime.Unknown", message: "the function failed", requestID: nil)
    }
}

/// Where a worker finds its Runtime API.
public struct RuntimeAddress: Sendable {
    /// `HOST:PORT`.
    public let text: String
    /// Stops listening there.
    public let close: @Sendable () -> Void

    /// An address.
    public init(_ text: String, close: @escaping @Sendable () -> Void) {
        self.text = text
        self.close = close
    }
}

/// Listens for one worker at an address of its own.
public typealias RuntimeListener = @Sendable (RuntimePeer) async throws -> RuntimeAddress
