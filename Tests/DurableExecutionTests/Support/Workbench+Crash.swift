import DurableExecution
import SQLiteStore
import TestSupport

extension Workbench {
    /// Runs an execution named `one` on a file until it has ended or the store stops before transaction `limit`.
    ///
    /// - Returns: The execution as it ended; `nil` when the store was stopped.
    static func untilStopped(
        _ path: String,
        before limit: Int,
        tasks: (inout TaskRegistry) -> Void = { _ in },
        _ body: @escaping @Sendable (Workbench) async throws -> Execution?
    ) async throws -> Execution? {
        let stopped = Notebook<Int>()
        let store = try SQLiteStore(path: path) { number in
            guard number < limit else {
                stopped.add(number)
                throw CancellationError()
            }
        }
        defer { try? store.close() }
        let bench = try Workbench(store: store, tasks: tasks)
        return try await withThrowingTaskGroup(of: Execution?.self) { group in
            group.addTask { try await bench.end(of: body) }
            group.addTask {
                await stopped.wait(for: 1)
                return nil
            }
            defer {
                group.cancelAll()
                stopped.add(0)
            }
            return try await group.next() ?? nil
        }
    }

    private func end(of body: @Sendable (Workbench) async throws -> Execution?) async throws -> Execution? {
        do {
            return try await body(self)
        } catch let error as ExecutionError where error.code == .executionAlreadyExists {
            return try await store.execution("arn:aws:states:us-east-1:000000000000:execution:machine:one")
        } catch is ExecutionError {
            return nil
        } catch is StoreError {
            return nil
        }
    }
}
