import Bucket
import DurableExecution
import Foundation
import JSON
import Notifications
import Scheduler
import TestSupport
import Testing

@testable import Pipeline

/// What schedules start, and what is told of them.
@Suite(.timeLimit(.minutes(5))) struct ScheduleTargetsTests {
    private let stage: PipelineStage
    private let key = Schedule.Key(name: "nightly")

    init() throws {
        stage = try PipelineStage()
        try stage.putEvents()
    }

    private func machine(_ state: JSON) async throws -> String {
        let definition: JSON = ["StartAt": "A", "States": ["A": state]]
        let request = CreateStateMachineRequest(name: "machine", definition: definition.text)
        return try await stage.engine.createStateMachine(request).arn
    }

    private func put(_ target: ScheduleDefinition.Target, overlap: ScheduleDefinition.Overlap = .skip) async throws {
        try await stage.scheduler.put(
            ScheduleDefinition(
                key: key,
                expression: ScheduleExpression("rate(1 hour)"),
                target: target,
                overlap: overlap
            )
        )
    }

    private func executions(of machine: String) async throws -> [Execution] {
        try await stage.engine.listExecutions(ExecutionQuery(stateMachineArn: machine)).elements
    }

    @Test func `a state machine is started with its words filled in, once however often the firing comes`() async throws
    {
        try await stage.running {
            let machine = try await machine(["Type": "Pass", "End": true])
            let words = #"{"at": "<aws.scheduler.scheduled-time>", "arn": "<aws.scheduler.schedule-arn>"}"#
            try await put(.stateMachine(machine, input: words))
            stage.clock.advance(by: .seconds(3600))
            try await stage.scheduler.fireDue()
            let firing = try #require(try await stage.scheduler.firings(of: key).first)
            let execution = try await stage.engine.describeExecution(firing.executionARN ?? "")
            let moment = firing.scheduledTime.formatted(.iso8601)
            #expect(
                try JSON(parsing: execution.input)
                    == [
                        "at": .string(moment),
                        "arn": "arn:aws:scheduler:us-east-1:000000000000:schedule/default/nightly",
                    ]
            )
            #expect(execution.name.hasPrefix("nightly-2027_01_15_09_00_00-"))
            // As after a crash between the start and its record.
            let targets = ScheduleTargets(
                retraining: Retraining(launcher: stage.launcher, buckets: BucketDirectory([stage.bucket])),
                engine: stage.engine,
                region: "us-east-1",
                account: "000000000000"
            )
            var again = firing
            again.attempts = 3
            let schedule = try await stage.scheduler.schedule(key)
            let repeated = try await targets.fire(again, schedule)
            #expect(repeated == execution.arn)
            #expect(try await executions(of: machine).count == 1)
        }
    }

    @Test func `a whole request of StartExecution names its execution`() async throws {
        try await stage.running {
            let machine = try await machine(["Type": "Pass", "End": true])
            let request: JSON = ["StateMachineArn": .string(machine), "Name": "given", "Input": #"{"n": 1}"#]
            try await put(.stateMachine(ScheduleDefinition.Target.startExecutionARN, input: request.text))
            _ = try await stage.scheduler.trigger(key)
            #expect(try await executions(of: machine).map(\.name) == ["given"])
            #expect(try await executions(of: machine).map(\.input) == [#"{"n": 1}"#])
        }
    }

    @Test func `cancel stops the execution that runs, with error and cause`() async throws {
        try await stage.running {
            let machine = try await machine(["Type": "Wait", "Seconds": 86_400, "End": true])
            try await put(.stateMachine(machine, input: nil), overlap: .cancel)
            for _ in 1...2 {
                stage.clock.advance(by: .seconds(3600))
                try await stage.scheduler.fireDue()
            }
            let executions = try await executions(of: machine)
            #expect(executions.map(\.status) == [.running, .aborted])
            #expect(executions.last?.error == "Schedule.Replaced")
            #expect(executions.last?.cause?.contains("overlap policy \"cancel\"") == true)
        }
    }

    @Test func `what is no state machine, and an input that is no JSON, are refused`() throws {
        for (arn, input) in [
            ("arn:aws:lambda:us-east-1:000000000000:function:f", nil), ("arn:aws:states:us-east-1::stateMachine:", nil),
            ("arn:aws:states:us-east-1:000000000000:execution:m:e", nil),
            ("arn:aws:states:us-east-1:000000000000:stateMachine:m", "no json"),
            (ScheduleDefinition.Target.startExecutionARN, nil),
            (ScheduleDefinition.Target.startExecutionARN, #"{"StateMachineArn": "m"}"#),
        ] {
            let error = #expect(throws: SchedulerError.self) {
                try ScheduleDefinition.Target.stateMachine(arn, input: input)
            }
            #expect(error?.code == .validation)
        }
    }

    @Test func `a run of the pipeline knows for which time it is; one of the past waits for the one that goes on`()
        async throws
    {
        let file = Samples.small.with("schedules", ["import": "rate(6 hours)"])
        let key = Schedule.Key(name: "shop-import", groupName: "shop")
        try await stage.running {
            try stage.bucket.put(Array(file.text.utf8), at: "params.json")
            try await stage.handle(stage.drop(1, file.text))
            let first = try #require(try await stage.executions().first)
            #expect(try JSON(parsing: first.input)["scheduledTime"] == nil)
            stage.clock.advance(by: .seconds(7 * 3600))
            let time = try #require(
                try await stage.scheduler.times(of: key, from: .distantPast, through: .distantFuture).first
            )
            let waiting = try await stage.scheduler.backfill(key, at: time.time, isRepeated: false)
            #expect(waiting.status == .pending)
            _ = try await stage.engine.stopExecution(first.arn)
            stage.clock.advance(by: .seconds(15))
            try await stage.scheduler.fireDue()
            let second = try #require(try await stage.executions().first { $0.arn != first.arn })
            #expect(try JSON(parsing: second.input)["scheduledTime"] == "2027-01-15T14:00:00Z")
        }
    }

    @Test func `a run that does not happen is told to whoever hears of the group, once an outage`() async throws {
        try await stage.running {
            let target = ScheduleDefinition.Target(
                kind: ScheduleDefinition.Target.pipelineKind,
                input: ["bucket": "films", "key": "missing.json"]
            )
            try await put(target)
            for _ in 1...40 {
                stage.clock.advance(by: .seconds(600))
                try await stage.scheduler.fireDue()
            }
            let messages = try await stage.messages()
            #expect(messages.count == 1)
            let message = try #require(messages.first)
            #expect(message.subject == "Millrace: a run of \"nightly\" did not happen in time")
            #expect(message.payload?["type"] == "schedule.overdue")
            #expect(message.payload?["scheduledTime"] == "2027-01-15T09:00:00Z")
            #expect(message.body.contains("s3://films/missing.json does not exist"))
        }
    }
}
