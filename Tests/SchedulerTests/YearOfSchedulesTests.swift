import Foundation
import JSON
import TestSupport
import Testing

@testable import Scheduler

/// A year of what a recommender is kept up by, in two zones with clock changes, checked against a calendar that shares
/// nothing with the scheduler: days counted one by one, and offsets by the instants at which clocks were changed.
@Suite struct YearOfSchedulesTests {
    /// A zone by its offsets in seconds, each with the instant from which it holds.
    struct Zone: Sendable, CustomTestStringConvertible {
        let name: String
        let offsets: [(from: String, seconds: Int)]
        var testDescription: String { name }

        func offset(at instant: Int) -> Int {
            offsets.last { Int(Date($0.from).timeIntervalSince1970) <= instant }?.seconds ?? 0
        }

        /// The first instant that shows a time of the wall; none in a gap.
        func instant(showing reading: Int) -> Int? {
            Set(offsets.map(\.seconds)).map { reading - $0 }.filter { $0 + offset(at: $0) == reading }.min()
        }
    }

    private static let zones = [
        Zone(
            name: "America/New_York",
            offsets: [
                ("2025-11-02T06:00:00Z", -18_000), ("2026-03-08T07:00:00Z", -14_400), ("2026-11-01T06:00:00Z", -18_000),
            ]
        ),
        Zone(
            name: "Australia/Lord_Howe",
            offsets: [
                ("2025-10-04T15:30:00Z", 39_600), ("2026-04-04T15:00:00Z", 37_800), ("2026-10-03T15:30:00Z", 39_600),
            ]
        ),
    ]

    /// A schedule with the same said without cron: minutes of the day, and a day of the week (Monday is 0).
    private struct Plan {
        let name: String
        let expression: String
        let minutes: [Int]
        var weekday: Int?
    }

    /// The update falls into the gap of both zones, the batch into the overlap of both.
    private static let plans = [
        Plan(name: "import", expression: "cron(0 0/6 * * ? *)", minutes: [0, 360, 720, 1080]),
        Plan(name: "full", expression: "cron(30 3 ? * SUN *)", minutes: [210], weekday: 6),
        Plan(name: "update", expression: "cron(15 2 * * ? *)", minutes: [135]),
        Plan(name: "batch", expression: "cron(45 1 * * ? *)", minutes: [105]),
    ]

    private static let start = "2026-01-01T00:00:30Z"
    private static let end = "2027-01-01T00:00:30Z"

    @Test(arguments: zones) func `a year of schedules fires each time once and no other`(zone: Zone) async throws {
        let stage = try SchedulerStage(at: Self.start)
        for plan in Self.plans {
            try await stage.put(plan.expression, name: plan.name, zone: zone.name, overlap: .allow)
        }
        let end = Date(Self.end)
        while let next = try await stage.service.fireDue(), next < end {
            stage.clock.advance(by: .seconds(next.timeIntervalSince(stage.clock.date)))
        }
        let fired = Dictionary(grouping: stage.firedIDs) { String($0.split(separator: "@")[0].dropFirst(8)) }
        for plan in Self.plans {
            let expected = Self.times(of: plan, in: zone)
            let times = (fired[plan.name] ?? []).map { String($0.split(separator: "@")[1]) }
            #expect(times == expected, "\(plan.name)")
        }
        // A day without 02:15, in spring; every other time of the wall exists.
        #expect(fired.mapValues(\.count) == ["import": 1_460, "full": 52, "update": 364, "batch": 365])
        #expect(stage.told.isEmpty)
    }

    /// The times of the year by counting: 1 January 1970 was a Thursday.
    private static func times(of plan: Plan, in zone: Zone) -> [String] {
        let (first, last) = (Int(Date(start).timeIntervalSince1970), Int(Date(end).timeIntervalSince1970))
        var instants: [Int] = []
        for day in first / 86_400 - 1...last / 86_400 + 1 where plan.weekday == nil || (day + 3) % 7 == plan.weekday {
            for minute in plan.minutes {
                let instant = zone.instant(showing: day * 86_400 + minute * 60)
                if let instant, instant > first, instant < last { instants.append(instant) }
            }
        }
        return instants.map { Date(timeIntervalSince1970: Double($0)).text }
    }
}
