import DurableExecution
import Foundation
import JSON
import Logging
import Notifications
import StatesLanguage
import TestSupport
import Testing

@testable import Pipeline

@Suite struct EventTaskTests {
    private static let resource = "arn:aws:states:::events:putEvents"

    private struct Stage {
        let parts: IntegrationStage
        let bus: EventBus
        let notifier: OutcomeNotifier

        init() throws {
            let buses = Locked<EventBus?>(nil)
            parts = try IntegrationStage { tasks, parts in
                let bus = EventBus(store: parts.store, outbox: parts.outbox, now: parts.now, newID: parts.makeID)
                tasks.register(PutEventsTask.integration, PutEventsTask(bus: bus, makeID: { "request" }))
                buses.withLock { $0 = bus }
            }
            bus = try #require(buses.withLock { $0 })
            notifier = OutcomeNotifier(
                engine: parts.engine,
                notices: Notices(outbox: parts.outbox, executions: parts.store),
                events: ExecutionEvents(bus: bus, executions: parts.store),
                clock: parts.clock,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        }

        /// A topic with one listener, that hears of all events with a pattern.
        func listen(_ pattern: JSON) async throws {
            let arn = try await parts.outbox.createTopic("heard").arn
            try await parts.outbox.setEndpoints([.maildir("you@localhost")], of: arn)
            try await bus.putRule("heard", pattern: pattern.text)
            try await bus.putTargets([EventTarget(id: "1", arn: arn)], of: "heard")
        }

        func heard() async throws -> [JSON] {
            try await parts.outbox.deliveries().reversed().map { try JSON(parsing: $0.message.message.body) }
        }
    }

    @Test func `a task's events reach the topics of the rules, with the execution among the resources`() async throws {
        let stage = try Stage()
        try await stage.listen(["source": ["shop"], "detail": ["state": ["paid"]]])
        let execution = try await stage.parts.running {
            try await stage.parts.end(
                Self.resource,
                [
                    "Entries": [
                        ["Source": "shop", "DetailType": "Order", "Detail": ["state": "paid"], "Resources": ["r"]],
                        ["Source": "shop", "DetailType": "Order", "Detail": #"{"state": "open"}"#],
                    ]
                ]
            )
        }
        let output = try JSON(parsing: execution.output ?? "")
        #expect(output["FailedEntryCount"] == 0)
        #expect(output["Entries"]?.array?.count == 2)
        let heard = try await stage.heard()
        #expect(heard.count == 1)
        #expect(heard[0]["id"] == output["Entries"]?[0]?["EventId"])
        #expect(heard[0]["detail"] == ["state": "paid"])
        #expect(
            heard[0]["resources"] == ["r", .string(execution.arn), .string(execution.stateMachineArn)]
        )
    }

    @Test func `a task whose entries are not all taken fails as on AWS`() async throws {
        let stage = try Stage()
        let execution = try await stage.parts.running {
            try await stage.parts.end(
                Self.resource,
                ["Entries": [["Source": "aws.shop", "DetailType": "Order", "Detail": [:]]]]
            )
        }
        #expect(execution.error == "EventBridge.FailedEntry")
        let cause = try JSON(parsing: execution.cause ?? "")
        #expect(cause["FailedEntryCount"] == 1)
        #expect(cause["Entries"]?[0]?["ErrorCode"] == "NotAuthorizedForSourceException")
    }

    @Test(
        arguments: [
            ([:], "States.Runtime", "The field 'Entries' is required but was missing"),
            (["Entries": "x"], "States.Runtime", "The value of the field 'Entries' has an invalid format"),
            (["Entries": []], "EventBridge.EventBridgeException", "at 'entries' failed to satisfy constraint"),
        ] as [(JSON, String, String)]
    )
    func `a task that cannot be understood is refused`(parameters: JSON, error: String, cause: String) async throws {
        let stage = try Stage()
        let execution = try await stage.parts.running { try await stage.parts.end(Self.resource, parameters) }
        #expect(execution.error == error)
        #expect(execution.cause?.contains(cause) == true, "\(execution.cause ?? "")")
    }

    @Test func `a task that runs again after a crash tells its events once`() async throws {
        let stage = try Stage()
        try await stage.listen(["source": ["shop"]])
        let request = TaskRequest(
            id: 1,
            stateName: "Tell",
            resource: Self.resource,
            input: Payload(["Entries": [["Source": "shop", "DetailType": "Order", "Detail": [:]]]]),
            token: "t",
            timeoutSeconds: nil,
            heartbeatSeconds: nil
        )
        let arn = "arn:aws:states:us-east-1:000000000000:execution:m:e"
        let task = PutEventsTask(bus: stage.bus, makeID: { "request" })
        let first = try await task.run(TaskInvocation(executionArn: arn, request: request))
        let second = try await task.run(TaskInvocation(executionArn: arn, request: request, attempt: 2))
        #expect(first == second)
        #expect(try await stage.heard().count == 1)
    }

    // MARK: The status of executions

    @Test func `executions tell the rules that they run and how they end`() async throws {
        let stage = try Stage()
        try await stage.listen(["source": ["aws.states"], "detail-type": ["Step Functions Execution Status Change"]])
        let machine: JSON = ["StartAt": "A", "States": ["A": ["Type": "Pass", "Result": 5, "End": true]]]
        let arn = try await stage.parts.engine.createStateMachine(.init(name: "m", definition: machine.text)).arn
        let ended = try await stage.parts.running {
            let started = try await stage.parts.engine.startExecution(of: arn, name: "e", input: #"{"a":1}"#)
            return try await stage.parts.engine.waitForEnd(of: started.arn)
        }
        try await stage.notifier.publishBatches()
        try await stage.notifier.publishBatches()
        let heard = try await stage.heard()
        try #require(heard.count == 2)
        #expect(heard[1]["source"] == "aws.states")
        #expect(heard[1]["resources"] == [.string(ended.arn)])
        #expect(
            heard[0]["detail"] == [
                "executionArn": .string(ended.arn), "stateMachineArn": .string(arn), "name": "e",
                "status": "RUNNING", "startDate": 1_800_000_000_000, "stopDate": nil, "input": #"{"a":1}"#,
                "output": nil, "inputDetails": ["included": true], "outputDetails": nil, "error": nil, "cause": nil,
                "stateMachineVersionArn": nil, "stateMachineAliasArn": nil, "redriveCount": 0, "redriveDate": nil,
                "redriveStatus": "NOT_REDRIVABLE",
                "redriveStatusReason": "Execution is RUNNING and cannot be redriven",
            ]
        )
        #expect(
            heard[1]["detail"] == [
                "executionArn": .string(ended.arn), "stateMachineArn": .string(arn), "name": "e",
                "status": "SUCCEEDED", "startDate": 1_800_000_000_000, "stopDate": 1_800_000_000_000,
                "input": #"{"a":1}"#, "output": "5", "inputDetails": ["included": true],
                "outputDetails": ["included": true], "error": nil, "cause": nil, "stateMachineVersionArn": nil,
                "stateMachineAliasArn": nil, "redriveCount": 0, "redriveDate": nil,
                "redriveStatus": "NOT_REDRIVABLE",
                "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
            ]
        )
    }

    @Test func `a failure is told with its error, and a redrive as a beginning of its own`() async throws {
        let stage = try Stage()
        try await stage.listen(["detail": ["status": [["anything-but": "SUCCEEDED"]]]])
        let machine: JSON = ["StartAt": "A", "States": ["A": ["Type": "Fail", "Error": "E", "Cause": "C"]]]
        let arn = try await stage.parts.engine.createStateMachine(.init(name: "m", definition: machine.text)).arn
        try await stage.parts.running {
            let engine = stage.parts.engine
            let started = try await engine.startExecution(of: arn)
            _ = try await engine.waitForEnd(of: started.arn)
            _ = try await engine.redriveExecution(started.arn)
            _ = try await engine.waitForEnd(of: started.arn)
        }
        try await stage.notifier.publishBatches()
        let heard = try await stage.heard().compactMap { $0["detail"] }
        let told = heard.map { "\($0["status"]?.string ?? "") \($0["redriveCount"]?.int ?? -1)" }
        #expect(told == ["RUNNING 0", "RUNNING 1", "FAILED 0", "FAILED 1"])
        #expect(heard[2]["error"] == "E")
        #expect(heard[2]["cause"] == "C")
        #expect(Set(try await stage.heard().map { $0["id"] }).count == 4)
    }

    @Test func `nobody's rules, nothing kept`() async throws {
        let stage = try Stage()
        let machine: JSON = ["StartAt": "A", "States": ["A": ["Type": "Succeed"]]]
        let arn = try await stage.parts.engine.createStateMachine(.init(name: "m", definition: machine.text)).arn
        try await stage.parts.running {
            let started = try await stage.parts.engine.startExecution(of: arn)
            _ = try await stage.parts.engine.waitForEnd(of: started.arn)
        }
        #expect(try await stage.parts.engine.untoldBeginnings().isEmpty)
        try await stage.listen(["source": ["aws.states"]])
        try await stage.notifier.publishBatches()
        #expect(try await stage.heard().map { $0["detail"]?["status"] } == ["SUCCEEDED"])
    }

    @Test func `an event leaves out an input that is too large`() {
        var execution = Execution(
            arn: "arn:aws:states:us-east-1:0:execution:m:e",
            stateMachineArn: "m",
            name: "e",
            revision: 1,
            input: JSON.string(String(repeating: "x", count: 250_000)).text,
            startDate: Date(timeIntervalSince1970: 0)
        )
        execution.status = .succeeded
        execution.output = "1"
        let detail = ExecutionEvents.detail(of: execution)
        #expect(detail["input"] == JSON.null)
        #expect(detail["inputDetails"] == ["included": false])
        #expect(detail["outputDetails"] == ["included": false])
    }
}
