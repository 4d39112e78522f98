import Synchronization

/// Stops a store before a transaction, counted from when it is armed, and then the work on it.
final class StoreFuse: Sendable {
    struct Crash: Error {}

    private struct State {
        var left: Int?
        var work: Task<Void, any Error>?
    }

    private let state = Mutex(State())

    /// Lets so many transactions pass.
    func arm(_ transactions: Int) { state.withLock { $0.left = transactions } }

    /// What ends with the store.
    func end(_ work: Task<Void, any Error>) {
        state.withLock { $0.work = work }
        // It may have burnt before it knew of the work.
        if isBurnt { work.cancel() }
    }

    var isBurnt: Bool { state.withLock { ($0.left ?? 1) < 0 } }

    /// Called before each transaction.
    func burn() throws {
        let work = state.withLock { state -> Task<Void, any Error>?? in
            guard let left = state.left else { return nil }
            state.left = left - 1
            return left <= 0 ? .some(state.work) : nil
        }
        guard let work else { return }
        work?.cancel()
        throw Crash()
    }
}
