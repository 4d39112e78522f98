import Synchronization

/// Stops the store before a transaction, counted from when it is armed, and then the work on it.
final class CrashFuse: Sendable {
    struct Crash: Error {}

    private struct State {
        var left: Int?
        var work: Task<Void, any Error>?
    }

    private let state = Mutex(State())

    func arm(_ transactions: Int) { state.withLock { $0.left = transactions } }

    /// Runs work until it ends or the store has stopped under it.
    func run(_ body: @escaping @Sendable () async throws -> Void) async {
        let work = Task { try await body() }
        state.withLock { $0.work = work }
        // It may have burnt before it knew of the work.
        if isBurnt { work.cancel() }
        _ = await work.result
    }

    var isBurnt: Bool { state.withLock { ($0.left ?? 1) < 0 } }

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
