internal import Hummingbird
internal import JSON
internal import NIOCore

/// Reads a request's body whole, within limits of size and time, and parses it.
struct RequestBodyReader: Sendable {
    /// The most bytes a body may have.
    let maximumBytes: Int
    /// How long a body may take to arrive.
    ///
    /// A client that stands still is dropped by the connection's idle timeout; this one is for a client that trickles.
    let timeout: Duration

    /// The members of the request.
    ///
    /// An empty body counts as an empty object, as with AWS.
    func object(of request: Request) async throws -> JSON {
        let bytes = try await bytes(of: request)
        guard !bytes.isEmpty else { return [:] }
        let value: JSON
        do {
            value = try JSON(parsing: bytes)
        } catch {
            throw WireError("SerializationException", "the request is not JSON: \(error)")
        }
        guard case .object = value else {
            throw WireError("SerializationException", "the request must be a JSON object, it is \(value.typeName)")
        }
        return value
    }

    /// Reads the body of a request that is refused, since most clients read no answer before they have sent all.
    func discard(_ request: Request) async { _ = try? await bytes(of: request) }

    private func bytes(of request: Request) async throws -> [UInt8] {
        let length = request.headers[.contentLength].flatMap { Int($0) }
        if let length, length > maximumBytes + Self.discardedBytes { throw tooLarge }
        let clock = ContinuousClock()
        let start = clock.now
        var bytes: [UInt8] = []
        var count = 0
        for try await chunk in request.body {
            count += chunk.readableBytes
            guard count <= maximumBytes + Self.discardedBytes else { throw tooLarge }
            if count <= maximumBytes { bytes.append(contentsOf: chunk.readableBytesView) }
            guard start.duration(to: clock.now) <= timeout else { throw tooSlow }
        }
        guard count <= maximumBytes else { throw tooLarge }
        return bytes
    }

    /// So much beyond the limit is read and let go, so that a client that has sent too much learns of it.
    private static let discardedBytes = 64 << 20

    private var tooLarge: WireError {
        WireError(WireError.tooLargeCode, "the request is larger than \(maximumBytes) bytes")
    }

    private var tooSlow: WireError {
        WireError("RequestTimeoutException", "the request took longer than \(timeout) to arrive")
    }
}

extension WireError {
    /// The code of a request that is larger than the server takes.
    static let tooLargeCode = "RequestEntityTooLargeException"
}
