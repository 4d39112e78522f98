import DurableExecution
import FoundationEssentials
import HTTPAPI
import JSON
import Logging
import SQLiteStore

/// Runs a real engine on a database in memory, behind a server on a free port.
func withEngine<Result: Sendable>(
    _ body: @escaping @Sendable (_ port: Int) async throws -> Result
) async throws -> Result {
    var tasks = TaskRegistry()
    tasks.register("arn:aws:states:::lambda:invoke.waitForTaskToken") { .submitted($0.parameters) }
    let engine = Engine(
        store: try SQLiteStore.inMemory(),
        tasks: tasks,
        environment: .init(
            now: { Date() },
            clock: ContinuousClock(),
            makeID: { UUID().uuidString.lowercased() },
            makeSeed: { .random(in: .min ... .max) }
        ),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await engine.run() }
        let result = try await withServer(operations: [.stepFunctions(engine)], body)
        group.cancelAll()
        return result
    }
}
