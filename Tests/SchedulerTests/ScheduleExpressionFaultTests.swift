import Foundation
import Testing

@testable import Scheduler

@Suite struct ScheduleExpressionFaultTests {
    static let faults: [(text: String, message: String)] = [
        (
            "cron(0 12 * * ?)",
            """
            invalid cron ScheduleExpression cron(0 12 * * ?). Should have 6 fields (minutes hours day-of-month month \
            day-of-week year), has 5
            """
        ),
        (
            "cron(0 12 1 * 2 *)",
            """
            invalid cron ScheduleExpression cron(0 12 1 * 2 *). Do not specify day-of-month and day-of week in the \
            same cron expression, write ? for one of "1" and "2"
            """
        ),
        (
            "cron(0 12 ? * ? *)",
            """
            invalid cron ScheduleExpression cron(0 12 ? * ? *). day-of-month and day-of-week are both ?, write * for \
            day-of-month to fire every day
            """
        ),
        (
            "cron(0 12 * * ? 1969)",
            "invalid cron ScheduleExpression year: \"1969\" is outside 1970-2199"
        ),
        (
            "cron(0 12 * * ? 2030-2027)",
            "invalid cron ScheduleExpression year: \"2030-2027\" runs backwards, write the smaller value first"
        ),
        ("cron(60 * * * ? *)", "invalid cron ScheduleExpression minutes: \"60\" is outside 0-59, the full hour is 0"),
        ("cron(0 24 * * ? *)", "invalid cron ScheduleExpression hours: \"24\" is outside 0-23, midnight is 0"),
        ("cron(0 0 0 * ? *)", "invalid cron ScheduleExpression day-of-month: \"0\" is outside 1-31"),
        ("cron(0 0 1 13 ? *)", "invalid cron ScheduleExpression month: \"13\" is outside 1-12"),
        (
            "cron(0 0 ? * 0 *)",
            "invalid cron ScheduleExpression day-of-week: \"0\" is outside 1-7, Sunday is 1 or SUN"
        ),
        (
            "cron(0 0 ? * MOO *)",
            """
            invalid cron ScheduleExpression day-of-week: "MOO" is not a value, write a number in 1-7 or a name in \
            SUN-SAT
            """
        ),
        (
            "cron(0 0 1 JAN-XYZ ? *)",
            """
            invalid cron ScheduleExpression month: "XYZ" in "JAN-XYZ" is not a value, write a number in 1-12 or a \
            name in JAN-DEC
            """
        ),
        (
            "cron(-5 * * * ? *)",
            "invalid cron ScheduleExpression minutes: \"\" in \"-5\" is not a value, write a number in 0-59"
        ),
        (
            "cron(*/0 * * * ? *)",
            "invalid cron ScheduleExpression minutes: step \"0\" in \"*/0\" is not a number of at least 1"
        ),
        (
            "cron(0/60 * * * ? *)",
            """
            invalid cron ScheduleExpression minutes: step "60" in "0/60" is larger than 59, leave it out to fire once
            """
        ),
        (
            "cron(1,,2 * * * ? *)",
            """
            invalid cron ScheduleExpression minutes: "1,,2" has an empty place in its list, write the values as in \
            "1,2,3"
            """
        ),
        (
            "cron(? * * * ? *)",
            "invalid cron ScheduleExpression minutes: \"?\" uses a sign of the day fields, write * for every value"
        ),
        (
            "cron(0 0 ? * 3#1,6#3 *)",
            """
            invalid cron ScheduleExpression day-of-week: "3#1" cannot be part of a list, make a schedule for each
            """
        ),
        (
            "cron(0 0 ? * 2#6 *)",
            """
            invalid cron ScheduleExpression day-of-week: "2#6" names no week of the month, write #1 to #5 after the day
            """
        ),
        (
            "cron(0 0 L-31 * ? *)",
            """
            invalid cron ScheduleExpression day-of-month: "L-31" is not a day before the last, write L-1 to L-30
            """
        ),
        (
            "0 12 * * ? *",
            "invalid ScheduleExpression \"0 12 * * ? *\", write \"cron(0 12 * * ? *)\""
        ),
        ("0 12 * * *", "invalid ScheduleExpression \"0 12 * * *\", write \"cron(0 12 * * ? *)\""),
        ("0 12 * * MON", "invalid ScheduleExpression \"0 12 * * MON\", write \"cron(0 12 ? * MON *)\""),
        ("daily", "invalid ScheduleExpression \"daily\", write cron(…), rate(…) or at(…)"),
        ("rate(5)", "invalid rate ScheduleExpression rate(5). Should have a value and a unit, as in rate(5 minutes)"),
        (
            "rate(1 hours)",
            "invalid rate ScheduleExpression unit: \"hours\" does not fit 1, write \"1 hour\""
        ),
        (
            "rate(7 day)",
            "invalid rate ScheduleExpression unit: \"day\" does not fit 7, write \"7 days\""
        ),
        (
            "rate(5 weeks)",
            "invalid rate ScheduleExpression unit: \"weeks\" is not one of minute(s), hour(s), day(s)"
        ),
        ("rate(0 minutes)", "invalid rate ScheduleExpression value: \"0\" is not a whole number of at least 1"),
        ("rate(-1 hour)", "invalid rate ScheduleExpression value: \"-1\" is not a whole number of at least 1"),
        ("rate(99999999 days)", "invalid rate ScheduleExpression value: \"99999999\" is more than a hundred years"),
        (
            "at(2026-12-01)",
            """
            invalid at ScheduleExpression at(2026-12-01). "2026-12-01" is not of the form at(yyyy-mm-ddThh:mm:ss), \
            without a zone
            """
        ),
        (
            "at(2027-02-29T09:00:00)",
            """
            invalid at ScheduleExpression at(2027-02-29T09:00:00). "2027-02-29T09:00:00" is not a day of the calendar
            """
        ),
        (
            "at(2026-12-01T24:00:00)",
            """
            invalid at ScheduleExpression at(2026-12-01T24:00:00). "2026-12-01T24:00:00" is not a time of the day, \
            write 00:00:00 to 23:59:59
            """
        ),
    ]

    @Test(arguments: faults) func `a wrong expression is refused with place, fact and remedy`(
        _ fault: (text: String, message: String)
    ) {
        #expect(throws: SchedulerError(.validation, fault.message)) { try ScheduleExpression(fault.text) }
    }

    static let zones: [(name: String, remedy: String)] = [
        ("Europe/Berln", ", did you mean \"Europe/Berlin\"?"),
        ("europe/berlin", ", did you mean \"Europe/Berlin\"?"),
        ("Berlin", ", did you mean \"Europe/Berlin\"?"),
        ("America/New York", ", did you mean \"America/New_York\"?"),
        ("utc", ", did you mean \"UTC\"?"),
        ("CET+1", ", write one such as \"Europe/Berlin\" or \"UTC\""),
        ("", ", write one such as \"Europe/Berlin\" or \"UTC\""),
    ]

    @Test(arguments: zones) func `an unknown time zone is refused with the nearest name`(
        _ zone: (name: String, remedy: String)
    ) {
        let message = "timezone \"\(zone.name)\" is not a known IANA time zone\(zone.remedy)"
        #expect(throws: SchedulerError(.validation, message)) { try TimeZone(named: zone.name) }
    }

    @Test(arguments: [
        "UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Calcutta", "America/Argentina/Ushuaia", "Etc/GMT+5",
    ])
    func `a name of the IANA database is a time zone`(_ name: String) throws {
        _ = try TimeZone(named: name)
    }
}
