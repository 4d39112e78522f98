import Synchronization

/// Waits for a number of answers.
final class Countdown: Sendable {
    private let state: Mutex<(remaining: Int, error: ExecutionError?)>
    private let done = Signal()

    init(_ count: Int) { state = Mutex((count, nil)) }

    /// Takes one answer in.
    func count(_ answer: Result<Execution, ExecutionError>) {
        let isLast = state.withLock { state in
            state.remaining -= 1
            if case .failure(let error) = answer { state.error = error }
            return state.remaining == 0
        }
        if isLast { done.give() }
    }

    /// Waits for all; throws the last error among them.
    func wait() async throws {
        await done.wait()
        if let error = state.withLock(\.error) { throw error }
    }
}
