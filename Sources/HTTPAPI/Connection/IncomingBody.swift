internal import NIOCore
internal import Synchronization

/// The body of a request that is handed over as it comes in, by the connection to one reader; a reader that is slower
/// than the client holds it up.
final class IncomingBody: Sendable {
    /// The client left before its body was whole.
    struct CutOff: Error {}

    private struct State {
        var waiting: CircularBuffer<ByteBuffer> = []
        var byteCount = 0
        var isFull = false
        var end: Result<Void, any Error>?
        var reader: CheckedContinuation<ByteBuffer?, any Error>?
        var isAtEnd = false
    }

    /// From so many bytes on the client is held up, until no more than a quarter of them waits.
    private static let capacity = 1 << 20
    /// What is read and thrown away of a body that is refused, so that a client that reads no answer before it has
    /// sent all gets it nevertheless.
    private static let discardedBytes = 64 << 20

    private let state = Mutex(State())
    private let more: @Sendable () -> Void

    /// A body of which nothing has come in; the function is called when there is room again.
    init(more: @escaping @Sendable () -> Void) { self.more = more }

    // MARK: The connection's side

    /// Adds what came in.
    ///
    /// - Returns: Whether there is room for more.
    func append(_ bytes: ByteBuffer) -> Bool {
        let (reader, hasRoom) = state.withLock { state -> (CheckedContinuation<ByteBuffer?, any Error>?, Bool) in
            guard state.end == nil else { return (nil, true) }
            if let reader = state.reader.take() { return (reader, true) }
            state.waiting.append(bytes)
            state.byteCount += bytes.readableBytes
            // Once full it stays so until its reader makes room: only then is the client let go on.
            if state.byteCount >= Self.capacity { state.isFull = true }
            return (nil, !state.isFull)
        }
        reader?.resume(returning: bytes)
        return hasRoom
    }

    /// Says that it is whole, or why it never will be.
    func finish(_ error: (any Error)? = nil) {
        let reader = state.withLock { state -> CheckedContinuation<ByteBuffer?, any Error>? in
            guard state.end == nil else { return nil }
            state.end = error.map(Result.failure) ?? .success(())
            guard let reader = state.reader.take() else { return nil }
            state.isAtEnd = error == nil
            return reader
        }
        if let error { reader?.resume(throwing: error) } else { reader?.resume(returning: nil) }
    }

    // MARK: The reader's side

    /// Whether the whole body was read.
    var isAtEnd: Bool { state.withLock(\.isAtEnd) }

    /// The next bytes; `nil` at the end.
    ///
    /// - Throws: `CutOff` when the client has left.
    func next() async throws -> [UInt8]? {
        let buffer = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { reader in take(reader) }
        } onCancel: {
            finish(CancellationError())
        }
        return buffer.map { Array($0.readableBytesView) }
    }

    private enum Step {
        case give(ByteBuffer, hasRoomAgain: Bool)
        case end(Result<Void, any Error>)
        case wait
    }

    private func take(_ reader: CheckedContinuation<ByteBuffer?, any Error>) {
        let step = state.withLock { state -> Step in
            if let buffer = state.waiting.popFirst() {
                state.byteCount -= buffer.readableBytes
                let hasRoomAgain = state.isFull && state.byteCount <= Self.capacity / 4
                if hasRoomAgain { state.isFull = false }
                return .give(buffer, hasRoomAgain: hasRoomAgain)
            }
            if let end = state.end {
                if case .success = end { state.isAtEnd = true }
                return .end(end)
            }
            precondition(state.reader == nil, "a body has one reader")
            state.reader = reader
            return .wait
        }
        switch step {
        case .give(let buffer, let hasRoomAgain):
            reader.resume(returning: buffer)
            if hasRoomAgain { more() }
        case .end(.success): reader.resume(returning: nil)
        case .end(.failure(let error)): reader.resume(throwing: error)
        case .wait: break
        }
    }

    /// Reads what is left, within bounds.
    func discard() async {
        var count = 0
        while count < Self.discardedBytes, let bytes = try? await next() { count += bytes.count }
    }
}
