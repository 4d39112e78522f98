internal import JSON
internal import Logging
internal import Synchronization
internal import struct FoundationEssentials.Date

/// What functions write, on its way to their logs: gathered, so that a worker never waits for a disk, and bounded.
final class FunctionLogs: Sendable {
    /// Lines that wait for the disk at most; more are counted and dropped.
    private static let limit = 50_000

    private let state = Mutex(State())
    private let now: @Sendable () -> Date
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    private struct State {
        var lines: [String: [String]] = [:]
        var count = 0
        var dropped = 0
    }

    init(now: @escaping @Sendable () -> Date) {
        self.now = now
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func append(_ text: String, requestID: String, function: String) {
        let line: JSON = [
            "time": .double((now().timeIntervalSince1970 * 1_000).rounded() / 1_000),
            "requestId": .string(requestID), "message": .string(text),
        ]
        let isFirst = state.withLock { state in
            guard state.count < Self.limit else {
                state.dropped += 1
                return false
            }
            state.lines[function, default: []].append(line.text)
            state.count += 1
            return state.count == 1
        }
        if isFirst { waker.yield() }
    }

    func finish() { waker.finish() }

    /// Writes what comes, until finished.
    func run(_ write: (_ lines: [String], _ function: String) throws -> Void, _ logger: Logger) async {
        for await _ in wakes { flush(write, logger) }
        flush(write, logger)
    }

    private func flush(_ write: (_ lines: [String], _ function: String) throws -> Void, _ logger: Logger) {
        let taken = state.withLock { state in
            defer { state = State() }
            return state
        }
        for (function, lines) in taken.lines {
            do {
                try write(lines, function)
            } catch {
                logger.error(
                    "the log of a function cannot be written",
                    metadata: ["function.name": "\(function)", "error": "\(error)"]
                )
            }
        }
        if taken.dropped > 0 {
            logger.error("functions wrote more than the disk takes", metadata: ["lines.dropped": "\(taken.dropped)"])
        }
    }
}
