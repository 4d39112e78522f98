import Synchronization

/// Wakes one waiter: a signal given while nobody waits is kept for the next, once.
final class Signal: Sendable {
    private struct State {
        var isGiven = false
        var waiters: [(id: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var cancelled: Set<Int> = []
        var nextID = 0
    }

    private let state = Mutex(State())

    /// Wakes whoever waits longest, or the next who would wait.
    func give() {
        let waiter = state.withLock { state in
            guard !state.waiters.isEmpty else {
                state.isGiven = true
                return CheckedContinuation<Void, Never>?.none
            }
            return state.waiters.removeFirst().continuation
        }
        waiter?.resume()
    }

    /// Waits for a signal, or for the task's cancellation.
    func wait() async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return true }
                    if state.isGiven {
                        state.isGiven = false
                        return true
                    }
                    state.waiters.append((id, continuation))
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func cancel(_ id: Int) {
        let waiter = state.withLock { state in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
                state.cancelled.insert(id)
                return CheckedContinuation<Void, Never>?.none
            }
            return state.waiters.remove(at: index).continuation
        }
        waiter?.resume()
    }
}
