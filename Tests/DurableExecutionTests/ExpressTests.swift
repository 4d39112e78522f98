import DurableExecution
import FoundationEssentials
import JSON
import SQLiteStore
import StatesLanguage
import Testing
import TestSupport

/// Express machines: in memory, with no history, at most once for those who wait and at least once for those who do not.
@Suite(.timeLimit(.minutes(5))) struct ExpressTests {
    private static let pass = definition(("Pass", ["Type": "Pass", "Result": ["done": true], "End": true]))

    private static func machine(
        _ engine: Engine,
        _ definition: JSON = pass,
        name: String = "quick"
    ) async throws -> String {
        let request = CreateStateMachineRequest(name: name, definition: definition.text, type: "EXPRESS")
        return try await engine.createStateMachine(request).arn
    }

    @Test func `who waits gets the end, and nothing of it is in the store`() async throws {
        let bench = try Workbench()
        try await bench.run { engine in
            let arn = try await Self.machine(engine)
            #expect(try await engine.describeStateMachine(arn).json["type"] == "EXPRESS")
            #expect(try await engine.listStateMachines().elements.first?.summaryJSON["type"] == "EXPRESS")
            let execution = try await engine.startSyncExecution(of: arn, name: "one", input: #"{"a": 1}"#)
            #expect(execution.status == .succeeded)
            #expect(execution.output == #"{"done":true}"#)
            #expect(execution.input == #"{"a": 1}"#)
            #expect(execution.arn.hasPrefix("arn:aws:states:us-east-1:000000000000:express:quick:one:"))
            let again = try await engine.startSyncExecution(of: arn, name: "one")
            #expect(again.arn != execution.arn)
            #expect(try await engine.listExecutions().elements.isEmpty)
            #expect(try await engine.unacknowledgedOutcomes().isEmpty)
        }
    }

    @Test func `what keeps no executions refuses to show them`() async throws {
        try await Workbench().run { engine in
            let arn = try await Self.machine(engine)
            let execution = try await engine.startSyncExecution(of: arn).arn
            let kind = "Invalid Arn: 'Resource type not valid in this context: express'"
            await expectRefusal(.invalidArn, kind) { try await engine.describeExecution(execution) }
            await expectRefusal(.invalidArn, kind) { try await engine.executionHistory(of: execution) }
            await expectRefusal(.invalidArn, kind) { try await engine.stopExecution(execution) }
            await expectRefusal(.invalidArn, kind) { try await engine.redriveExecution(execution) }
            let unsupported = "This operation is not supported by this type of state machine"
            await expectRefusal(.stateMachineTypeNotSupported, unsupported) {
                try await engine.listExecutions(ExecutionQuery(stateMachineArn: arn))
            }
            let standard = try await engine.createStateMachine(
                CreateStateMachineRequest(name: "standard", definition: Self.pass.text)
            )
            await expectRefusal(.stateMachineTypeNotSupported, unsupported) {
                try await engine.startSyncExecution(of: standard.arn)
            }
            await expectRefusal(.stateMachineAlreadyExists) {
                try await engine.createStateMachine(
                    CreateStateMachineRequest(name: "quick", definition: Self.pass.text)
                )
            }
            await expectRefusal(.invalidExecutionInput) { try await engine.startSyncExecution(of: arn, input: "no") }
            await expectRefusal(.stateMachineDoesNotExist) { try await engine.startSyncExecution(of: "\(arn)s") }
        }
    }

    @Test func `tasks, retries and waits run as in any machine`() async throws {
        let attempts = Notebook<Int>()
        let bench = try Workbench { tasks in
            tasks.register(echo) { task in
                attempts.add(task.id)
                guard attempts.notes.count > 1 else { throw StatesError(name: "Busy", cause: nil) }
                return .succeeded(task.parameters)
            }
        }
        let retry: JSON = [["ErrorEquals": ["Busy"], "IntervalSeconds": 10]]
        var ask = task(echo, ("Retry", retry))
        ask["End"] = nil
        ask["Next"] = "Rest"
        let machine = definition(("Ask", ask), ("Rest", ["Type": "Wait", "Seconds": 20, "End": true]))
        try await bench.run { engine in
            let arn = try await Self.machine(engine, machine)
            let start = bench.clock.date
            async let ended = engine.startSyncExecution(of: arn, input: #"{"a":1}"#)
            let pacer = Task {
                while !Task.isCancelled {
                    if bench.clock.sleeperCount > 1 { bench.clock.advance(by: .seconds(1)) }
                    await Task.yield()
                }
            }
            let execution = try await ended
            pacer.cancel()
            #expect(execution.status == .succeeded)
            #expect(execution.output == #"{"a":1}"#)
            #expect((execution.stopDate ?? start).timeIntervalSince(start) >= 30)
            #expect(attempts.notes.count == 2)
            let billing = execution.syncJSON(includingData: true)["billingDetails"]
            #expect((billing?["billedDurationInMilliseconds"]?.int ?? 0) >= 30_000)
        }
    }

    @Test func `a failure is an answer, and cancels the handlers at work`() async throws {
        let ended = Notebook<Bool>()
        let bench = try Workbench { tasks in
            tasks.register(echo) { task in
                guard task.stateName == "Slow" else { throw StatesError(name: "Broken", cause: "it fell") }
                await Workbench.untilCancelled()
                ended.add(Task.isCancelled)
                throw CancellationError()
            }
        }
        let machine = definition(
            (
                "Both",
                [
                    "Type": "Parallel", "End": true,
                    "Branches": [definition(("Slow", task(echo))), definition(("Quick", task(echo)))],
                ]
            )
        )
        try await bench.run { engine in
            let arn = try await Self.machine(engine, machine)
            let execution = try await engine.startSyncExecution(of: arn)
            #expect(execution.status == .failed)
            #expect(execution.error == "Broken")
            #expect(execution.cause == "it fell")
            #expect(ended.notes == [true])
        }
    }

    @Test func `nothing runs for more than five minutes`() async throws {
        let bench = try Workbench { tasks in
            tasks.register(echo) { _ in
                await Workbench.untilCancelled()
                throw CancellationError()
            }
        }
        try await bench.run { engine in
            let arn = try await Self.machine(engine, definition(("Ask", task(echo))))
            let start = bench.clock.date
            async let ended = engine.startSyncExecution(of: arn)
            let pacer = Task {
                while !Task.isCancelled {
                    if bench.clock.sleeperCount > 1 { bench.clock.advance(by: .seconds(30)) }
                    await Task.yield()
                }
            }
            let execution = try await ended
            pacer.cancel()
            #expect(execution.status == .timedOut)
            #expect(execution.error == "States.Timeout")
            #expect((execution.stopDate ?? start).timeIntervalSince(start) >= 300)
        }
    }

    @Test func `who does not wait is answered at once, and what a crash leaves is run again`() async throws {
        let calls = Notebook<String>()
        let clock = ManualClock()
        let store = try SQLiteStore.inMemory()
        let first = try Workbench(store: store, clock: clock) { tasks in
            tasks.register(echo) { task in
                calls.add(task.executionArn)
                await Workbench.untilCancelled()
                throw CancellationError()
            }
        }
        let execution = try await first.run { engine in
            let arn = try await Self.machine(engine, definition(("Ask", task(echo))))
            let execution = try await engine.startExecution(of: arn, name: "n", input: "[7]")
            await calls.wait(for: 1)
            return execution
        }
        #expect(try await store.expressExecutions().map(\.arn) == [execution.arn])
        let second = try Workbench(store: store, clock: clock) { tasks in
            tasks.register(echo) { task in
                #expect(task.parameters == [7])
                calls.add(task.executionArn)
                return .succeeded(1)
            }
        }
        try await second.run { _ in
            await calls.wait(for: 2)
            while try await !store.expressExecutions().isEmpty { await Task.yield() }
        }
        #expect(calls.notes == [execution.arn, execution.arn])
        let third = try Workbench(store: store, clock: clock)
        try await third.run { engine in
            // The definition stays for those that run, and goes afterwards.
            try await engine.deleteStateMachine(execution.stateMachineArn)
            #expect(try await store.stateMachine(revision: execution.revision) == nil)
        }
    }

    @Test func `more than there is room for is refused, and costs the others nothing`() async throws {
        let begun = Notebook<Int>()
        let bench = try Workbench(configuration: Engine.Configuration(expressLimit: 2)) { tasks in
            tasks.register(echo) { task in
                begun.add(task.id)
                await Workbench.untilCancelled()
                throw CancellationError()
            }
        }
        try await bench.run { engine in
            let arn = try await Self.machine(engine, definition(("Ask", task(echo))))
            for _ in 0..<2 { _ = try await engine.startExecution(of: arn) }
            await begun.wait(for: 2)
            await expectRefusal(.executionLimitExceeded) { try await engine.startExecution(of: arn) }
            await expectRefusal(.throttling) { try await engine.startSyncExecution(of: arn) }
            let standard = try await engine.result(of: Self.pass)
            #expect(standard.status == .succeeded)
        }
    }
}
