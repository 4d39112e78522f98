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

    private func bytes(of request: Request) async throws -> [UInt8] {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > maximumBytes { throw tooLarge }
        let clock = ContinuousClock()
        let start = clock.now
        var bytes: [UInt8] = []
        for try await chunk in request.body {
            guard bytes.count + chunk.readableBytes <= maximumBytes else { throw tooLarge }
            bytes.append(contentsOf: chunk.readableBytesView)
            guard start.duration(to: clock.now) <= timeout else { throw tooSlow }
        }
        return bytes
    }

    private var tooLarge: WireError {
        WireError("RequestEntityTooLargeException", "the request is larger than \(maximumBytes) bytes")
    }

    private var tooSlow: WireError {
        WireError("RequestTimeoutException", "the request took longer than \(timeout) to arrive")
    }
}
