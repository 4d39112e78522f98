import Foundation
import HTTPAPI
import JSON
import TestSupport
import Testing

/// Retraining on schedule.
@Suite struct ScheduleTests {
    @Test func `a schedule in params.json retrains with what is in the bucket then`() async throws {
        let directory = try TemporaryDirectory()
        try directory.write(Example.interactions(), to: "films/Interactions/interactions.csv")
        let more = #", "schedules": {"full": "cron(0 4 * * ? *)", "timezone": "Europe/Berlin"}"#
        try directory.write(Example.oneSolution(more: more), to: "films/params.json")
        // 2027-01-15 08:00 UTC; the next four o'clock in Berlin is at 03:00 UTC on the day after.
        let clock = ManualClock(at: Date(timeIntervalSince1970: 1_800_000_000))
        try await InProcessService.run(
            home: directory.file("home"),
            bucket: directory.file("films"),
            surroundings: .on(clock)
        ) { running in
            let first = try await settled(running, clock, count: 1)
            #expect(first[0]["status"] == "SUCCEEDED", "\(first)")
            let before = try await running.client.describeCampaign("small-campaign")["solutionVersionArn"]

            clock.advance(by: .seconds(18 * 3600 + 59 * 60))
            #expect(try await running.client.executions().count == 1)
            clock.advance(by: .seconds(2 * 60))
            let executions = try await settled(running, clock, count: 2)
            #expect(executions[0]["status"] == "SUCCEEDED", "\(executions)")
            #expect(executions[0]["name"]?.string?.hasPrefix("2027_01_16_03_00_00_full") == true)
            #expect(try await running.client.describeCampaign("small-campaign")["solutionVersionArn"] != before)
        }
    }

    @Test func `a schedule fires in real time`() async throws {
        let stage = try await Stage()
        let client = stage.service.client
        try stage.directory.write(Example.oneSolution(), to: "films/params.json")
        _ = try await client.ended(1)
        let moment = Date(timeIntervalSinceNow: 2).formatted(.iso8601).dropLast()
        _ = try await client.call(
            "Millrace",
            "CreateSchedule",
            [
                "name": "soon", "scheduleExpression": .string("at(\(moment))"),
                "target": [
                    "kind": "pipeline", "input": ["bucket": "films", "key": "params.json", "mode": "import"],
                ],
            ]
        )
        let executions = try await client.ended(2)
        #expect(executions[0]["status"] == "SUCCEEDED", "\(executions)")
        #expect(executions[0]["name"]?.string?.contains("import") == true)
    }

    @Test func `backfill makes up for a range from the command line, each time once`() async throws {
        let stage = try await Stage()
        let client = stage.service.client
        let definition = #"{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}"#
        let machine = try await client.call(
            "AWSStepFunctions",
            "CreateStateMachine",
            [
                "name": "report", "definition": .string(definition),
                "roleArn": "arn:aws:iam::000000000000:role/any",
            ]
        )
        let arn = try #require(machine["stateMachineArn"])
        _ = try await client.call(
            "Millrace",
            "CreateSchedule",
            [
                "name": "nightly", "scheduleExpression": "cron(0 3 * * ? *)",
                "target": [
                    "kind": "stateMachine",
                    "input": ["arn": arn, "input": #"{"at": "<aws.scheduler.scheduled-time>"}"#],
                ],
            ]
        )
        let command = [
            "schedules", "backfill", "nightly", "--from", "2026-01-05", "--to", "2026-01-07", "--endpoint",
            stage.service.endpoint,
        ]
        func backfill(_ more: String...) throws -> [Substring] {
            try run(MillraceProcess.program.path, command + more).split(separator: "\n")
        }
        let planned = try backfill("--dry-run")
        #expect(planned.prefix(3).map { $0.suffix(7) } == ["MISSING", "MISSING", "MISSING"])
        #expect(planned.last == "3 times; nothing was started.")
        let made = try backfill("--only-missing", "--concurrency", "2")
        #expect(made.last == "3 of 3 succeeded, 0 did not.")
        #expect(try backfill("--only-missing") == ["No time to make up for."])
        let listed = try await client.call("AWSStepFunctions", "ListExecutions", ["stateMachineArn": arn])
        var inputs: Set<String> = []
        for execution in listed["executions"]?.array ?? [] {
            let described = try await client.call(
                "AWSStepFunctions",
                "DescribeExecution",
                ["executionArn": execution["executionArn"] ?? .null]
            )
            inputs.insert(described["input"]?.string ?? "")
        }
        #expect(inputs == Set((5...7).map { #"{"at": "2026-01-0\#($0)T03:00:00Z"}"# }))
    }

    /// Waits for executions, moving the clock a little each time so that settle times and polls pass.
    private func settled(_ running: InProcessService, _ clock: ManualClock, count: Int) async throws -> [JSON] {
        _ = try await running.client.until("\(count) ended executions") { () -> Bool? in
            let executions = try await running.client.executions()
            if executions.count >= count, executions.allSatisfy({ $0["status"] != "RUNNING" }) { return true }
            clock.advance(by: .milliseconds(100))
            return nil
        }
        return try await running.client.ended(count)
    }
}
