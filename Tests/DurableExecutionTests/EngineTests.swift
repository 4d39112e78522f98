import DurableExecution
import FoundationEssentials
import JSON
import SQLiteStore
import StatesLanguage
import Testing
import TestSupport

@Suite struct EngineTests {
    @Test func `states without effects run in one transaction with the start`() async throws {
        let bench = try Workbench()
        try await bench.run { engine in
            let machine = definition(
                ("A", ["Type": "Pass", "Result": 1, "ResultPath": "$.a", "Next": "B"]),
                ("B", ["Type": "Pass", "Result": 2, "ResultPath": "$.b", "End": true])
            )
            // The first execution runs when the engine has done what it writes at its start.
            _ = try await engine.start(machine)
            let before = bench.store.transactionCount
            let execution = try await engine.start(machine, input: ["x": 0])
            // The second `createStateMachine` of the helper finds the first and is a transaction of its own.
            #expect(bench.store.transactionCount == before + 2)
            #expect(execution.status == .succeeded)
            #expect(execution.output == #"{"x":0,"a":1,"b":2}"#)
            #expect(try await engine.describeExecution(execution.arn) == execution)
            #expect(
                try await engine.eventTypes(of: execution.arn) == [
                    "ExecutionStarted", "PassStateEntered", "PassStateExited", "PassStateEntered", "PassStateExited",
                    "ExecutionSucceeded",
                ]
            )
        }
    }

    @Test func `a task's handler gets what the state asks for, and its output goes on`() async throws {
        let seen = Notebook<TaskInvocation>()
        let bench = try Workbench { tasks in
            tasks.register(echo) { task in
                seen.add(task)
                return .succeeded(["said": task.parameters])
            }
        }
        try await bench.run { engine in
            let machine = definition(("Say", task(echo, ("Parameters", ["word.$": "$.word"]))))
            let execution = try await engine.result(of: machine, input: ["word": "hi"])
            #expect(execution.output == #"{"said":{"word":"hi"}}"#)
            let invocation = try #require(seen.notes.first)
            #expect(invocation.stateName == "Say")
            #expect(invocation.executionArn == execution.arn)
            #expect(invocation.clientToken == "\(execution.arn)#\(invocation.id)")
            #expect(invocation.attempt == 1)
            #expect(
                try await engine.eventTypes(of: execution.arn) == [
                    "ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSucceeded",
                    "TaskStateExited", "ExecutionSucceeded",
                ]
            )
        }
    }

    @Test func `an error of a handler is caught by its name`() async throws {
        let bench = try Workbench { tasks in
            tasks.register(echo) { _ in throw StatesError(name: "Soup.Cold", cause: "no gas") }
        }
        try await bench.run { engine in
            let catcher: JSON = [["ErrorEquals": ["Soup.Cold"], "ResultPath": "$.error", "Next": "Caught"]]
            let machine = definition(
                ("Try", task(echo, ("Catch", catcher))),
                ("Caught", ["Type": "Pass", "End": true])
            )
            let execution = try await engine.result(of: machine)
            #expect(execution.output == #"{"error":{"Error":"Soup.Cold","Cause":"no gas"}}"#)
        }
    }

    @Test func `an unknown error of a handler fails the task with its text`() async throws {
        struct Broken: Error, CustomStringConvertible { var description: String { "the cup broke" } }
        let bench = try Workbench { $0.register(echo) { _ in throw Broken() } }
        try await bench.run { engine in
            let execution = try await engine.result(of: definition(("Try", task(echo))))
            #expect(execution.status == .failed)
            #expect(execution.error == "States.TaskFailed")
            #expect(execution.cause == "the cup broke")
        }
    }

    @Test func `a machine that asks what nobody knows is refused with the list of what is known`() async throws {
        let bench = try Workbench { tasks in
            tasks.register(Integration("sns", actions: ["publish"])) { _ in .succeeded(1) }
            tasks.register("arn:aws:lambda:") { _ in .succeeded(1) }
        }
        func refusal(_ change: () async throws -> Void) async throws -> String {
            let error = try await #require(throws: ExecutionError.self) { try await change() }
            #expect(error.code == .invalidDefinition)
            return error.message
        }
        let good = definition(("Try", task("arn:aws:states:::sns:publish.waitForTaskToken")))
        let machine = try await bench.engine.createStateMachine(.init(name: "good", definition: good.text))
        let bad = definition(("Try", task("arn:aws:states:::sns:publsh")))
        let request = CreateStateMachineRequest(name: "bad", definition: bad.text)
        for message in [
            try await refusal { _ = try await bench.engine.createStateMachine(request) },
            try await refusal { _ = try await bench.engine.updateStateMachine(machine.arn, definition: bad.text) },
        ] {
            #expect(
                message == """
                    Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The resource provided \
                    arn:aws:states:::sns:publsh is not recognized. The value is not a valid resource ARN, or the \
                    resource is not available in this region. Did you mean arn:aws:states:::sns:publish? \
                    The resources here are: arn:aws:states:::sns:publish[.waitForTaskToken]; arn:aws:lambda:*; \
                    arn:aws:states:REGION:ACCOUNT:activity:NAME at /States/Try/Resource'
                    """
            )
        }
    }

    @Test func `a saved machine whose resource is gone fails its execution`() async throws {
        let before = try Workbench { $0.register(echo) { .succeeded($0.parameters) } }
        let machine = definition(("Try", task(echo)))
        let arn = try await before.engine.createStateMachine(.init(name: "kept", definition: machine.text)).arn
        let bench = try Workbench(store: before.store) { $0.register("arn:aws:states:::sns:") { _ in .succeeded(1) } }
        try await bench.run { engine in
            let started = try await engine.startExecution(of: arn, input: "{}")
            let execution = try await engine.waitForEnd(of: started.arn)
            #expect(execution.error == "States.Runtime")
            #expect(execution.cause?.contains(#""arn:aws:states:::test:echo" is not known here"#) == true)
            #expect(execution.cause?.contains("arn:aws:states:::sns:*") == true)
        }
    }

    @Test func `Map and Parallel run their branches and gather their outputs`() async throws {
        let bench = try Workbench { $0.register(echo) { .succeeded($0.parameters) } }
        try await bench.run { engine in
            let say = task(echo)
            let branches: JSON = [definition(("Left", say)), definition(("Right", say))]
            let machine = definition(
                (
                    "All",
                    [
                        "Type": "Map", "ItemsPath": "$.items", "ItemProcessor": definition(("Say", say)),
                        "Next": "Both",
                    ]
                ),
                ("Both", ["Type": "Parallel", "Branches": branches, "End": true])
            )
            let execution = try await engine.result(of: machine, input: ["items": [1, 2, 3]])
            #expect(execution.output == "[[1,2,3],[1,2,3]]")
        }
    }

    @Test func `a retry waits its interval on the clock`() async throws {
        let attempts = Notebook<Date>()
        let clock = ManualClock()
        let bench = try Workbench(clock: clock) { tasks in
            tasks.register(echo) { _ in
                attempts.add(clock.date)
                guard attempts.notes.count >= 3 else { throw StatesError(name: "Busy", cause: nil) }
                return .succeeded("at last")
            }
        }
        try await bench.run { engine in
            let retry: JSON = [
                ["ErrorEquals": ["Busy"], "IntervalSeconds": 10, "BackoffRate": 2.0, "MaxAttempts": 5]
            ]
            let execution = try await engine.start(definition(("Try", task(echo, ("Retry", retry)))))
            let ended = try await bench.advance(by: .seconds(1), untilEndOf: execution.arn)
            #expect(ended.output == #""at last""#)
            let dates = attempts.notes
            try #require(dates.count == 3)
            #expect(dates[1].timeIntervalSince(dates[0]) >= 10)
            #expect(dates[2].timeIntervalSince(dates[1]) >= 20)
        }
    }

    @Test func `a task that takes too long is cancelled and times out`() async throws {
        let ended = Notebook<Bool>()
        let bench = try Workbench { tasks in
            tasks.register(echo) { _ in
                await Workbench.untilCancelled()
                ended.add(Task.isCancelled)
                return .succeeded("too late")
            }
        }
        try await bench.run { engine in
            let execution = try await engine.start(definition(("Try", task(echo, ("TimeoutSeconds", 30)))))
            let result = try await bench.advance(by: .seconds(31), untilEndOf: execution.arn)
            #expect(result.status == .failed)
            #expect(result.error == "States.Timeout")
            await ended.wait(for: 1)
            #expect(ended.notes == [true])
        }
    }

    @Test func `a stop cancels the handler at work and records error and cause`() async throws {
        let begun = Notebook<Int>()
        let ended = Notebook<Bool>()
        let bench = try Workbench { tasks in
            tasks.register(echo) { task in
                begun.add(task.id)
                await Workbench.untilCancelled()
                ended.add(Task.isCancelled)
                throw CancellationError()
            }
        }
        try await bench.run { engine in
            let execution = try await engine.start(definition(("Try", task(echo))))
            await begun.wait(for: 1)
            let stopped = try await engine.stopExecution(execution.arn, error: "Enough", cause: "dinner")
            #expect(stopped.status == .aborted)
            #expect(stopped.error == "Enough")
            #expect(stopped.stopDate != nil)
            await ended.wait(for: 1)
            #expect(ended.notes == [true])
            #expect(try await engine.stopExecution(execution.arn) == stopped)
        }
    }

    @Test func `a redrive goes on from the failed state`() async throws {
        let calls = Notebook<String>()
        let bench = try Workbench { tasks in
            tasks.register(echo) { task in
                calls.add(task.stateName)
                if task.stateName == "B", calls.notes.count == 2 { throw StatesError(name: "Once", cause: "x") }
                return .succeeded(task.parameters)
            }
        }
        try await bench.run { engine in
            var first = task(echo)
            first["End"] = nil
            first["Next"] = "B"
            let machine = definition(("A", first), ("B", task(echo)))
            let failed = try await engine.result(of: machine)
            #expect(failed.status == .failed)
            let redriven = try await engine.redriveExecution(failed.arn, clientToken: "t")
            #expect(redriven.redriveCount == 1)
            let ended = try await engine.waitForEnd(of: failed.arn)
            #expect(ended.status == .succeeded)
            #expect(ended.error == nil)
            #expect(calls.notes == ["A", "B", "B"])
            let outcomes = try await engine.unacknowledgedOutcomes()
            #expect(outcomes.map(\.status) == [.failed, .succeeded])
            #expect(outcomes.map(\.redriveCount) == [0, 1])
            #expect(outcomes.first?.stateName == "B")
            await #expect(throws: ExecutionError.self) { try await engine.redriveExecution(failed.arn) }
        }
    }

    @Test func `a waiting execution holds nothing but its timer`() async throws {
        let bench = try Workbench()
        try await bench.run { engine in
            let execution = try await engine.start(
                definition(("Nap", ["Type": "Wait", "Seconds": 86400, "End": true]))
            )
            #expect(execution.status == .running)
            #expect(
                try await bench.store.nextTimerDate(after: .distantPast)
                    == execution.startDate.addingTimeInterval(86400)
            )
            await bench.clock.sleepers(atLeast: 2)
            bench.clock.advance(by: .seconds(86400))
            let ended = try await engine.waitForEnd(of: execution.arn)
            #expect(ended.stopDate == execution.startDate.addingTimeInterval(86400))
            #expect(try await bench.store.nextTimerDate(after: .distantPast) == nil)
        }
    }

    @Test func `an update leaves running executions their definition`() async throws {
        let bench = try Workbench()
        try await bench.run { engine in
            let machine = definition(
                ("Nap", ["Type": "Wait", "Seconds": 10, "Next": "Say"]),
                ("Say", ["Type": "Pass", "Result": "old", "End": true])
            )
            let execution = try await engine.start(machine)
            let changed = definition(("Say", ["Type": "Pass", "Result": "new", "End": true]))
            let updated = try await engine.updateStateMachine(execution.stateMachineArn, definition: changed.text)
            #expect(updated.revisionId != nil)
            let other = try await engine.startExecution(of: execution.stateMachineArn)
            #expect(other.output == #""new""#)
            let ended = try await bench.advance(by: .seconds(10), untilEndOf: execution.arn)
            #expect(ended.output == #""old""#)
            let began = try await engine.describeStateMachineForExecution(execution.arn)
            #expect(began.definition == machine.text)
        }
    }
}

extension Workbench {
    /// Waits until the task is cancelled.
    static func untilCancelled() async {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        await withTaskCancellationHandler {
            for await _ in stream {}
        } onCancel: {
            continuation.finish()
        }
    }
}
