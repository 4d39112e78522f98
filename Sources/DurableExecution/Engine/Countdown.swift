import Synchronization

/// Waits for an answer from each of a number.
final class Countdown: Sendable {
    private let state: Mutex<(awaited: Set<Int>, error: ExecutionError?)>
    private let done = Signal()

    init(_ count: Int) { state = Mutex((Set(0..<count), nil)) }

    /// Takes the answer of one in; only its first counts.
    func count(_ number: Int, _ answer: Result<Execution, ExecutionError>) {
        if case .failure(let error) = answer { count(number, error) } else { count(number) }
    }

    /// Counts one of whom no answer is waited for, or that failed.
    func count(_ number: Int, _ error: ExecutionError? = nil) {
        let isLast = state.withLock { state in
            guard state.awaited.remove(number) != nil else { return false }
            if let error { state.error = error }
            return state.awaited.isEmpty
        }
        if isLast { done.give() }
    }

    /// Waits for all; throws the last error among them.
    func wait() async throws {
        await done.wait()
        if let error = state.withLock(\.error) { throw error }
    }
}
