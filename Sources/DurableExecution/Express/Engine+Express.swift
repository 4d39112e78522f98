import FoundationEssentials
import Logging
import StatesLanguage
import Synchronization

/// Express executions.
///
/// `startExecution` runs them at least once: that one was started is on disk until it has ended, and what a crash
/// leaves is run again from its beginning. `startSyncExecution` runs them at most once: they are nowhere but in memory.
extension Engine {
    /// Runs an Express execution and waits for its end.
    ///
    /// - Parameters:
    ///   - stateMachineArn: What to run; of an alias, chance chooses the version by weight.
    ///   - name: A name for it, that need not be unique; `nil` for a new one.
    ///   - input: JSON text; `nil` for `{}`.
    ///   - traceHeader: Kept and shown.
    /// - Returns: The execution as it ended.
    /// - Throws: `InvalidArn`, `InvalidName`, `InvalidExecutionInput`, `StateMachineDoesNotExist`,
    ///   `StateMachineTypeNotSupported` for one that is not Express, `ThrottlingException`, `ServiceUnavailable`.
    public func startSyncExecution(
        of stateMachineArn: String,
        name: String? = nil,
        input: String? = nil,
        traceHeader: String? = nil
    ) async throws(ExecutionError) -> Execution {
        let start = try await prepareStart(of: stateMachineArn, name: name, input: input, traceHeader: traceHeader)
        guard start.machine.type == .express else { throw .unsupportedType }
        guard Self.expressDepth < configuration.nestingLimit else {
            throw ExecutionError(
                .throttling,
                "Rate exceeded: \(configuration.nestingLimit) Express executions wait for one another already; "
                    + "check for a state machine that starts itself"
            )
        }
        guard express.withLock({ $0.enter() }) else {
            throw ExecutionError(
                .throttling,
                "Rate exceeded: \(configuration.expressLimit) Express executions run already; try again later"
            )
        }
        defer { express.withLock { $0.leave() } }
        let revision = try await saved { try await machine(start.execution.revision) }
        guard let machine = revision else { throw .noStateMachine(stateMachineArn) }
        let execution = await run(ExpressRun(start.execution, of: machine, start.state, in: self))
        guard execution.status != .running else {
            throw ExecutionError(.unavailable, "the engine is stopping; try again later")
        }
        return execution
    }

    /// Starts an Express execution: it is on disk that it will run.
    func startExpress(_ execution: Execution) async throws(ExecutionError) -> Execution {
        guard express.withLock({ $0.enter() }) else {
            throw ExecutionError(
                .executionLimitExceeded,
                "Execution limit exceeded: \(configuration.expressLimit) Express executions run already; try again later"
            )
        }
        do {
            try await saved { try await store.insert(express: execution) }
        } catch {
            express.withLock { $0.leave() }
            throw error
        }
        express.withLock { $0.add(execution) }
        expressSignal.give()
        return execution
    }

    /// Queues what earlier processes have not ended.
    func recoverExpress() async throws {
        let executions = try await store.expressExecutions()
        express.withLock { $0.resume(executions) }
        guard !executions.isEmpty else { return }
        logger.info("Express executions are run again", metadata: ["execution.count": "\(executions.count)"])
        expressSignal.give()
    }

    /// Runs the Express executions that nobody waits for.
    func runExpressExecutions() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                await expressSignal.wait()
                for execution in express.withLock({ $0.takeArrivals() }) {
                    group.addTask { await self.runToEnd(execution) }
                }
            }
        }
    }

    /// Runs an execution and forgets it when it has ended, however often the store has to be asked.
    private func runToEnd(_ execution: Execution) async {
        defer { express.withLock { $0.leave() } }
        var failures = 0
        var hasEnded = false
        while !Task.isCancelled {
            do {
                if !hasEnded { hasEnded = try await end(execution) }
                guard hasEnded else { return }
                return try await store.removeExpress(execution.arn)
            } catch {
                failures += 1
                logger.error("an Express execution cannot be saved", metadata: ["error": "\(error)"])
                await backOff(failures, or: Signal())
            }
        }
    }

    /// Runs an execution; false when the engine stops before its end.
    private func end(_ execution: Execution) async throws -> Bool {
        guard let machine = try await machine(execution.revision) else {
            logger.error(
                "an Express execution cannot run: its definition is not in the store",
                metadata: ["execution.arn": "\(execution.arn)"]
            )
            return true
        }
        let state = initialState(of: execution, machine.stateMachine, input: try Payload(parsing: execution.input))
        return await run(ExpressRun(execution, of: machine, state, in: self)).status != .running
    }

    /// How many Express executions wait for what is done now, one for another.
    @TaskLocal private static var expressDepth = 0

    private func run(_ run: ExpressRun) async -> Execution {
        counters.noteExpressStart()
        let ended = await Self.$expressDepth.withValue(Self.expressDepth + 1) {
            await withTaskExecutorPreference(expressThreads) {
                var run = run
                return await run.run()
            }
        }
        if ended.status != .running { counters.noteExpressEnd(ended.status) }
        return ended
    }
}
