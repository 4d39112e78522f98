import Synchronization

/// Wakes the one task that waits for it; a ring before the wait is kept.
final class Alarm: Sendable {
    private enum State {
        case quiet
        case rung
        case awaited(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.quiet)

    /// Wakes the waiting task, or the next that waits.
    func ring() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard case .awaited(let waiter) = state else {
                state = .rung
                return nil
            }
            state = .quiet
            return waiter
        }
        waiter?.resume()
    }

    /// Returns at the next ring, or when the task is cancelled.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if !keep(continuation) { continuation.resume() }
            }
        } onCancel: {
            cancel()
        }
    }

    private func keep(_ continuation: CheckedContinuation<Void, Never>) -> Bool {
        state.withLock { state in
            if case .rung = state {
                state = .quiet
                return false
            }
            if Task.isCancelled { return false }
            state = .awaited(continuation)
            return true
        }
    }

    private func cancel() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard case .awaited(let waiter) = state else { return nil }
            state = .quiet
            return waiter
        }
        waiter?.resume()
    }
}
