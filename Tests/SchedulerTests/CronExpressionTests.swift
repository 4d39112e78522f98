import Foundation
import Testing

@testable import Scheduler

/// An expression, a moment, and the times at which it fires next (UTC).
struct CronCase: Sendable, CustomTestStringConvertible {
    let expression: String
    let after: String
    let times: [String]

    init(_ expression: String, _ after: String, _ times: String...) {
        self.expression = expression
        self.after = after
        self.times = times
    }

    var testDescription: String { "\(expression) after \(after)" }
}

@Suite struct CronExpressionTests {
    static let plain = [
        CronCase(
            "cron(* * * * ? *)",
            "2026-11-21T06:27:25Z",
            "2026-11-21T06:28:00Z",
            "2026-11-21T06:29:00Z"
        ),
        CronCase("cron(0 3 * * ? *)", "2026-11-21T03:00:00Z", "2026-11-22T03:00:00Z", "2026-11-23T03:00:00Z"),
        CronCase("cron(0 3 * * ? *)", "2026-11-21T02:59:59Z", "2026-11-21T03:00:00Z"),
        CronCase("cron(59 23 31 12 ? *)", "2026-12-31T23:58:00Z", "2026-12-31T23:59:00Z", "2027-12-31T23:59:00Z"),
        CronCase(
            "cron(0,30 8,20 * * ? *)",
            "2026-01-01T08:00:00Z",
            "2026-01-01T08:30:00Z",
            "2026-01-01T20:00:00Z",
            "2026-01-01T20:30:00Z",
            "2026-01-02T08:00:00Z"
        ),
        CronCase(
            "cron(0 10 1 1,7 ? *)",
            "2026-01-01T10:00:00Z",
            "2026-07-01T10:00:00Z",
            "2027-01-01T10:00:00Z"
        ),
        CronCase(
            "cron(0 12 ? * MON-FRI *)",
            "2026-11-20T12:00:00Z",
            "2026-11-23T12:00:00Z",
            "2026-11-24T12:00:00Z"
        ),
        CronCase("cron(0 12 ? * 2-6 *)", "2026-11-20T12:00:00Z", "2026-11-23T12:00:00Z"),
        CronCase("cron(0 0 ? * sun *)", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z", "2026-11-29T00:00:00Z"),
        CronCase("cron(0 0 ? * 1 *)", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"),
        CronCase("cron(0 0 1 JAN,Jul ? *)", "2026-02-01T00:00:00Z", "2026-07-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        CronCase("cron(0  0\t1 1 ? *)", "2026-02-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        CronCase("cron(0 0 ? * * *)", "2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z"),
    ]

    static let stepsAndRanges = [
        CronCase("cron(*/20 * * * ? *)", "2026-01-01T00:00:00Z", "2026-01-01T00:20:00Z", "2026-01-01T00:40:00Z"),
        CronCase(
            "cron(1/25 * * * ? *)",
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:01:00Z",
            "2026-01-01T00:26:00Z",
            "2026-01-01T00:51:00Z",
            "2026-01-01T01:01:00Z"
        ),
        CronCase(
            "cron(10-30/10 5 * * ? *)",
            "2026-01-01T00:00:00Z",
            "2026-01-01T05:10:00Z",
            "2026-01-01T05:20:00Z",
            "2026-01-01T05:30:00Z",
            "2026-01-02T05:10:00Z"
        ),
        CronCase(
            "cron(0 22-1 * * ? *)",
            "2026-01-01T12:00:00Z",
            "2026-01-01T22:00:00Z",
            "2026-01-01T23:00:00Z",
            "2026-01-02T00:00:00Z",
            "2026-01-02T01:00:00Z",
            "2026-01-02T22:00:00Z"
        ),
        CronCase(
            "cron(0 22-4/3 * * ? *)",
            "2026-01-01T12:00:00Z",
            "2026-01-01T22:00:00Z",
            "2026-01-02T01:00:00Z",
            "2026-01-02T04:00:00Z",
            "2026-01-02T22:00:00Z"
        ),
        CronCase(
            "cron(0 0 ? * FRI-MON *)",
            "2026-11-23T00:00:00Z",
            "2026-11-27T00:00:00Z",
            "2026-11-28T00:00:00Z",
            "2026-11-29T00:00:00Z",
            "2026-11-30T00:00:00Z",
            "2026-12-04T00:00:00Z"
        ),
        CronCase(
            "cron(0 0 1 NOV-FEB ? *)",
            "2026-02-01T00:00:00Z",
            "2026-11-01T00:00:00Z",
            "2026-12-01T00:00:00Z",
            "2027-01-01T00:00:00Z",
            "2027-02-01T00:00:00Z",
            "2027-11-01T00:00:00Z"
        ),
        CronCase(
            "cron(0 0 1/10 * ? *)",
            "2026-02-01T00:00:00Z",
            "2026-02-11T00:00:00Z",
            "2026-02-21T00:00:00Z",
            "2026-03-01T00:00:00Z"
        ),
        CronCase(
            "cron(0 0 1 1 ? 2027-2031/2)",
            "2026-01-01T00:00:00Z",
            "2027-01-01T00:00:00Z",
            "2029-01-01T00:00:00Z",
            "2031-01-01T00:00:00Z"
        ),
        CronCase("cron(0 0 1 1 ? 2030,2028)", "2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z", "2030-01-01T00:00:00Z"),
        CronCase("cron(0 0 ? * 2/2 *)", "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z", "2026-11-25T00:00:00Z"),
    ]

    static let days = [
        CronCase(
            "cron(0 0 L * ? *)",
            "2027-01-15T00:00:00Z",
            "2027-01-31T00:00:00Z",
            "2027-02-28T00:00:00Z",
            "2027-03-31T00:00:00Z",
            "2027-04-30T00:00:00Z"
        ),
        CronCase("cron(0 0 L 2 ? *)", "2026-03-01T00:00:00Z", "2027-02-28T00:00:00Z", "2028-02-29T00:00:00Z"),
        CronCase("cron(0 0 L-2 2 ? *)", "2028-01-01T00:00:00Z", "2028-02-27T00:00:00Z", "2029-02-26T00:00:00Z"),
        // 2026-08-15 is a Saturday, 2026-11-15 a Sunday, 2026-12-15 a Tuesday.
        CronCase(
            "cron(0 9 15W 8,11,12 ? *)",
            "2026-08-01T00:00:00Z",
            "2026-08-14T09:00:00Z",
            "2026-11-16T09:00:00Z",
            "2026-12-15T09:00:00Z"
        ),
        // 2026-08-01 is a Saturday, 2026-11-01 a Sunday: the weekday stays in its month.
        CronCase("cron(0 9 1W 8,11 ? *)", "2026-07-31T12:00:00Z", "2026-08-03T09:00:00Z", "2026-11-02T09:00:00Z"),
        // 2026-05-31 is a Sunday, 2026-10-31 a Saturday.
        CronCase("cron(0 9 31W 5,6,10 ? 2026)", "2026-01-01T00:00:00Z", "2026-05-29T09:00:00Z", "2026-10-30T09:00:00Z"),
        CronCase(
            "cron(0 9 LW 5,6,10 ? 2026)",
            "2026-01-01T00:00:00Z",
            "2026-05-29T09:00:00Z",
            "2026-06-30T09:00:00Z",
            "2026-10-30T09:00:00Z"
        ),
        CronCase(
            "cron(0 9 1,15W,L 11 ? *)",
            "2026-10-01T00:00:00Z",
            "2026-11-01T09:00:00Z",
            "2026-11-16T09:00:00Z",
            "2026-11-30T09:00:00Z"
        ),
        CronCase("cron(0 9 ? * 2#1 *)", "2026-11-02T09:00:00Z", "2026-12-07T09:00:00Z", "2027-01-04T09:00:00Z"),
        CronCase("cron(0 9 ? * TUE#3 *)", "2026-11-01T00:00:00Z", "2026-11-17T09:00:00Z", "2026-12-15T09:00:00Z"),
        // A fifth Monday: 2026-11-30, then 2027-03-29.
        CronCase("cron(0 9 ? * MON#5 *)", "2026-11-01T00:00:00Z", "2026-11-30T09:00:00Z", "2027-03-29T09:00:00Z"),
        CronCase("cron(0 9 ? * 6L *)", "2026-11-01T00:00:00Z", "2026-11-27T09:00:00Z", "2026-12-25T09:00:00Z"),
        CronCase("cron(0 9 ? * friL *)", "2026-11-01T00:00:00Z", "2026-11-27T09:00:00Z"),
        CronCase("cron(0 9 ? * L *)", "2026-11-21T09:00:00Z", "2026-11-28T09:00:00Z", "2026-12-05T09:00:00Z"),
        CronCase(
            "cron(0 9 ? * 2L,WED *)",
            "2026-11-24T00:00:00Z",
            "2026-11-25T09:00:00Z",
            "2026-11-30T09:00:00Z",
            "2026-12-02T09:00:00Z"
        ),
        CronCase("cron(0 0 29 2 ? *)", "2026-11-21T00:00:00Z", "2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"),
        CronCase("cron(0 0 29 2 ? *)", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"),
        CronCase("cron(0 0 31 * ? *)", "2026-08-31T00:00:00Z", "2026-10-31T00:00:00Z", "2026-12-31T00:00:00Z"),
        CronCase("cron(0 0 ? 2 1#5 *)", "2026-01-01T00:00:00Z", "2032-02-29T00:00:00Z", "2060-02-29T00:00:00Z"),
    ]

    @Test(arguments: plain + stepsAndRanges + days) func `an expression fires at the times of the table`(
        _ cron: CronCase
    ) throws {
        let expression = try ScheduleExpression(cron.expression)
        #expect(try expression.next(cron.times.count, after: cron.after) == cron.times)
    }

    @Test(arguments: [
        "cron(0 0 30 2 ? *)", "cron(0 0 31 4,6,9,11 ? *)", "cron(0 0 29 2 ? 2027)", "cron(0 0 1 1 ? 2025)",
        "cron(0 0 31W 2 ? *)",
    ]) func `an expression without a day to come never fires`(_ text: String) throws {
        #expect(try ScheduleExpression(text).next(1, after: "2026-11-21T00:00:00Z") == [])
    }

    @Test func `the last year ends it`() throws {
        let expression = try ScheduleExpression("cron(0 0 31 12 ? *)")
        #expect(
            try expression.next(3, after: "2198-06-01T00:00:00Z") == ["2198-12-31T00:00:00Z", "2199-12-31T00:00:00Z"]
        )
    }

    @Test func `each minute of a year is found in order, none twice`() throws {
        let expression = try ScheduleExpression("cron(7,52 */5 ? * MON,THU *)")
        let zone = try TimeZone(named: "UTC")
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        var expected: [Date] = []
        var minute = Date("2027-01-01T00:00:00Z")
        while minute < Date("2028-01-01T00:00:00Z") {
            let parts = calendar.dateComponents([.weekday, .hour, .minute], from: minute)
            let isDay = parts.weekday == 2 || parts.weekday == 5
            if isDay, parts.hour! % 5 == 0, [7, 52].contains(parts.minute!) { expected.append(minute) }
            minute += 60
        }
        let found = expression.last(
            10_000,
            from: Date("2027-01-01T00:00:00Z"),
            through: Date("2027-12-31T23:59:00Z"),
            in: zone
        )
        #expect(found == expected)
    }

    @Test func `the latest times of a long range are found from its end`() throws {
        let expression = try ScheduleExpression("cron(* 9-17 ? * MON-FRI *)")
        let found = expression.last(
            2,
            from: Date("1990-01-01T00:00:00Z"),
            through: Date("2026-11-22T05:00:00Z"),
            in: try TimeZone(named: "UTC")
        )
        #expect(found.map(\.text) == ["2026-11-20T17:58:00Z", "2026-11-20T17:59:00Z"])
    }
}
