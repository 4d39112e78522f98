import Foundation
import Testing

@testable import Scheduler

/// Clocks go forward on 2026-03-29 at 01:00Z in Berlin, 2026-03-08 at 07:00Z in New York, 2026-10-03 at 15:30Z on Lord
/// Howe (by half an hour); they go back on 2026-10-25 at 01:00Z, 2026-11-01 at 06:00Z, 2026-04-04 at 15:00Z.
@Suite struct DaylightSavingTests {
    @Test func `a time in the gap is skipped that day`() throws {
        let expression = try ScheduleExpression("cron(30 2 * * ? *)")
        #expect(
            try expression.next(2, after: "2026-03-28T00:00:00Z", in: "Europe/Berlin")
                == ["2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z"]
        )
        #expect(
            try expression.next(2, after: "2026-03-07T00:00:00Z", in: "America/New_York")
                == ["2026-03-07T07:30:00Z", "2026-03-09T06:30:00Z"]
        )
    }

    @Test func `the first time after the gap fires`() throws {
        let expression = try ScheduleExpression("cron(0 2,3 * * ? *)")
        #expect(
            try expression.next(3, after: "2026-03-28T02:00:00Z", in: "Europe/Berlin")
                == ["2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z", "2026-03-30T01:00:00Z"]
        )
    }

    @Test func `a time in the overlap fires once, at the first`() throws {
        let expression = try ScheduleExpression("cron(30 2 * * ? *)")
        #expect(
            try expression.next(3, after: "2026-10-24T00:00:00Z", in: "Europe/Berlin")
                == ["2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
        )
        let american = try ScheduleExpression("cron(30 1 * * ? *)")
        #expect(
            try american.next(3, after: "2026-10-31T00:00:00Z", in: "America/New_York")
                == ["2026-10-31T05:30:00Z", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"]
        )
    }

    @Test func `between the two passes of the overlap a fixed time is over`() throws {
        let expression = try ScheduleExpression("cron(30 2 * * ? *)")
        #expect(
            try expression.next(1, after: "2026-10-25T01:10:00Z", in: "Europe/Berlin") == ["2026-10-26T01:30:00Z"]
        )
    }

    @Test func `a half-hour shift has a half-hour gap and overlap`() throws {
        let inGap = try ScheduleExpression("cron(15 2 * * ? *)")
        #expect(
            try inGap.next(2, after: "2026-10-02T00:00:00Z", in: "Australia/Lord_Howe")
                == ["2026-10-02T15:45:00Z", "2026-10-04T15:15:00Z"]
        )
        let afterGap = try ScheduleExpression("cron(30 2 * * ? *)")
        #expect(
            try afterGap.next(2, after: "2026-10-02T00:00:00Z", in: "Australia/Lord_Howe")
                == ["2026-10-02T16:00:00Z", "2026-10-03T15:30:00Z"]
        )
        let inOverlap = try ScheduleExpression("cron(45 1 * * ? *)")
        #expect(
            try inOverlap.next(3, after: "2026-04-03T00:00:00Z", in: "Australia/Lord_Howe")
                == ["2026-04-03T14:45:00Z", "2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"]
        )
    }

    @Test(arguments: [
        ("Europe/Berlin", "2026-03-28T23:00:00Z"), ("Europe/Berlin", "2026-10-24T23:00:00Z"),
        ("America/New_York", "2026-03-08T04:00:00Z"), ("America/New_York", "2026-11-01T03:00:00Z"),
        ("Africa/Cairo", "2026-04-23T20:00:00Z"), ("Africa/Cairo", "2026-10-29T19:00:00Z"),
        ("America/Havana", "2026-11-01T03:00:00Z"),
    ]) func `a schedule of every quarter of an hour keeps its pace`(_ zone: String, _ start: String) throws {
        let expression = try ScheduleExpression("cron(0/15 * * * ? *)")
        let times = try expression.next(24, after: start, in: zone)
        #expect(times == (1...24).map { Date(start).addingTimeInterval(Double($0) * 900).text })
    }

    @Test func `a schedule of every minute keeps its pace over half an hour`() throws {
        let expression = try ScheduleExpression("cron(* * * * ? *)")
        for start in ["2026-04-04T14:20:00Z", "2026-10-03T15:20:00Z"] {
            let times = try expression.next(90, after: start, in: "Australia/Lord_Howe")
            #expect(times == (1...90).map { Date(start).addingTimeInterval(Double($0) * 60).text })
        }
    }

    @Test func `midnight that does not exist is skipped, and its day is not`() throws {
        // Cairo went from 2026-04-24T00:00 to 01:00, at 2026-04-23T22:00Z.
        let midnight = try ScheduleExpression("cron(0 0 * * ? *)")
        #expect(
            try midnight.next(2, after: "2026-04-22T12:00:00Z", in: "Africa/Cairo")
                == ["2026-04-22T22:00:00Z", "2026-04-24T21:00:00Z"]
        )
        let evenHours = try ScheduleExpression("cron(0 */2 * * ? *)")
        #expect(
            try evenHours.next(3, after: "2026-04-23T19:00:00Z", in: "Africa/Cairo")
                == ["2026-04-23T20:00:00Z", "2026-04-23T23:00:00Z", "2026-04-24T01:00:00Z"]
        )
    }

    @Test func `a day that was left out has no times`() throws {
        // Samoa had no 30 December 2011.
        let expression = try ScheduleExpression("cron(0 12 * 12 ? 2011)")
        #expect(
            try expression.next(3, after: "2011-12-29T00:00:00Z", in: "Pacific/Apia")
                == ["2011-12-29T22:00:00Z", "2011-12-30T22:00:00Z"]
        )
    }

    @Test func `a one-time schedule fires as shown on the wall`() throws {
        let expression = try ScheduleExpression("at(2026-12-01T09:00:00)")
        #expect(try expression.next(2, after: "2026-11-21T00:00:00Z", in: "Asia/Tokyo") == ["2026-12-01T00:00:00Z"])
        #expect(try expression.next(1, after: "2026-12-01T00:00:00Z", in: "Asia/Tokyo") == [])
        #expect(!expression.isRecurring)
    }

    @Test func `a one-time schedule in the gap fires right after it, in the overlap at the first`() throws {
        let inGap = try ScheduleExpression("at(2026-03-29T02:30:00)")
        #expect(try inGap.next(1, after: "2026-01-01T00:00:00Z", in: "Europe/Berlin") == ["2026-03-29T01:00:00Z"])
        let inOverlap = try ScheduleExpression("at(2026-10-25T02:30:00)")
        #expect(try inOverlap.next(2, after: "2026-01-01T00:00:00Z", in: "Europe/Berlin") == ["2026-10-25T00:30:00Z"])
    }

    @Test func `a rate counts elapsed time from its anchor`() throws {
        let daily = try ScheduleExpression("rate(1 day)")
        #expect(
            try daily.next(3, after: "2026-03-27T10:00:00Z", in: "Europe/Berlin", anchor: "2026-03-27T10:00:00Z")
                == ["2026-03-28T10:00:00Z", "2026-03-29T10:00:00Z", "2026-03-30T10:00:00Z"]
        )
        let often = try ScheduleExpression("rate(5 minutes)")
        #expect(
            try often.next(2, after: "2026-03-27T12:00:01Z", anchor: "2026-03-27T10:01:30Z")
                == ["2026-03-27T12:01:30Z", "2026-03-27T12:06:30Z"]
        )
        #expect(
            try often.next(1, after: "2026-01-01T00:00:00Z", anchor: "2026-03-27T10:00:00Z")
                == ["2026-03-27T10:05:00Z"]
        )
    }
}
