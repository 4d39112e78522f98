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
