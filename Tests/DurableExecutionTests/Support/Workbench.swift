import DurableExecution
import FoundationEssentials
import JSON
import Logging
import SQLiteStore
import Synchronization
import TestSupport
import Testing

/// An engine on a real database under a manual clock.
struct Workbench: Sendable {
    let clock: ManualClock
    let store: SQLiteStore
    let engine: Engine

    init(
        store: SQLiteStore? = nil,
        clock: ManualClock = ManualClock(),
        logSink: (any LogSink)? = nil,
        configuration: Engine.Configuration = Engine.Configuration(),
        tasks: (inout TaskRegistry) -> Void = { _ in }
    ) throws {
        self.clock = clock
        let store = try store ?? SQLiteStore.inMemory()
        self.store = store
        var registry = TaskRegistry()
        tasks(&registry)
        let seeds = Mutex(UInt64.random(in: 1...(1 << 40)))
        engine = Engine(
            store: store,
            tasks: registry,
            logSink: logSink,
            configuration: configuration,
            environment: Engine.Environment(
                now: { clock.date },
                clock: clock,
                makeID: { UUID().uuidString },
                makeSeed: {
                    seeds.withLock {
                        $0 += 1; return $0
                    }
                }
            ),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Runs the engine while the body runs.
    func run<T: Sendable>(_ body: @escaping @Sendable (Engine) async throws -> T) async throws -> T {
        let engine = engine
        return try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask {
                try await engine.run()
                return nil
            }
            group.addTask { try await body(engine) }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    /// Moves the clock on, a step at a time, until an execution has ended.
    func advance(by step: Duration, untilEndOf arn: String) async throws -> Execution {
        let ends = Notebook<Int>()
        return try await withThrowingTaskGroup(of: Execution?.self) { group in
            group.addTask { [engine] in
                defer { ends.add(1) }
                return try await engine.waitForEnd(of: arn)
            }
            group.addTask { [clock] in
                while ends.notes.isEmpty, !Task.isCancelled {
                    // One sleeper keeps the leases; a second is the engine waiting for a timer.
                    if clock.sleeperCount > 1 { clock.advance(by: step) }
                    await Task.yield()
                }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }
}

extension Engine {
    /// Creates a state machine and starts it.
    @discardableResult
    func start(_ definition: JSON, name: String? = nil, input: JSON = [:]) async throws -> Execution {
        let machine = try await createStateMachine(
            CreateStateMachineRequest(name: "machine", definition: definition.text)
        )
        return try await startExecution(of: machine.arn, name: name, input: input.text)
    }

    /// Creates a state machine, starts it and waits for its end.
    func result(of definition: JSON, input: JSON = [:]) async throws -> Execution {
        try await waitForEnd(of: try await start(definition, input: input).arn)
    }

    /// The whole history's types.
    func eventTypes(of arn: String) async throws -> [String] {
        try await executionHistory(of: arn, maxResults: 1000).elements.compactMap { $0["type"]?.string }
    }
}

/// A definition of states, which starts at the first.
func definition(_ states: (String, JSON)...) -> JSON {
    ["StartAt": .string(states.first?.0 ?? ""), "States": .object(JSONObject(states))]
}

/// A Task state that ends the machine.
func task(_ resource: String, _ fields: (String, JSON)...) -> JSON {
    var state: JSON = ["Type": "Task", "Resource": .string(resource), "End": true]
    for (key, value) in fields { state[key] = value }
    return state
}

/// Notes things in the order in which they happen, and tells when there are enough of them.
final class Notebook<Note: Sendable>: Sendable {
    private struct State {
        var notes: [Note] = []
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var notes: [Note] { state.withLock(\.notes) }

    func add(_ note: Note) {
        let ready = state.withLock { state in
            state.notes.append(note)
            let count = state.notes.count
            let ready = state.waiters.filter { $0.count <= count }
            state.waiters.removeAll { $0.count <= count }
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    func wait(for count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.notes.count >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }
}

/// Expects a request to be refused with a code, and with a text where one is given.
func expectRefusal<T: Sendable>(
    _ code: ExecutionError.Code,
    _ message: String? = nil,
    _ body: () async throws -> T
) async {
    let error = await #expect(throws: ExecutionError.self) { _ = try await body() }
    #expect(error?.code == code)
    if let message { #expect(error?.message == message) }
}

let echo = "arn:aws:states:::test:echo"
