/// How the rest of the process hears what becomes of executions.
extension Engine {
    /// Waits until an execution has ended, at once if it has.
    ///
    /// - Parameter arn: Its ARN.
    /// - Returns: The execution as it ended.
    /// - Throws: `ExecutionError` `InvalidArn`, `ExecutionDoesNotExist`; `CancellationError`.
    public func waitForEnd(of arn: String) async throws -> Execution {
        while true {
            let ended = Signal()
            let unregister = watchers.onEnd(of: arn, give: ended)
            defer { unregister() }
            let execution = try await describeExecution(arn)
            if execution.status != .running { return execution }
            await ended.wait()
            try Task.checkCancellation()
        }
    }

    /// Every step of every execution from now on, after it is on disk; a slow listener misses the oldest.
    public func changes() -> AsyncStream<ExecutionChange> { watchers.changes() }

    /// Gives an element at once, and whenever executions have begun or ended since the last: time to tell of them.
    public func outcomeSignals() -> AsyncStream<Void> { watchers.outcomeSignals() }

    /// The outcomes nobody has acknowledged, oldest first; also those of before a crash.
    ///
    /// - Parameter limit: How many at most.
    /// - Returns: The outcomes.
    /// - Throws: `ServiceUnavailable`.
    public func unacknowledgedOutcomes(limit: Int = 100) async throws(ExecutionError) -> [ExecutionOutcome] {
        try await saved { try await store.unacknowledgedOutcomes(limit: limit) }
    }

    /// Notes that an outcome was published, so that it is not published again.
    ///
    /// - Parameter outcome: What was published.
    /// - Throws: `ServiceUnavailable`.
    public func acknowledge(_ outcome: ExecutionOutcome) async throws(ExecutionError) {
        try await saved {
            try await store.acknowledgeOutcome(of: outcome.executionArn, redriveCount: outcome.redriveCount, at: now)
        }
    }

    /// The beginnings nobody has told, oldest first; also those of before a crash.
    ///
    /// - Parameter limit: How many at most.
    /// - Returns: The beginnings; none while no rule looks at events.
    /// - Throws: `ServiceUnavailable`.
    public func untoldBeginnings(limit: Int = 100) async throws(ExecutionError) -> [ExecutionBeginning] {
        try await saved { try await store.untoldBeginnings(limit: limit) }
    }

    /// Notes that beginnings were told, so that they are not told again.
    ///
    /// - Parameter beginnings: What was told.
    /// - Throws: `ServiceUnavailable`.
    public func forget(_ beginnings: [ExecutionBeginning]) async throws(ExecutionError) {
        guard !beginnings.isEmpty else { return }
        try await saved { try await store.forgetBeginnings(beginnings.map(\.id)) }
    }
}
