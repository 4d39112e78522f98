internal import Synchronization

/// Tells whoever waits that a resource has changed.
final class Changes: Sendable {
    private struct State {
        var nextID = 0
        var listeners: [String: [Int: AsyncStream<Void>.Continuation]] = [:]
    }

    private let state = Mutex(State())

    /// One element for one or more changes of a resource since the last; never ends by itself.
    func of(_ arn: String) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.nextID += 1
            state.listeners[arn, default: [:]][state.nextID] = continuation
            return state.nextID
        }
        continuation.onTermination = { [weak self] _ in self?.remove(id, from: arn) }
        return stream
    }

    /// Tells that resources have changed.
    func tell(_ arns: some Sequence<String>) {
        let listeners = state.withLock { state in arns.flatMap { state.listeners[$0]?.values.map(\.self) ?? [] } }
        for listener in listeners { listener.yield() }
    }

    private func remove(_ id: Int, from arn: String) {
        state.withLock { state in
            state.listeners[arn]?[id] = nil
            if state.listeners[arn]?.isEmpty == true { state.listeners[arn] = nil }
        }
    }
}
