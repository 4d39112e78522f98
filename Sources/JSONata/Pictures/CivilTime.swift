/// A moment as a calendar and a clock in UTC show it, after the Gregorian rules for all years.
struct CivilTime {
    static let millisecondsInDay = 86_400_000

    let milliseconds: Int
    let year: Int
    /// 1 to 12.
    let month: Int
    let day: Int

    /// The moment so long after 1970 began.
    init(milliseconds: Int) {
        self.milliseconds = milliseconds
        // Years that begin in March, so that the day that leap years add is the last.
        let days = milliseconds.floored(by: Self.millisecondsInDay) + 719_468
        let era = days.floored(by: 146_097)
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// The days from 1970 to the first of a month; months may lie outside of 1 to 12.
    static func days(year: Int, month: Int) -> Int {
        let monthFromMarch = (month - 3).modulo(12)
        let yearFromMarch = year + (month - 3).floored(by: 12)
        let era = yearFromMarch.floored(by: 400)
        let yearOfEra = yearFromMarch - era * 400
        let dayOfYear = (153 * monthFromMarch + 2) / 5
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private var millisecondOfDay: Int { milliseconds.modulo(Self.millisecondsInDay) }
    private var today: Int { milliseconds.floored(by: Self.millisecondsInDay) }

    var hour: Int { millisecondOfDay / 3_600_000 }
    var minute: Int { millisecondOfDay / 60_000 % 60 }
    var second: Int { millisecondOfDay / 1_000 % 60 }
    var millisecond: Int { millisecondOfDay % 1_000 }
    /// 1 is the first of January.
    var dayOfYear: Int { today - Self.days(year: year, month: 1) + 1 }
    /// 1 is Monday, 7 is Sunday.
    var weekday: Int { Self.weekday(today) }

    private static func weekday(_ day: Int) -> Int { (day + 3).modulo(7) + 1 }

    /// The Monday of the first week of a year or month, which is that of its first Thursday.
    private static func firstWeek(year: Int, month: Int) -> Int {
        let first = days(year: year, month: month)
        let weekday = weekday(first)
        return weekday > 4 ? first + 8 - weekday : first - (weekday - 1)
    }

    /// The number of the ISO week.
    var weekOfYear: Int {
        let week = (today - Self.firstWeek(year: year, month: 1)).floored(by: 7) + 1
        if week > 52, today >= Self.firstWeek(year: year + 1, month: 1) { return 1 }
        guard week < 1 else { return week }
        return (today - Self.firstWeek(year: year - 1, month: 1)) / 7 + 1
    }

    /// The year that the ISO week belongs to.
    var yearOfWeek: Int {
        if today < Self.firstWeek(year: year, month: 1) { return year - 1 }
        return today >= Self.firstWeek(year: year + 1, month: 1) ? year + 1 : year
    }

    /// The number of the week in its month.
    var weekOfMonth: Int {
        let week = (today - Self.firstWeek(year: year, month: month)).floored(by: 7) + 1
        if week > 4, today >= Self.firstWeek(year: year, month: month + 1) { return 1 }
        guard week < 1 else { return week }
        return (today - Self.firstWeek(year: year, month: month - 1)) / 7 + 1
    }

    /// The month that the week belongs to.
    var monthOfWeek: Int {
        if today < Self.firstWeek(year: year, month: month) { return (month - 2).modulo(12) + 1 }
        return today >= Self.firstWeek(year: year, month: month + 1) ? month % 12 + 1 : month
    }
}

extension Int {
    /// The quotient, rounded down also where it is negative.
    func floored(by divisor: Int) -> Int { (self - modulo(divisor)) / divisor }

    /// The remainder, never negative.
    func modulo(_ divisor: Int) -> Int {
        let remainder = self % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }
}
