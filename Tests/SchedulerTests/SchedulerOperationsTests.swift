import Foundation
import JSON
import SQLiteStore
import Testing
import TestSupport

@testable import Scheduler

@Suite struct SchedulerOperationsTests {
    private let key = Schedule.Key(name: "nightly")

    @Test func `putting the same schedule again changes nothing`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        let first = try await stage.put("rate(1 day)", input: ["prefix": "a/"])
        stage.clock.advance(by: .seconds(3_600))
        #expect(try await stage.put("rate(1 day)", input: ["prefix": "a/"]) == first)
    }

    @Test func `a new expression keeps what happened so far`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.put("cron(0 3 * * ? *)")
        try await stage.leap(to: "2026-11-01T03:00:00Z")
        let changed = try await stage.put("cron(0 5 * * ? *)", input: ["mode": "import"])
        #expect(changed.nextFire?.text == "2026-11-01T05:00:00Z")
        #expect(changed.lastFired?.text == "2026-11-01T03:00:00Z")
        #expect(changed.lastExecution == "arn:default/nightly@2026-11-01T03:00:00Z")
        #expect(changed.createdAt.text == "2026-11-01T00:00:00Z")
        #expect(try await stage.schedule() == changed)
        #expect(try await stage.history().count == 1)
    }

    @Test func `a new input alone leaves a time that is overdue to be made up for`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.put("cron(0 3 * * ? *)")
        stage.clock.advance(by: .seconds(86_400))
        try await stage.put("cron(0 3 * * ? *)", input: ["mode": "new"])
        try await stage.service.fireDue()
        #expect(stage.fired == ["2026-11-01T03:00:00Z"])
        #expect(stage.inputs == [["mode": "new"]])
    }

    @Test func `a paused schedule fires nothing, and resuming makes up for nothing`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.put("cron(0 3 * * ? *)", catchUp: .all)
        #expect(try await stage.service.pause(key).nextFire == nil)
        try await stage.leap(to: "2026-11-05T12:00:00Z")
        let resumed = try await stage.service.resume(key)
        #expect(resumed.state == .enabled)
        #expect(resumed.nextFire?.text == "2026-11-06T03:00:00Z")
        try await stage.service.fireDue()
        #expect(stage.fired == [])
        try await stage.leap(to: "2026-11-06T03:00:00Z")
        #expect(stage.fired == ["2026-11-06T03:00:00Z"])
    }

    @Test func `a paused rate keeps its beat`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:10:00Z")
        try await stage.put("rate(1 hour)")
        try await stage.service.pause(key)
        stage.clock.advance(by: .seconds(7_000))
        #expect(try await stage.service.resume(key).nextFire?.text == "2026-11-01T02:10:00Z")
    }

    @Test func `a definition put again does not resume what a user paused`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.put("rate(1 hour)")
        try await stage.service.pause(key)
        let again = try await stage.put("rate(2 hours)")
        #expect(again.state == .disabled)
        #expect(again.nextFire == nil)
    }

    @Test func `a triggered schedule fires at once and keeps its times`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.put("cron(0 3 * * ? *)", input: ["mode": "full"])
        try await stage.service.pause(key)
        let firing = try await stage.service.trigger(key)
        #expect(firing.status == .started)
        #expect(firing.trigger == .manual)
        #expect(firing.executionARN == "arn:manual-1")
        #expect(stage.inputs == [["mode": "full"]])
        #expect(try await stage.schedule().lastExecution == "arn:manual-1")
        #expect(try await stage.schedule().lastFired == nil)
        #expect(try await stage.history() == [firing])
        try await stage.leap(to: "2026-11-01T01:00:00Z")
        #expect(stage.firedIDs == ["manual-1"])
    }

    @Test func `a trigger honours the overlap policy`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.put("cron(0 3 * * ? *)")
        stage.leaveRunning()
        _ = try await stage.service.trigger(key)
        let second = try await stage.service.trigger(key)
        #expect(second.status == .skipped)
        #expect(second.reason == "execution arn:manual-1 still runs")
    }

    @Test func `a trigger that fails is tried again by the service`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.put("cron(0 3 * * ? *)")
        stage.refuse(1)
        let firing = try await stage.service.trigger(key)
        #expect(firing.status == .pending)
        #expect(firing.reason == "the engine is full")
        try await stage.leap(to: "2026-11-01T00:00:05Z")
        #expect(stage.firedIDs == ["manual-1"])
    }

    @Test func `schedules are listed by group and name`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        for (group, name) in [("shop", "full"), ("films", "import"), ("films", "full")] {
            try await stage.service.put(definition(Schedule.Key(name: name, groupName: group)))
        }
        #expect(
            try await stage.service.schedules().map(\.key.description) == ["films/full", "films/import", "shop/full"]
        )
        #expect(try await stage.service.schedules(inGroup: "shop").map(\.key.name) == ["full"])
        #expect(try await stage.service.deleteSchedules(inGroup: "films") == 2)
        #expect(try await stage.service.schedules().map(\.key.description) == ["shop/full"])
    }

    @Test func `a deleted schedule is gone with its firings`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.put("rate(1 hour)")
        stage.refuse(1)
        try await stage.leap(to: "2026-11-01T01:00:00Z")
        try await stage.service.delete(key)
        try await stage.leap(to: "2026-11-01T05:00:00Z")
        #expect(stage.fired == [])
        #expect(try await stage.store.firings(of: key, limit: 10) == [])
        #expect(try await stage.store.nextDueDate() == nil)
    }

    @Test func `what does not exist is said to be missing`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        let missing = SchedulerError(
            .resourceNotFound,
            "schedule \"nightly\" does not exist in group \"default\""
        )
        await #expect(throws: missing) { try await stage.service.pause(key) }
        await #expect(throws: missing) { try await stage.service.resume(key) }
        await #expect(throws: missing) { try await stage.service.trigger(key) }
        await #expect(throws: missing) { try await stage.service.delete(key) }
        await #expect(throws: missing) { try await stage.service.schedule(key) }
        await #expect(throws: missing) { try await stage.service.firings(of: key) }
        await #expect(throws: missing) { try await stage.service.update(definition(key)) }
    }

    @Test func `a schedule is created once`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.service.create(definition(key))
        await #expect(
            throws: SchedulerError(
                .conflict,
                "schedule \"default/nightly\" already exists, update it instead"
            )
        ) { try await stage.service.create(definition(key)) }
        let updated = try await stage.service.update(definition(key), state: .disabled)
        #expect(updated.state == .disabled)
    }

    @Test func `a definition survives the store as it is`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        let definition = try ScheduleDefinition(
            key: Schedule.Key(name: "all-set", groupName: "films"),
            expression: ScheduleExpression("cron(0 3 ? * 2#1 *)"),
            timeZone: "America/New_York",
            startDate: Date("2026-12-01T00:00:00Z"),
            endDate: Date("2027-12-01T00:00:00Z"),
            target: .init(kind: "import", input: ["id": 9_007_199_254_740_993, "names": ["ü", "\"q\""]]),
            catchUp: .all,
            overlap: .queue,
            description: "the first Monday"
        )
        let made = try await stage.service.put(definition)
        let read = try await stage.service.schedule(definition.key)
        #expect(read == made)
        #expect(read.definition == definition)
        #expect(read.definition.target.input["id"] == .integer(9_007_199_254_740_993))
    }

    @Test(arguments: ["", "a b", "a/b", String(repeating: "x", count: 65)])
    func `a name that breaks the pattern is refused`(_ name: String) throws {
        let message = "schedule name \"\(name)\" must be a text of [0-9a-zA-Z-_.] of 1 to 64 characters"
        #expect(throws: SchedulerError(.validation, message)) { try definition(Schedule.Key(name: name)) }
    }

    @Test func `contradicting dates and unknown zones are refused`() throws {
        #expect(throws: SchedulerError(.validation, "schedule \"nightly\": endDate must be after startDate")) {
            try ScheduleDefinition(
                key: key,
                expression: ScheduleExpression("rate(1 day)"),
                startDate: Date("2026-11-02T00:00:00Z"),
                endDate: Date("2026-11-01T00:00:00Z"),
                target: .init(kind: "full", input: nil)
            )
        }
        let message =
            "timezone \"Mars/Base\" is not a known IANA time zone, write one such as \"Europe/Berlin\" or \"UTC\""
        #expect(throws: SchedulerError(.validation, message)) {
            try ScheduleDefinition(
                key: key,
                expression: ScheduleExpression("rate(1 day)"),
                timeZone: "Mars/Base",
                target: .init(kind: "full", input: nil)
            )
        }
    }

    @Test func `a schedule that never fires comes with a warning`() throws {
        let now = Date("2026-11-21T00:00:00Z")
        let never = try definition(key, "cron(0 0 30 2 ? *)")
        #expect(
            never.warnings(at: now) == [
                "schedule \"nightly\" never fires: cron(0 0 30 2 ? *) in UTC names no time to come"
            ]
        )
        #expect(try definition(key, "cron(0 0 29 2 ? *)").warnings(at: now) == [])
    }

    private func definition(_ key: Schedule.Key, _ expression: String = "rate(1 hour)") throws -> ScheduleDefinition {
        try ScheduleDefinition(
            key: key,
            expression: ScheduleExpression(expression),
            target: .init(kind: "full", input: nil)
        )
    }
}
