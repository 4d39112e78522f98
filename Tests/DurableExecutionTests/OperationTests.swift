import DurableExecution
import FoundationEssentials
import JSON
import StatesLanguage
import Testing
import TestSupport

/// What the requests take, refuse and answer.
@Suite struct OperationTests {
    private static let pass = definition(("A", ["Type": "Pass", "End": true]))
    private static let nap = definition(("Nap", ["Type": "Wait", "Seconds": 60, "End": true]))

    @Test func `creating twice is creating once, and another definition is refused`() async throws {
        let bench = try Workbench()
        let request = CreateStateMachineRequest(name: "m", definition: Self.pass.text)
        let machine = try await bench.engine.createStateMachine(request)
        #expect(machine.arn == "arn:aws:states:us-east-1:000000000000:stateMachine:m")
        #expect(try await bench.engine.createStateMachine(request) == machine)
        var other = request
        other.definition = Self.nap.text
        await expectRefusal(.stateMachineAlreadyExists, "State Machine Already Exists: '\(machine.arn)'") {
            try await bench.engine.createStateMachine(other)
        }
        #expect(machine.json["status"] == "ACTIVE")
        #expect(machine.json["revisionId"] == nil)
    }

    @Test(arguments: ["", "a b", "a/b", "a*", "tab\t", String(repeating: "x", count: 81)])
    func `a name against the rules is refused`(name: String) async throws {
        let bench = try Workbench()
        await expectRefusal(.invalidName, "Invalid Name: '\(name)'") {
            try await bench.engine.createStateMachine(.init(name: name, definition: Self.pass.text))
        }
    }

    @Test func `a wrong definition is refused with every fault`() async throws {
        let bench = try Workbench()
        let wrong = definition(("A", ["Type": "Pass", "Next": "Nowhere"]), ("B", ["Type": "Nothing"]))
        let error = await #expect(throws: ExecutionError.self) {
            try await bench.engine.createStateMachine(.init(name: "m", definition: wrong.text))
        }
        #expect(error?.code == .invalidDefinition)
        #expect(error?.message.hasPrefix("Invalid State Machine Definition: '") == true)
        #expect(error?.message.contains("/States/A") == true)
        #expect(error?.message.contains("/States/B") == true)
        await expectRefusal(.invalidDefinition) {
            try await bench.engine.createStateMachine(.init(name: "m", definition: "{"))
        }
        await expectRefusal(.stateMachineTypeNotSupported) {
            try await bench.engine.createStateMachine(
                .init(name: "m", definition: Self.pass.text, type: "QUICK")
            )
        }
    }

    @Test func `what does not exist or is no ARN is told apart`() async throws {
        let engine = try Workbench().engine
        let machine = ResourceNames().stateMachine("none")
        let execution = ResourceNames().execution("none", of: "none")
        await expectRefusal(.invalidArn, "Invalid Arn: 'Invalid ARN prefix: no'") {
            try await engine.describeStateMachine("no")
        }
        await expectRefusal(.invalidArn) { try await engine.describeExecution(machine) }
        await expectRefusal(.stateMachineDoesNotExist, "State Machine Does Not Exist: '\(machine)'") {
            try await engine.startExecution(of: machine)
        }
        await expectRefusal(.executionDoesNotExist, "Execution Does Not Exist: '\(execution)'") {
            try await engine.executionHistory(of: execution)
        }
        await expectRefusal(.missingRequiredParameter) {
            let made = try await engine.createStateMachine(.init(name: "m", definition: Self.pass.text))
            return try await engine.updateStateMachine(made.arn)
        }
        await expectRefusal(.validation) { try await engine.listExecutions(maxResults: 1001) }
        await expectRefusal(.invalidToken) { try await engine.listExecutions(nextToken: "rubbish") }
    }

    @Test func `stopping and redriving what does not exist is refused`() async throws {
        let arn = ResourceNames().execution("none", of: "none")
        try await Workbench().run { engine in
            await expectRefusal(.executionDoesNotExist) { try await engine.stopExecution(arn) }
            await expectRefusal(.executionDoesNotExist) { try await engine.redriveExecution(arn) }
        }
    }

    @Test func `the same name and input is the same execution while it runs, then the name is taken`() async throws {
        let bench = try Workbench()
        try await bench.run { engine in
            let first = try await engine.start(Self.nap, name: "n", input: ["a": 1])
            #expect(try await engine.start(Self.nap, name: "n", input: ["a": 1]) == first)
            let message = "Execution Already Exists: '\(first.arn)'"
            await expectRefusal(.executionAlreadyExists, message) {
                try await engine.start(Self.nap, name: "n", input: ["a": 2])
            }
            _ = try await engine.stopExecution(first.arn)
            await expectRefusal(.executionAlreadyExists, message) {
                try await engine.start(Self.nap, name: "n", input: ["a": 1])
            }
        }
    }

    @Test func `many starts of one name at once make one execution`() async throws {
        let bench = try Workbench()
        try await bench.run { engine in
            let first = try await engine.start(Self.nap, name: "n")
            let arns = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<50 {
                    group.addTask { try await engine.startExecution(of: first.stateMachineArn, name: "n").arn }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(arns == [first.arn])
            #expect(try await engine.listExecutions().elements.count == 1)
        }
    }

    @Test func `input that is no JSON or too large is refused`() async throws {
        let engine = try Workbench().engine
        let arn = try await engine.createStateMachine(.init(name: "m", definition: Self.pass.text)).arn
        await expectRefusal(.invalidExecutionInput) { try await engine.startExecution(of: arn, input: "not json") }
        let large = "\"" + String(repeating: "x", count: 262_144) + "\""
        await expectRefusal(.validation) { try await engine.startExecution(of: arn, input: large) }
    }

    @Test func `an execution that runs or succeeded is not redrivable, and says why`() async throws {
        try await Workbench().run { engine in
            let running = try await engine.start(Self.nap)
            await expectRefusal(.executionNotRedrivable, "Execution is RUNNING and cannot be redriven") {
                try await engine.redriveExecution(running.arn)
            }
            #expect(running.json["redriveStatus"] == "NOT_REDRIVABLE")
            let stopped = try await engine.stopExecution(running.arn)
            #expect(stopped.json["redriveStatus"] == "REDRIVABLE")
            let redriven = try await engine.redriveExecution(running.arn, clientToken: "t")
            #expect(redriven.status == .running)
            #expect(redriven.stopDate == nil)
            #expect(try await engine.redriveExecution(running.arn, clientToken: "t") == redriven)
        }
    }

    @Test func `a history is shown without data on request`() async throws {
        try await Workbench().run { engine in
            let arn = try await engine.start(Self.pass, input: ["secret": 1]).arn
            let shown = try await engine.executionHistory(of: arn).elements
            #expect(shown.map(\.text).joined().contains("secret"))
            let hidden = try await engine.executionHistory(of: arn, isReversed: true, includesData: false).elements
            #expect(!hidden.map(\.text).joined().contains("secret"))
            #expect(hidden.compactMap { $0["id"]?.int } == shown.compactMap { $0["id"]?.int }.reversed())
        }
    }

    @Test func `a callback ends its task by token, once`() async throws {
        let tokens = Notebook<String>()
        let bench = try Workbench { tasks in
            tasks.register("arn:aws:states:::") { task in
                tokens.add(task.parameters["token"]?.string ?? "")
                return .succeeded("handed over")
            }
        }
        let ask = task(
            "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            ("Parameters", ["token.$": "$$.Task.Token"]),
            ("HeartbeatSeconds", 600)
        )
        try await bench.run { engine in
            let execution = try await engine.start(definition(("Ask", ask)))
            await tokens.wait(for: 1)
            let token = try #require(tokens.notes.first)
            try await engine.sendTaskHeartbeat(token: token)
            await expectRefusal(.invalidOutput) { try await engine.sendTaskSuccess(token: token, output: "{") }
            try await engine.sendTaskSuccess(token: token, output: #"{"yes":true}"#)
            #expect(try await engine.waitForEnd(of: execution.arn).output == #"{"yes":true}"#)
            await expectRefusal(.taskTimedOut, "Task Timed Out: 'Provided task does not exist anymore'") {
                try await engine.sendTaskSuccess(token: token, output: "1")
            }
            let failing = try await engine.start(definition(("Ask", ask)))
            await tokens.wait(for: 2)
            try await engine.sendTaskFailure(token: tokens.notes[1], error: "No", cause: "because")
            let failed = try await engine.waitForEnd(of: failing.arn)
            #expect(failed.error == "No")
            #expect(failed.cause == "because")
        }
    }

    @Test func `outcomes wait until they are acknowledged`() async throws {
        try await Workbench().run { engine in
            let fail = definition(("Bad", ["Type": "Fail", "Error": "E", "Cause": "C"]))
            let execution = try await engine.result(of: fail)
            for await _ in engine.outcomeSignals() { break }
            let outcome = try #require(try await engine.unacknowledgedOutcomes().first)
            #expect(outcome.executionArn == execution.arn)
            #expect(outcome.error == "E")
            #expect(outcome.cause == "C")
            #expect(outcome.stateName == "Bad")
            try await engine.acknowledge(outcome)
            #expect(try await engine.unacknowledgedOutcomes().isEmpty)
        }
    }

    @Test func `a request after the engine has stopped is refused, and one before it waits`() async throws {
        let bench = try Workbench()
        let execution = try await bench.run { engine in try await engine.start(Self.pass) }
        #expect(execution.status == .succeeded)
        await expectRefusal(.unavailable) { try await bench.engine.start(Self.pass) }
    }
}
