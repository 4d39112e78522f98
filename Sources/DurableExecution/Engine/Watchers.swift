import Synchronization

/// Who waits for ends and changes of executions, within this process.
final class Watchers: Sendable {
    private struct State {
        var ends: [String: [(id: Int, signal: Signal)]] = [:]
        var changes: [Int: AsyncStream<ExecutionChange>.Continuation] = [:]
        var outcomes: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextID = 0

        mutating func makeID() -> Int {
            nextID += 1
            return nextID
        }
    }

    private let state = Mutex(State())

    /// Registers for an execution's end, and returns how to stop that.
    func onEnd(of arn: String, give signal: Signal) -> @Sendable () -> Void {
        let id = state.withLock { state in
            let id = state.makeID()
            state.ends[arn, default: []].append((id, signal))
            return id
        }
        return { [self] in
            state.withLock { state in
                state.ends[arn]?.removeAll { $0.id == id }
                if state.ends[arn]?.isEmpty == true { state.ends[arn] = nil }
            }
        }
    }

    func changes() -> AsyncStream<ExecutionChange> {
        AsyncStream(bufferingPolicy: .bufferingNewest(256)) { continuation in
            let id = state.withLock { state in
                let id = state.makeID()
                state.changes[id] = continuation
                return id
            }
            continuation.onTermination = { [weak self] _ in
                self?.state.withLock { _ = $0.changes.removeValue(forKey: id) }
            }
        }
    }

    func outcomeSignals() -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let id = state.withLock { state in
                let id = state.makeID()
                state.outcomes[id] = continuation
                return id
            }
            continuation.onTermination = { [weak self] _ in
                self?.state.withLock { _ = $0.outcomes.removeValue(forKey: id) }
            }
            // What ended before anybody listened is waiting.
            continuation.yield()
        }
    }

    /// Tells everybody about steps that are on disk.
    func tell(_ changes: [ExecutionChange]) {
        let ended = changes.filter(\.hasEnded)
        let hasNews = changes.contains { $0.hasBegun || $0.hasEnded }
        let (signals, listeners, publishers) = state.withLock { state in
            (
                ended.flatMap { state.ends.removeValue(forKey: $0.execution.arn) ?? [] },
                Array(state.changes.values), hasNews ? Array(state.outcomes.values) : []
            )
        }
        for waiter in signals { waiter.signal.give() }
        for listener in listeners { for change in changes { listener.yield(change) } }
        for publisher in publishers { publisher.yield() }
    }
}
