import Foundation
import JSON
import SQLiteStore
import Testing
import TestSupport

@testable import Scheduler

@Suite struct SchedulerServiceTests {
    private let key = Schedule.Key(name: "nightly")

    @Test func `the service fires each time when the clock gets there`() async throws {
        let stage = try SchedulerStage(at: "2026-11-21T02:58:30Z")
        try await stage.put("cron(0 3 * * ? *)", input: ["mode": "full"])
        let running = Task { try await stage.service.run() }
        var arrivals = stage.arrivals.makeAsyncIterator()
        for _ in 0..<2 {
            await stage.clock.sleepers()
            stage.clock.advance(by: .seconds(60))
        }
        #expect(await arrivals.next() == "default/nightly@2026-11-21T03:00:00Z")
        await stage.clock.sleepers()
        let schedule = try await stage.schedule()
        #expect(schedule.lastFired?.text == "2026-11-21T03:00:00Z")
        #expect(schedule.nextFire?.text == "2026-11-22T03:00:00Z")
        #expect(schedule.lastExecution == "arn:default/nightly@2026-11-21T03:00:00Z")
        #expect(stage.inputs == [["mode": "full"]])
        running.cancel()
        try await running.value
    }

    @Test func `the service sleeps no longer than to the next time`() async throws {
        let stage = try SchedulerStage(at: "2026-11-21T02:59:48Z")
        try await stage.put("cron(0 3 * * ? *)")
        let running = Task { try await stage.service.run() }
        var arrivals = stage.arrivals.makeAsyncIterator()
        await stage.clock.sleepers()
        stage.clock.advance(by: .seconds(12))
        #expect(await arrivals.next() == "default/nightly@2026-11-21T03:00:00Z")
        running.cancel()
        try await running.value
    }

    @Test func `a schedule made while the service sleeps is seen at once`() async throws {
        let stage = try SchedulerStage(at: "2026-11-21T02:00:00Z")
        let running = Task { try await stage.service.run() }
        var arrivals = stage.arrivals.makeAsyncIterator()
        await stage.clock.sleepers()
        _ = try await stage.put("at(2026-11-21T01:00:00)", name: "past")
        // Recorded by hand, so that it is due without the clock being moved.
        try await stage.store.record(
            Firing(
                id: "left",
                schedule: Schedule.Key(name: "past"),
                scheduledTime: stage.clock.date,
                trigger: .manual,
                recordedAt: stage.clock.date,
                nextAttempt: stage.clock.date
            )
        )
        try await stage.put("rate(1 hour)")
        #expect(await arrivals.next() == "left")
        running.cancel()
        try await running.value
    }

    @Test func `a month of a schedule passes without one time lost or doubled`() async throws {
        let stage = try SchedulerStage(at: "2026-10-01T00:00:00Z")
        try await stage.put("cron(30 2 * * ? *)", zone: "Europe/Berlin")
        while stage.clock.date < Date("2026-11-01T00:00:00Z") {
            stage.clock.advance(by: .seconds(1_800))
            try await stage.service.fireDue()
        }
        #expect(stage.fired.count == 31)
        #expect(stage.fired[23...25] == ["2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"])
    }

    @Test func `a rate counts from its making, or from its start date where it has one`() async throws {
        let stage = try SchedulerStage(at: "2026-11-21T02:10:00Z")
        try await stage.put("rate(2 hours)")
        try await stage.put("rate(2 hours)", name: "later", startDate: "2026-11-21T09:00:00Z")
        #expect(try await stage.schedule().nextFire?.text == "2026-11-21T04:10:00Z")
        #expect(try await stage.schedule("later").nextFire?.text == "2026-11-21T09:00:00Z")
        try await stage.leap(to: "2026-11-21T04:10:20Z")
        #expect(try await stage.schedule().nextFire?.text == "2026-11-21T06:10:00Z")
        try await stage.leap(to: "2026-11-21T09:00:01Z")
        #expect(try await stage.schedule("later").nextFire?.text == "2026-11-21T11:00:00Z")
        #expect(stage.fired == ["2026-11-21T04:10:00Z", "2026-11-21T08:10:00Z", "2026-11-21T09:00:00Z"])
    }

    @Test func `nothing fires outside the dates of a schedule`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.put(
            "cron(0 3 * * ? *)",
            startDate: "2026-11-03T03:00:00Z",
            endDate: "2026-11-04T03:00:00Z"
        )
        for day in 2...9 { try await stage.leap(to: "2026-11-0\(day)T12:00:00Z") }
        #expect(stage.fired == ["2026-11-03T03:00:00Z", "2026-11-04T03:00:00Z"])
        #expect(try await stage.schedule().nextFire == nil)
    }

    @Test func `a one-time schedule fires once`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.put("at(2026-11-02T09:00:00)", zone: "Asia/Tokyo")
        for day in 2...4 { try await stage.leap(to: "2026-11-0\(day)T12:00:00Z") }
        #expect(stage.fired == ["2026-11-02T00:00:00Z"])
    }

    // MARK: - Catching up

    @Test(arguments: [
        (ScheduleDefinition.CatchUp.once, ["2026-11-09T03:00:00Z"]),
        (.all, ["2026-11-07T03:00:00Z", "2026-11-08T03:00:00Z", "2026-11-09T03:00:00Z"]),
        (.skip, []),
    ]) func `after downtime the policy decides what is made up for`(
        _ catchUp: ScheduleDefinition.CatchUp,
        _ times: [String]
    ) async throws {
        var configuration = SchedulerService.Configuration()
        configuration.catchUpLimit = 3
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z", configuration: configuration)
        try await stage.put("cron(0 3 * * ? *)", catchUp: catchUp)
        try await stage.leap(to: "2026-11-09T12:00:00Z")
        #expect(stage.fired == times)
        #expect(try await stage.schedule().nextFire?.text == "2026-11-10T03:00:00Z")
        try await stage.service.fireDue()
        #expect(stage.fired == times)
    }

    @Test func `a missed time that is let go stands in the history`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.put("cron(0 3 * * ? *)", catchUp: .skip)
        try await stage.leap(to: "2026-11-01T03:01:00Z")
        try await stage.leap(to: "2026-11-02T03:01:01Z")
        let history = try await stage.history()
        #expect(history.map(\.status) == [.started, .skipped])
        #expect(history.last?.reason == "missed: fired late")
        #expect(try await stage.schedule().lastFired?.text == "2026-11-01T03:00:00Z")
    }

    @Test func `a year of downtime of a schedule of every minute is one firing`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.put("cron(* * * * ? *)")
        try await stage.leap(to: "2027-11-01T00:00:30Z")
        #expect(stage.fired == ["2027-11-01T00:00:00Z"])
    }

    @Test func `a clock that jumps back fires nothing twice`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T02:59:00Z")
        try await stage.put("cron(0 3 * * ? *)")
        try await stage.leap(to: "2026-11-01T03:00:00Z")
        stage.clock.advance(by: .seconds(-600))
        try await stage.service.fireDue()
        try await stage.leap(to: "2026-11-01T03:05:00Z")
        #expect(stage.fired == ["2026-11-01T03:00:00Z"])
    }

    // MARK: - Overlap

    @Test func `a firing is skipped while the last execution runs`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.put("rate(1 hour)")
        stage.leaveRunning()
        try await stage.leap(to: "2026-11-01T01:00:00Z")
        try await stage.leap(to: "2026-11-01T02:00:00Z")
        stage.endExecutions()
        try await stage.leap(to: "2026-11-01T03:00:00Z")
        #expect(stage.fired == ["2026-11-01T01:00:00Z", "2026-11-01T03:00:00Z"])
        let skipped = try await stage.history()[1]
        #expect(skipped.status == .skipped)
        #expect(skipped.reason == "execution arn:default/nightly@2026-11-01T01:00:00Z still runs")
    }

    @Test func `executions run side by side where that is allowed`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.put("rate(1 hour)", overlap: .allow)
        stage.leaveRunning()
        try await stage.leap(to: "2026-11-01T01:00:00Z")
        try await stage.leap(to: "2026-11-01T02:00:00Z")
        #expect(stage.fired == ["2026-11-01T01:00:00Z", "2026-11-01T02:00:00Z"])
    }

    @Test func `one queued firing waits for the end of the running execution, further ones are skipped`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.put("rate(1 hour)", overlap: .queue)
        stage.leaveRunning()
        for hour in 1...3 { try await stage.leap(to: "2026-11-01T0\(hour):00:00Z") }
        #expect(stage.fired == ["2026-11-01T01:00:00Z"])
        #expect(try await stage.history().map(\.status) == [.started, .pending, .skipped])
        stage.endExecutions()
        try await stage.leap(to: "2026-11-01T03:00:15Z")
        #expect(stage.fired == ["2026-11-01T01:00:00Z", "2026-11-01T02:00:00Z"])
    }

    // MARK: - Failures

    @Test func `a firing that fails is tried again after longer and longer waits`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T02:00:00Z")
        try await stage.put("cron(0 3 * * ? *)")
        stage.refuse(2)
        try await stage.leap(to: "2026-11-01T03:00:00Z")
        #expect(try await stage.schedule().lastError == "the engine is full")
        #expect(try await stage.service.fireDue()?.text == "2026-11-01T03:00:05Z")
        try await stage.leap(to: "2026-11-01T03:00:05Z")
        try await stage.leap(to: "2026-11-01T03:00:34Z")
        #expect(stage.fired == [])
        try await stage.leap(to: "2026-11-01T03:00:35Z")
        #expect(stage.fired == ["2026-11-01T03:00:00Z"])
        let schedule = try await stage.schedule()
        #expect(schedule.lastError == nil)
        #expect(schedule.lastFired?.text == "2026-11-01T03:00:00Z")
        #expect(try await stage.history().map(\.attempts) == [2])
    }

    @Test func `a firing that fails each time is given up, and the next time fires`() async throws {
        var configuration = SchedulerService.Configuration()
        configuration.retryDelays = [.seconds(10)]
        let stage = try SchedulerStage(at: "2026-11-01T02:00:00Z", configuration: configuration)
        try await stage.put("cron(0 3 * * ? *)")
        stage.refuse(2)
        try await stage.leap(to: "2026-11-01T03:00:00Z")
        try await stage.leap(to: "2026-11-01T03:00:10Z")
        let failed = try #require(try await stage.history().first)
        #expect(failed.status == .failed)
        #expect(failed.reason == "the engine is full")
        #expect(try await stage.schedule().lastError == "the engine is full")
        try await stage.leap(to: "2026-11-02T03:00:00Z")
        #expect(stage.fired == ["2026-11-02T03:00:00Z"])
    }

    @Test func `the history keeps the newest firings`() async throws {
        var configuration = SchedulerService.Configuration()
        configuration.historyLimit = 2
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z", configuration: configuration)
        try await stage.put("rate(1 hour)")
        for hour in 1...4 { try await stage.leap(to: "2026-11-01T0\(hour):00:00Z") }
        #expect(
            try await stage.history().map(\.scheduledTime.text) == ["2026-11-01T03:00:00Z", "2026-11-01T04:00:00Z"]
        )
        #expect(
            try await stage.service.firings(of: key, limit: 1).map(\.scheduledTime.text) == ["2026-11-01T04:00:00Z"]
        )
    }
}
