import HTTPAPI
import JSON
import Logging
import SQLiteStore
import Scheduler
import TestSupport
import Testing

@Suite struct ScheduleRoutesTests {
    private static func operations() throws -> OperationTable {
        let clock = ManualClock()
        let scheduler = SchedulerService(
            store: try SQLiteStore.inMemory(),
            clock: clock,
            now: { clock.date },
            makeID: { "firing-1" },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            isRunning: { _ in false },
            stop: { _, _, _ in },
            tell: { _ in },
            fire: { firing, _ in "arn:execution:\(firing.id)" }
        )
        var table = OperationTable(service: "Millrace", protocol: .json11)
        table.addSchedules(scheduler)
        return table
    }

    private static func call(_ table: OperationTable, _ name: String, _ input: JSON) async throws -> JSON {
        let handler = try #require(table[name])
        return try await handler(input)
    }

    private static let nightly: JSON = [
        "name": "nightly", "groupName": "movielens", "scheduleExpression": "cron(0 4 * * ? *)",
        "scheduleExpressionTimezone": "Europe/Berlin", "target": ["kind": "full", "input": ["bucket": "films"]],
    ]

    private static let key: JSON = ["name": "nightly", "groupName": "movielens"]

    @Test func `a schedule is made, listed, paused, resumed, triggered and deleted`() async throws {
        let table = try Self.operations()
        let created = try await Self.call(table, "CreateSchedule", Self.nightly)
        #expect(created["state"] == "ENABLED")
        #expect(created["overlap"] == "skip")
        #expect(created["warnings"] == [])
        #expect(created["nextFire"]?.double ?? 0 > 1_800_000_000)
        let listed = try await Self.call(table, "ListSchedules", ["groupName": "movielens"])
        #expect(listed["schedules"]?[0]?["target"] == ["kind": "full", "input": ["bucket": "films"]])
        let paused = try await Self.call(table, "PauseSchedule", Self.key)
        #expect(paused["state"] == "DISABLED")
        #expect(paused["nextFire"] == nil)
        #expect(try await Self.call(table, "ResumeSchedule", Self.key)["state"] == "ENABLED")
        let fired = try await Self.call(table, "TriggerSchedule", Self.key)
        #expect(fired["status"] == "STARTED")
        #expect(fired["executionArn"] == "arn:execution:firing-1")
        let firings = try await Self.call(table, "ListFirings", Self.key)
        #expect(firings["firings"]?.array?.map { $0["id"] } == ["firing-1"])
        #expect(try await Self.call(table, "DeleteSchedule", Self.key) == [:])
        #expect(try await Self.call(table, "ListSchedules", [:]) == ["schedules": []])
    }

    @Test func `a schedule is updated, and warns when it never fires`() async throws {
        let table = try Self.operations()
        _ = try await Self.call(table, "CreateSchedule", Self.nightly)
        var changed = Self.nightly
        changed["scheduleExpression"] = "at(2001-01-01T00:00:00)"
        let updated = try await Self.call(table, "UpdateSchedule", changed)
        #expect(updated["scheduleExpression"] == "at(2001-01-01T00:00:00)")
        #expect(updated["warnings"]?[0]?.string?.contains("never fires") == true)
    }

    @Test func `what a range lacks is listed, made up for and cancelled`() async throws {
        let table = try Self.operations()
        _ = try await Self.call(table, "CreateSchedule", Self.nightly)
        var range = Self.key
        // Two nights before the clock's 2027-01-15T08:00:00Z.
        range["from"] = .double(1_800_000_000 - 2 * 86_400)
        range["to"] = .double(1_800_000_000)
        let times = try await Self.call(table, "ListScheduleTimes", range)["times"]?.array ?? []
        #expect(times.map { $0["isMissing"] } == [true, true])
        var one = Self.key
        one["scheduledTime"] = times[0]["scheduledTime"] ?? .null
        let made = try await Self.call(table, "BackfillSchedule", one)
        #expect(made["trigger"] == "BACKFILL")
        #expect(made["status"] == "STARTED")
        let after = try await Self.call(table, "ListScheduleTimes", range)["times"]?.array ?? []
        #expect(after.map { $0["isMissing"] } == [false, true])
        #expect(after[0]["firing"]?["executionArn"] == made["executionArn"])
        #expect(try await Self.call(table, "CancelBackfill", Self.key) == ["cancelled": 0])
    }

    @Test func `what is wrong is told with its place`() async throws {
        let table = try Self.operations()
        let missing = await #expect(throws: SchedulerError.self) {
            _ = try await Self.call(table, "GetSchedule", Self.key)
        }
        #expect(missing?.code == .resourceNotFound)
        let wrong: JSON = ["name": "nightly", "scheduleExpression": "rate(1 day)", "target": [:]]
        let target = await #expect(throws: WireError.self) {
            _ = try await Self.call(table, "CreateSchedule", wrong)
        }
        #expect(target?.message.contains("Value null at 'target.kind'") == true)
        let machine: JSON = [
            "name": "nightly", "scheduleExpression": "rate(1 day)",
            "target": ["kind": "stateMachine", "input": ["arn": "arn:aws:lambda:us-east-1:000000000000:function:f"]],
        ]
        let arn = await #expect(throws: SchedulerError.self) {
            _ = try await Self.call(table, "CreateSchedule", machine)
        }
        #expect(arn?.message.hasPrefix("Target.Arn \"arn:aws:lambda") == true)
    }
}
