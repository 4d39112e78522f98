import Bucket
import DurableExecution
import Foundation
import JSON
import Logging
import SQLiteStore
import StatesLanguage
import Synchronization
import TestSupport

@testable import Notifications
@testable import Pipeline

/// An engine with the integrations of a test, on a database in memory, a manual clock and a real bucket.
final class IntegrationStage: Sendable {
    let directory: TemporaryDirectory
    let clock = ManualClock()
    let store: SQLiteStore
    let bucket: Bucket
    let outbox: Outbox
    let engine: Engine

    /// The parts that handlers are made of.
    struct Parts {
        let buckets: BucketDirectory
        let store: SQLiteStore
        let outbox: Outbox
        let now: @Sendable () -> Date
        let makeID: @Sendable () -> String
    }

    init(
        store: SQLiteStore? = nil,
        configuration: Engine.Configuration = Engine.Configuration(),
        tasks: (inout TaskRegistry, Parts) throws -> Void
    ) throws {
        directory = try TemporaryDirectory()
        let store = try store ?? .inMemory()
        self.store = store
        bucket = try Bucket(name: "films", root: directory.file("bucket"))
        try FileManager.default.createDirectory(atPath: bucket.root, withIntermediateDirectories: true)
        let clock = clock
        let now: @Sendable () -> Date = { clock.date }
        let makeID: @Sendable () -> String = { UUID().uuidString.lowercased() }
        outbox = Outbox(store: store, now: now, newID: makeID)
        var registry = TaskRegistry()
        try tasks(
            &registry,
            Parts(buckets: BucketDirectory([bucket]), store: store, outbox: outbox, now: now, makeID: makeID)
        )
        let seeds = Mutex(UInt64(0))
        engine = Engine(
            store: store,
            tasks: registry,
            configuration: configuration,
            environment: .init(
                now: now,
                clock: clock,
                makeID: makeID,
                makeSeed: {
                    seeds.withLock { seed in
                        seed += 1
                        return seed
                    }
                }
            ),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Runs the engine for as long as the body takes.
    func running<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) async throws -> T {
        try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask { [engine] in
                try await engine.run()
                return nil
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    /// Starts a machine of one task; the engine must run.
    func start(_ resource: String, _ parameters: JSON, fields: JSON = [:]) async throws -> Execution {
        var state: JSON = [
            "Type": "Task", "Resource": .string(resource), "Parameters": parameters, "End": true,
        ]
        for (key, value) in fields.object ?? [:] { state[key] = value }
        let definition: JSON = ["StartAt": "Ask", "States": ["Ask": state]]
        let request = CreateStateMachineRequest(name: UUID().uuidString, definition: definition.text)
        let machine = try await engine.createStateMachine(request)
        return try await engine.startExecution(of: machine.arn, input: "{}")
    }

    /// Runs a machine of one task to its end; the engine must run.
    func end(_ resource: String, _ parameters: JSON) async throws -> Execution {
        try await engine.waitForEnd(of: start(resource, parameters).arn)
    }

    /// The output of a machine of one task, which must succeed.
    func output(_ resource: String, _ parameters: JSON) async throws -> JSON {
        let execution = try await end(resource, parameters)
        guard let output = execution.output else {
            throw StatesError(name: execution.error ?? "", cause: execution.cause)
        }
        return try JSON(parsing: output)
    }
}
