import JSON
import StatesLanguage
import Synchronization

/// How workers elsewhere end the tasks whose token they hold.
extension Engine {
    /// Ends a task well.
    ///
    /// - Parameters:
    ///   - token: The task's token, from `$$.Task.Token`.
    ///   - output: JSON text.
    /// - Throws: `InvalidOutput`, `InvalidToken` for what was never a token, `TaskTimedOut` when its task has ended, `ServiceUnavailable`.
    public func sendTaskSuccess(token: String, output: String) async throws(ExecutionError) {
        let value: Payload
        do {
            value = try Payload(parsing: output)
        } catch {
            throw ExecutionError(.invalidOutput, "Invalid Output: '\(JSONComplaint.text(for: output) ?? "\(error)")'")
        }
        try await send(token) { .taskSucceeded(task: $0, output: value) }
    }

    /// Ends a task in an error.
    ///
    /// - Parameters:
    ///   - token: The task's token.
    ///   - error: The error's name, for Retry and Catch.
    ///   - cause: What happened.
    /// - Throws: `InvalidToken` for what was never a token, `TaskTimedOut` when its task has ended, `ServiceUnavailable`.
    public func sendTaskFailure(
        token: String,
        error: String? = nil,
        cause: String? = nil
    ) async throws(ExecutionError) {
        let failure = StatesError(name: error ?? StatesError.taskFailed, cause: cause)
        try await send(token) { .taskFailed(task: $0, error: failure) }
    }

    /// Says that a task is alive.
    ///
    /// - Parameter token: The task's token.
    /// - Throws: `InvalidToken` for what was never a token, `TaskTimedOut` when its task has ended, `ServiceUnavailable`.
    public func sendTaskHeartbeat(token: String) async throws(ExecutionError) {
        try await send(token) { .taskHeartbeat(task: $0) }
    }

    private func send(_ token: String, _ event: (Int) -> Event) async throws(ExecutionError) {
        guard (1...2048).contains(token.utf8.count) else { throw .invalidToken() }
        guard let task = try await saved({ try await store.task(token: token) }) else {
            guard TaskToken.isGenuine(token, key: tokenKey.withLock(\.self)) else { throw .invalidToken() }
            throw ExecutionError(.taskTimedOut, "Task Timed Out: 'Provided task does not exist anymore'")
        }
        _ = try await request(.event(event(task.id)), of: task.executionArn)
    }
}
