import Synchronization

/// Threads for what takes long: few at once, and those who ask for them by turns.
final class FairThreads: Sendable {
    private struct State {
        var free: Int
        var waiting = RoundRobin<Int64, CheckedContinuation<Void, Never>>()
    }

    private let threads: ComputeThreads
    private let state: Mutex<State>

    init(_ name: String, count: Int) {
        threads = ComputeThreads(name, count: count)
        state = Mutex(State(free: count))
    }

    /// Computes something when it is the key's turn and a thread is free.
    func compute<Value: Sendable>(for key: Int64, _ body: () -> Value) async -> Value {
        await enter(key)
        defer { leave() }
        return await withTaskExecutorPreference(threads) { body() }
    }

    private func enter(_ key: Int64) async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append(continuation, for: key)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    private func leave() {
        let next = state.withLock { state in
            let next = state.waiting.takeFirst()
            if next == nil { state.free += 1 }
            return next
        }
        next?.resume()
    }
}
