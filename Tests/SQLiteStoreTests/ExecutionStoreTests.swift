import DurableExecution
import FoundationEssentials
import JSON
import SQLiteStore
import StatesLanguage
import Testing
import TestSupport

/// Where the store keeps its database.
enum Storage: CaseIterable, Sendable {
    case memory, disk

    /// Opens an empty store; it is gone after the body.
    func run(_ body: (any ExecutionStore) async throws -> Void) async throws {
        switch self {
        case .memory: try await body(SQLiteStore.inMemory())
        case .disk:
            let directory = try TemporaryDirectory()
            let store = try SQLiteStore(path: directory.file("store.sqlite"))
            try await body(store)
            try store.close()
        }
    }
}

/// What every `ExecutionStore` must do.
@Suite struct ExecutionStoreTests {
    private static let start = Date(timeIntervalSince1970: 1_800_000_000.125)

    private static func machine(_ name: String = "m", _ definition: String = "{}") -> StateMachine {
        let arn = ResourceNames().stateMachine(name)
        return StateMachine(arn: arn, name: name, definition: definition, roleArn: "r", creationDate: start)
    }

    private static func transition(_ name: String, of machine: StateMachine, after seconds: Double = 0) -> Transition {
        let execution = Execution(
            arn: ResourceNames().execution(name, of: machine.name),
            stateMachineArn: machine.arn,
            name: name,
            revision: machine.revision,
            input: #"{"a":1}"#,
            startDate: start.addingTimeInterval(seconds),
            traceHeader: "trace"
        )
        return Transition(execution: execution, isNew: true, state: "{}")
    }

    private static func request(_ id: Int, token: String, resource: String = "arn:aws:states:::a:b") -> TaskRequest {
        TaskRequest(id: id, stateName: "S", resource: resource, input: ["p": 1], token: token, timeoutSeconds: 9)
    }

    @Test(arguments: Storage.allCases)
    func `a state machine is found as it was saved, and the first of a name stays`(storage: Storage) async throws {
        try await storage.run { store in
            var machine = Self.machine()
            machine.options = ["tracingConfiguration": ["enabled": true]]
            let saved = try await store.insert(machine)
            machine.revision = saved.revision
            #expect(saved == machine)
            #expect(try await store.insert(Self.machine("m", "other")) == saved)
            #expect(try await store.stateMachine(saved.arn) == saved)
            #expect(try await store.stateMachine("none") == nil)
        }
    }

    @Test(arguments: Storage.allCases)
    func `a revision stays as long as an execution began with it`(storage: Storage) async throws {
        try await storage.run { store in
            let first = try await store.insert(Self.machine("m", "first"))
            var ended = Self.transition("e", of: first)
            ended.execution.status = .succeeded
            ended.execution.stopDate = Self.start
            ended.state = nil
            try await store.commit([ended])
            var second = first
            second.definition = "second"
            second.revisionId = "2"
            let updated = try #require(try await store.update(second))
            #expect(updated.revision != first.revision)
            #expect(try await store.stateMachine(revision: first.revision)?.definition == "first")
            try await store.deleteStateMachine(first.arn)
            #expect(try await store.stateMachine(first.arn) == nil)
            #expect(try await store.stateMachine(revision: first.revision)?.name == "m")
            #expect(try await store.stateMachine(revision: updated.revision) == nil)
        }
    }

    @Test(arguments: Storage.allCases)
    func `lists are paged from new to old without gap or double`(storage: Storage) async throws {
        try await storage.run { store in
            let machine = try await store.insert(Self.machine())
            // Several of one instant, so that the date alone does not order them.
            try await store.commit((0..<25).map { Self.transition("e\($0)", of: machine, after: Double($0 / 10)) })
            var names: [String] = []
            var page = PageRequest(limit: 7)
            repeat {
                let part = try await store.executions(ExecutionQuery(stateMachineArn: machine.arn), page)
                names += part.elements.map(\.name)
                page.token = part.nextToken
            } while page.token != nil
            #expect(names == (0..<25).reversed().map { "e\($0)" })
            await #expect(throws: ExecutionError.self) {
                try await store.executions(ExecutionQuery(), PageRequest(limit: 1, token: "rubbish"))
            }
        }
    }

    @Test(arguments: Storage.allCases)
    func `an execution advances with its state, status and outcome`(storage: Storage) async throws {
        try await storage.run { store in
            let machine = try await store.insert(Self.machine())
            var step = Self.transition("e", of: machine)
            try await store.commit([step])
            let arn = step.execution.arn
            #expect(try await store.execution(arn) == step.execution)
            step.isNew = false
            step.execution.status = .failed
            step.execution.error = "E"
            step.execution.stopDate = Self.start.addingTimeInterval(1)
            step.state = #"{"v":1}"#
            step.outcomes = [
                ExecutionOutcome(
                    executionArn: arn,
                    stateMachineArn: machine.arn,
                    name: "e",
                    redriveCount: 0,
                    status: .failed,
                    error: "E",
                    cause: nil,
                    stateName: "S",
                    startDate: Self.start,
                    date: Self.start.addingTimeInterval(1)
                )
            ]
            try await store.commit([step])
            let loaded = try await store.load([arn, "none"])
            #expect(loaded.map(\.execution) == [step.execution])
            #expect(loaded.first?.state == #"{"v":1}"#)
            #expect(try await store.unacknowledgedOutcomes(limit: 9) == step.outcomes)
            try await store.acknowledgeOutcome(of: arn, redriveCount: 0, at: Self.start)
            #expect(try await store.unacknowledgedOutcomes(limit: 9).isEmpty)
            let failed = ExecutionQuery(status: .failed, isRedriven: false)
            #expect(try await store.executions(failed, PageRequest()).elements.count == 1)
            #expect(try await store.executions(ExecutionQuery(status: .running), PageRequest()).elements.isEmpty)
        }
    }

    @Test(arguments: Storage.allCases)
    func `one transition that cannot be saved takes all with it`(storage: Storage) async throws {
        try await storage.run { store in
            let machine = try await store.insert(Self.machine())
            var unknown = Self.transition("b", of: machine)
            unknown.isNew = false
            let steps = [Self.transition("a", of: machine), unknown]
            await #expect(throws: StoreError.self) { try await store.commit(steps) }
            #expect(try await store.executions(ExecutionQuery(), PageRequest()).elements.isEmpty)
        }
    }

    @Test(arguments: Storage.allCases)
    func `a task is claimed once, released, and found by its token`(storage: Storage) async throws {
        try await storage.run { store in
            let machine = try await store.insert(Self.machine())
            var step = Self.transition("e", of: machine)
            let arn = step.execution.arn
            let callback = Self.request(2, token: "t2", resource: "arn:aws:states:::a:b.waitForTaskToken")
            step.tasks = [
                ScheduledTask(executionArn: arn, request: Self.request(1, token: "t1")),
                ScheduledTask(executionArn: arn, request: callback),
            ]
            try await store.commit([step])
            let lease = Lease(owner: "me", end: Self.start.addingTimeInterval(60))
            let first = try await store.claimTasks(limit: 1, lease: lease)
            #expect(
                first == [
                    ScheduledTask(executionArn: arn, request: Self.request(1, token: "t1"), lease: lease, attempt: 1)
                ]
            )
            let second = try await store.claimTasks(limit: 9, lease: lease)
            #expect(second.map(\.request) == [callback])
            #expect(try await store.offeredTaskCount() == 0)
            #expect(try await store.task(token: "t1") == nil)
            #expect(try await store.task(token: "t2") == TaskKey(executionArn: arn, id: 2))

            let later = Lease(owner: "me", end: Self.start.addingTimeInterval(120))
            try await store.renew(later, of: [TaskKey(executionArn: arn, id: 1)])
            #expect(try await store.releaseTasks(leasedUntil: Self.start.addingTimeInterval(60)) == 1)
            #expect(try await store.releaseTasks(notOwnedBy: "me") == 0)
            #expect(try await store.releaseTasks(notOwnedBy: "another") == 1)
            #expect(try await store.claimTasks(limit: 9, lease: lease).map(\.attempt) == [2, 2])

            var next = Transition(execution: step.execution, state: "{}")
            next.endedTasks = [1]
            next.submittedTasks = [2]
            try await store.commit([next])
            #expect(try await store.releaseTasks(notOwnedBy: "another") == 0)
            #expect(try await store.task(token: "t2") != nil)
        }
    }

    @Test(arguments: Storage.allCases)
    func `timers are due in their order until a transition ends them`(storage: Storage) async throws {
        try await storage.run { store in
            let machine = try await store.insert(Self.machine())
            var step = Self.transition("e", of: machine)
            let arn = step.execution.arn
            #expect(try await store.nextTimerDate(after: .distantPast) == nil)
            step.timers = [1: Self.start.addingTimeInterval(20), 2: Self.start.addingTimeInterval(10)]
            try await store.commit([step])
            #expect(try await store.nextTimerDate(after: .distantPast) == Self.start.addingTimeInterval(10))
            #expect(
                try await store.dueTimers(from: .distantPast, to: Self.start.addingTimeInterval(9.999), limit: 9)
                    .isEmpty
            )
            let due = try await store.dueTimers(from: .distantPast, to: Self.start.addingTimeInterval(20), limit: 9)
            #expect(due == [TimerKey(executionArn: arn, id: 2), TimerKey(executionArn: arn, id: 1)])
            var next = Transition(execution: step.execution, state: "{}")
            next.endedTimers = [2]
            try await store.commit([next])
            #expect(try await store.nextTimerDate(after: .distantPast) == Self.start.addingTimeInterval(20))
            next.execution.status = .aborted
            next.execution.stopDate = Self.start
            try await store.commit([next])
            #expect(try await store.nextTimerDate(after: .distantPast) == nil)
        }
    }

    @Test(arguments: Storage.allCases)
    func `a long history is paged both ways`(storage: Storage) async throws {
        try await storage.run { store in
            let states: [(String, JSON)] = (0..<400).map { number in
                let name = "S\(number)"
                return (
                    name, number == 399 ? ["Type": "Succeed"] : ["Type": "Pass", "Next": .string("S\(number + 1)")]
                )
            }
            let machine = try await store.insert(Self.machine())
            let definition = try Definition(["StartAt": "S0", "States": .object(JSONObject(states))])
            var step = Self.transition("e", of: machine)
            let context = ExecutionContext(
                execution: .init(id: "e", name: "e", roleArn: "r", startTime: Self.start, input: 1),
                stateMachine: .init(id: "m", name: "m")
            )
            var state = ExecutionState(context: context, seed: 1)
            step.history = Interpreter(definition).handle(.started, in: &state, at: Self.start).history
            try await store.commit([step])
            for isReversed in [false, true] {
                var ids: [Int] = []
                var page = PageRequest(limit: 90)
                repeat {
                    let part = try await store.history(of: step.execution.arn, isReversed: isReversed, page)
                    #expect(part.elements.count <= 90)
                    ids += part.elements.compactMap { $0["id"]?.int }
                    page.token = part.nextToken
                } while page.token != nil
                let all = Array(1...802)
                #expect(ids == (isReversed ? all.reversed() : all))
            }
        }
    }
}
