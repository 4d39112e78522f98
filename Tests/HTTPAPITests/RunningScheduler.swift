import DurableExecution
import FoundationEssentials
import HTTPAPI
import Logging
import SQLiteStore
import Scheduler

/// Runs schedules and the engine that they start executions in, behind a server on a free port.
func withScheduler<Result: Sendable>(
    _ body: @escaping @Sendable (_ port: Int) async throws -> Result
) async throws -> Result {
    let store = try SQLiteStore.inMemory()
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let makeID: @Sendable () -> String = { UUID().uuidString.lowercased() }
    let engine = Engine(
        store: store,
        tasks: TaskRegistry(),
        environment: .init(
            now: { Date() },
            clock: ContinuousClock(),
            makeID: makeID,
            makeSeed: { .random(in: .min ... .max) }
        ),
        logger: logger
    )
    let scheduler = SchedulerService(
        store: store,
        clock: ContinuousClock(),
        now: { Date() },
        makeID: makeID,
        logger: logger,
        isRunning: { arn in try await engine.describeExecution(arn).status == .running },
        stop: { arn, error, cause in _ = try await engine.stopExecution(arn, error: error, cause: cause) },
        tell: { _ in },
        fire: { firing, schedule in
            let invocation = ScheduledInvocation(
                scheduleARN: schedule.key.arn(region: "us-east-1", account: "000000000000"),
                scheduledTime: firing.scheduledTime,
                executionID: "1",
                attempt: firing.attempts + 1
            )
            let request = try schedule.definition.target.executionRequest(of: invocation)
            return try await engine.startExecution(of: request.stateMachineARN, input: request.input).arn
        }
    )
    let table = OperationTable.scheduler(scheduler, region: "us-east-1", account: "000000000000")
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await engine.run() }
        group.addTask { try await scheduler.run() }
        let result = try await withServer(
            operations: [.stepFunctions(engine)],
            routes: RESTRoute.scheduler(table),
            body
        )
        group.cancelAll()
        return result
    }
}
