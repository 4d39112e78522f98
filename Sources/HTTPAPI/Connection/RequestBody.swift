internal import NIOCore

/// The body of a request as it comes in, within limits of size and time.
struct RequestBody {
    struct Limits: Sendable {
        /// The most bytes a body may have.
        let maximumBytes: Int
        /// How long a body may take to arrive.
        ///
        /// A client that stands still is dropped by the connection's idle timeout; this one is for one that trickles.
        let timeout: TimeAmount

        /// The same with another number of bytes, if there is one.
        func allowing(_ bytes: Int?) -> Limits {
            bytes.map { Limits(maximumBytes: $0, timeout: timeout) } ?? self
        }
    }

    /// So much beyond the limit is read and let go, so that a client that has sent too much learns of it: most read no
    /// answer before they have sent all.
    private static let discardedBytes = 64 << 20

    private let limits: Limits
    private let start = NIODeadline.now()
    private var bytes = ByteBuffer()
    private var count = 0

    init(_ limits: Limits) { self.limits = limits }

    /// What was sent, or why it is refused.
    var content: Result<ByteBuffer, WireError> { count > limits.maximumBytes ? .failure(tooLarge) : .success(bytes) }

    /// Takes what came in.
    ///
    /// - Returns: Why no more of it is read, if so.
    mutating func append(_ chunk: ByteBuffer) -> WireError? {
        count += chunk.readableBytes
        if let refusal = refusal(ofLength: count) { return refusal }
        guard NIODeadline.now() - start <= limits.timeout else { return tooSlow }
        guard count <= limits.maximumBytes else {
            bytes = ByteBuffer()
            return nil
        }
        if bytes.readableBytes == 0 {
            bytes = chunk
        } else {
            bytes.writeImmutableBuffer(chunk)
        }
        return nil
    }

    /// Why a body of some length is not read to its end, if so.
    func refusal(ofLength length: Int) -> WireError? {
        length > limits.maximumBytes + Self.discardedBytes ? tooLarge : nil
    }

    private var tooLarge: WireError {
        WireError(WireError.tooLargeCode, "the request is larger than \(limits.maximumBytes) bytes")
    }

    private var tooSlow: WireError {
        let seconds = Double(limits.timeout.nanoseconds) / 1e9
        return WireError("RequestTimeoutException", "the request took longer than \(seconds) seconds to arrive")
    }
}

extension WireError {
    /// The code of a request that is larger than the server takes.
    static let tooLargeCode = "RequestEntityTooLargeException"
}
