import Foundation
import JSON
import Testing
import TestSupport

@testable import Scheduler

/// What a schedule does when the world is not as planned.
@Suite struct SchedulerPolicyTests {
    private let key = Schedule.Key(name: "nightly")

    private func change(
        _ stage: SchedulerStage,
        _ change: (inout ScheduleDefinition) throws -> Void
    ) async throws {
        var definition = try await stage.schedule().definition
        try change(&definition)
        try await stage.service.update(definition)
    }

    // MARK: - Cancelling, windows, retries

    @Test func `with cancel the running execution is stopped with the reason, and the new one runs`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.put("rate(1 hour)", overlap: .cancel)
        stage.leaveRunning()
        for hour in 1...2 { try await stage.leap(to: "2026-11-01T0\(hour):00:00Z") }
        #expect(stage.fired == ["2026-11-01T01:00:00Z", "2026-11-01T02:00:00Z"])
        let cause = """
            schedule "default/nightly" is due again, at 2026-11-01T02:00:00Z, and its overlap policy "cancel" has the \
            new run replace the one that still goes on
            """
        #expect(stage.stopped == ["arn:default/nightly@2026-11-01T01:00:00Z Schedule.Replaced: \(cause)"])
        stage.endExecutions()
        try await stage.leap(to: "2026-11-01T03:00:00Z")
        #expect(stage.stopped.count == 1)
    }

    @Test func `a flexible window spreads schedules of one time, each at the same place again`() async throws {
        var places: [[String]] = []
        for _ in 1...2 {
            let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
            for number in 1...20 {
                let schedule = try await stage.put("cron(0 3 * * ? *)", name: "s\(number)")
                var definition = schedule.definition
                definition.flexibleMinutes = 15
                try await stage.service.update(definition)
            }
            try await stage.leap(to: "2026-11-01T03:00:00Z")
            #expect(stage.fired.count < 3)
            var starts: [String] = []
            for minute in 1...15 {
                try await stage.leap(to: Date("2026-11-01T03:00:00Z").addingTimeInterval(Double(minute) * 60).text)
                starts.append("\(stage.firedIDs.count)")
            }
            #expect(Set(stage.fired) == ["2026-11-01T03:00:00Z"])
            #expect(stage.fired.count == 20)
            #expect(Set(starts).count > 5)
            places.append(starts)
        }
        #expect(places[0] == places[1])
    }

    @Test func `a retry policy bounds the tries by number and by age`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T02:00:00Z")
        try await stage.put("cron(0 3 * * ? *)")
        try await change(stage) { $0.target.retryPolicy = .init(maximumAttempts: 1) }
        stage.refuse(100)
        try await stage.leap(to: "2026-11-01T03:00:00Z")
        #expect(try await stage.history().map(\.status) == [.pending])
        try await stage.leap(to: "2026-11-01T03:00:05Z")
        #expect(try await stage.history().map(\.status) == [.failed])
        #expect(try await stage.history().map(\.attempts) == [2])
        try await change(stage) { $0.target.retryPolicy = .init(maximumAge: 3_600) }
        try await stage.leap(to: "2026-11-02T03:00:00Z")
        while let next = try await stage.service.fireDue(), next < Date("2026-11-03T00:00:00Z") {
            stage.clock.advance(by: .seconds(next.timeIntervalSince(stage.clock.date)))
        }
        let last = try #require(try await stage.history().last)
        #expect(last.status == .failed)
        // 5, 30, 120 seconds, then each ten minutes, and none later than an hour after the time.
        #expect(last.attempts == 9)
    }

    @Test func `a firing that is put off comes again without an attempt being counted`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T02:00:00Z")
        try await stage.put("cron(0 3 * * ? *)")
        stage.postpone(1)
        try await stage.leap(to: "2026-11-01T03:00:00Z")
        #expect(try await stage.history().first?.reason == "another runs")
        try await stage.leap(to: "2026-11-01T03:00:15Z")
        #expect(stage.fired == ["2026-11-01T03:00:00Z"])
        #expect(try await stage.history().map(\.attempts) == [0])
    }

    @Test func `a schedule that has fired for the last time is deleted where that is asked for`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.put("at(2026-11-01T03:00:00)")
        try await stage.put("at(2026-11-01T03:00:00)", name: "kept")
        try await change(stage) { $0.completion = .delete }
        stage.refuse(2)
        try await stage.leap(to: "2026-11-01T03:00:00Z")
        #expect(try await stage.service.schedules().count == 2)
        try await stage.leap(to: "2026-11-01T03:00:05Z")
        #expect(stage.fired.count == 2)
        #expect(try await stage.service.schedules().map(\.key.name) == ["kept"])
    }

    // MARK: - Telling of what did not happen

    @Test func `a run that cannot be started is told of at its grace, once until a run starts`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T02:00:00Z")
        try await stage.put("cron(0 3 * * ? *)")
        try await change(stage) {
            $0.grace = 600
            $0.target.retryPolicy = .init()
        }
        stage.refuse(20)
        for moment in ["03:00:00", "03:00:05", "03:00:35", "03:02:35", "03:09:59"] {
            try await stage.leap(to: "2026-11-01T\(moment)Z")
        }
        #expect(stage.told.isEmpty)
        try await stage.leap(to: "2026-11-01T03:10:00Z")
        #expect(stage.told.map(\.fact) == ["It still waits: the engine is full"])
        try await stage.leap(to: "2026-11-02T03:10:00Z")
        #expect(Set(stage.told.map(\.outage)).count == 1)
        stage.refuse(0)
        try await stage.leap(to: "2026-11-03T03:00:01Z")
        stage.refuse(20)
        for moment in ["2026-11-04T03:00:00Z", "2026-11-04T03:10:00Z"] { try await stage.leap(to: moment) }
        #expect(Set(stage.told.map(\.outage)).count > 1)
    }

    @Test func `runs that start in time are not told of, and a grace of nothing tells of none`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T02:00:00Z")
        try await stage.put("cron(0 3 * * ? *)")
        try await stage.leap(to: "2026-11-01T03:00:00Z")
        try await stage.leap(to: "2026-11-01T05:00:00Z")
        try await change(stage) { $0.grace = 0 }
        stage.refuse(20)
        for hour in 3...9 { try await stage.leap(to: "2026-11-02T0\(hour):00:00Z") }
        #expect(stage.told.isEmpty)
    }

    @Test func `a run that is left out for one that hangs is told of, for one that ends it is not`() async throws {
        for hangs in [true, false] {
            let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
            try await stage.put("rate(2 hours)")
            stage.leaveRunning()
            try await stage.leap(to: "2026-11-01T02:00:00Z")
            try await stage.leap(to: "2026-11-01T04:00:00Z")
            if !hangs { stage.endExecutions() }
            try await stage.leap(to: "2026-11-01T05:00:00Z")
            #expect(stage.told.map(\.firing.scheduledTime.text) == (hangs ? ["2026-11-01T04:00:00Z"] : []))
        }
    }

    @Test func `after downtime it is told what was missed, or how late it started`() async throws {
        let skipping = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await skipping.put("cron(0 3 * * ? *)", catchUp: .skip)
        try await skipping.leap(to: "2026-11-01T09:00:00Z")
        #expect(skipping.told.map(\.fact) == ["It was left out: missed: fired late"])
        let late = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await late.put("cron(0 3 * * ? *)")
        try await late.leap(to: "2026-11-01T09:00:00Z")
        #expect(late.told.map(\.fact) == ["It started late, after 360 minutes"])
        try await late.leap(to: "2026-11-01T09:30:00Z")
        #expect(late.told.count == 1)
    }

    // MARK: - The clock

    @Test func `a clock set back an hour fires nothing twice and loses nothing`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.put("cron(0/20 * * * ? *)", overlap: .allow)
        try await stage.put("rate(25 minutes)", name: "rate", overlap: .allow)
        for minute in stride(from: 5, through: 120, by: 5) {
            try await stage.leap(to: Date("2026-11-01T00:00:00Z").addingTimeInterval(Double(minute) * 60).text)
        }
        let before = stage.firedIDs
        stage.clock.advance(by: .seconds(-3_600))
        try await stage.service.fireDue()
        for minute in stride(from: 65, through: 180, by: 5) {
            try await stage.leap(to: Date("2026-11-01T00:00:00Z").addingTimeInterval(Double(minute) * 60).text)
        }
        #expect(Array(stage.firedIDs.prefix(before.count)) == before)
        #expect(Set(stage.firedIDs).count == stage.firedIDs.count)
        #expect(stage.firedIDs.count { $0.contains("nightly") } == 9)
        #expect(stage.firedIDs.count { $0.contains("rate") } == 7)
    }

    @Test func `a clock that was a year ahead and is set right does not leave a schedule silent for a year`()
        async throws
    {
        let store = try SchedulerStage(at: "2027-11-01T02:00:00Z")
        try await store.put("cron(0 3 * * ? *)")
        try await store.leap(to: "2027-11-01T03:00:00Z")
        let restarted = try SchedulerStage(at: "2026-11-01T02:00:00Z", store: store.store)
        #expect(try await restarted.service.fireDue()?.text == "2026-11-01T03:00:00Z")
        try await restarted.leap(to: "2026-11-01T03:00:00Z")
        #expect(restarted.fired == ["2026-11-01T03:00:00Z"])
        #expect(try await restarted.schedule().lastFired?.text == "2027-11-01T03:00:00Z")
    }

    // MARK: - Making up for the past

    @Test func `a range is made up for time by time, and only what is missing where that is asked`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.put("cron(0 3 * * ? *)")
        try await stage.leap(to: "2026-11-01T03:00:00Z")
        stage.refuse(10)
        try await stage.service.pause(key)
        try await stage.leap(to: "2026-11-04T12:00:00Z")
        stage.refuse(0)
        let range = (Date("2026-10-31T00:00:00Z"), Date("2026-12-01T00:00:00Z"))
        let times = try await stage.service.times(of: key, from: range.0, through: range.1)
        #expect(times.map(\.isMissing) == [true, false, true, true, true])
        for time in times where time.isMissing {
            let firing = try await stage.service.backfill(key, at: time.time, isRepeated: false)
            #expect(firing.status == .started)
            #expect(firing.trigger == .backfill)
        }
        let again = try await stage.service.backfill(key, at: times[2].time, isRepeated: false)
        #expect(again.executionARN == "arn:default/nightly@2026-11-02T03:00:00Z")
        #expect(stage.fired.count == 5)
        let after = try await stage.service.times(of: key, from: range.0, through: range.1)
        #expect(after.allSatisfy { !$0.isMissing })
        let once = try await stage.service.backfill(key, at: times[1].time, isRepeated: true)
        #expect(once.executionARN == "arn:manual-1")
        #expect(try await stage.schedule().lastExecution == "arn:default/nightly@2026-11-01T03:00:00Z")
    }

    @Test func `a run that waits while the past is made up for starts by itself, or is given up`() async throws {
        let stage = try SchedulerStage(at: "2026-11-03T00:00:00Z")
        try await stage.put("cron(0 3 * * ? *)")
        stage.postpone(1)
        let waiting = try await stage.service.backfill(key, at: Date("2026-11-01T03:00:00Z"), isRepeated: false)
        #expect(waiting.status == .pending)
        try await stage.leap(to: "2026-11-03T00:00:15Z")
        #expect(stage.fired == ["2026-11-01T03:00:00Z"])
        stage.postpone(1)
        _ = try await stage.service.backfill(key, at: Date("2026-11-02T03:00:00Z"), isRepeated: false)
        #expect(try await stage.service.cancelBackfill(of: key) == 1)
        try await stage.leap(to: "2026-11-03T00:01:00Z")
        #expect(stage.fired == ["2026-11-01T03:00:00Z"])
        #expect(try await stage.history().last?.reason == "the backfill was cancelled")
    }

    @Test func `a run of the past that fails is not tried again by itself`() async throws {
        let stage = try SchedulerStage(at: "2026-11-03T00:00:00Z")
        try await stage.put("cron(0 3 * * ? *)")
        stage.refuse(1)
        let failed = try await stage.service.backfill(key, at: Date("2026-11-01T03:00:00Z"), isRepeated: false)
        #expect(failed.status == .failed)
        #expect(failed.reason == "the engine is full")
        #expect(try await stage.schedule().lastError == nil)
    }

    @Test func `a range that is empty or too long, and a time that is none, are refused`() async throws {
        let stage = try SchedulerStage(at: "2026-11-03T00:00:00Z")
        try await stage.put("cron(* * * * ? *)")
        let (start, end) = (Date("2026-10-01T00:00:00Z"), Date("2026-11-01T00:00:00Z"))
        for (from, through) in [(end, start), (start, end)] {
            let error = await #expect(throws: SchedulerError.self) {
                _ = try await stage.service.times(of: key, from: from, through: through)
            }
            #expect(error?.code == .validation)
        }
        let error = await #expect(throws: SchedulerError.self) {
            _ = try await stage.service.backfill(key, at: Date("2026-11-01T00:00:30Z"), isRepeated: false)
        }
        #expect(error?.message.contains("is no time of schedule") == true)
    }
}
