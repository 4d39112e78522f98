/// The six fields of `cron(minutes hours day-of-month month day-of-week year)`, as sets.
struct CronExpression: Sendable, Hashable {
    /// Which days a month's fields select.
    enum Days: Sendable, Hashable {
        case ofMonth(DaysOfMonth)
        case ofWeek(DaysOfWeek)
    }

    /// A day-of-month field.
    struct DaysOfMonth: Sendable, Hashable {
        /// Plain days.
        var days: BitSet = []
        /// Days before the last one: `L` is 0, `L-3` is 3.
        var beforeLast: Set<Int> = []
        /// The weekday nearest to a day: `15W`.
        var nearestWeekdays: Set<Int> = []
        /// The month's last weekday: `LW`.
        var includesLastWeekday = false
    }

    /// A day-of-week field; Sunday is 1.
    struct DaysOfWeek: Sendable, Hashable {
        /// Plain days.
        var days: BitSet = []
        /// The last such day of the month: `6L`.
        var last: Set<Int> = []
        /// The n-th such day of the month: `2#1`.
        var nth: Nth?

        struct Nth: Sendable, Hashable {
            let weekday: Int
            let occurrence: Int
        }
    }

    static let years = 1970...2199

    var minutes: BitSet
    var hours: BitSet
    /// Whether the hours are `*`: such a schedule goes by elapsed time when clocks are changed.
    var isEveryHour: Bool
    var months: BitSet
    var days: Days
    /// The chosen years, ascending.
    var chosenYears: [Int]
}

/// A set of small numbers, 0 to 63.
struct BitSet: Sendable, Hashable, ExpressibleByArrayLiteral {
    private(set) var bits: UInt64 = 0

    init(arrayLiteral elements: Int...) {
        for element in elements { insert(element) }
    }

    init(_ elements: some Sequence<Int>) {
        for element in elements { insert(element) }
    }

    var isEmpty: Bool { bits == 0 }

    mutating func insert(_ element: Int) { bits |= 1 << UInt64(element) }

    mutating func formUnion(_ other: BitSet) { bits |= other.bits }

    func contains(_ element: Int) -> Bool { bits & (1 << UInt64(element)) != 0 }

    /// The smallest member that is at least this.
    func first(from minimum: Int) -> Int? {
        guard minimum < 64 else { return nil }
        let rest = bits & (UInt64.max << UInt64(minimum))
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }
}

// MARK: - Days of a month

extension CronExpression {
    /// The days that the expression selects in a month.
    func selectedDays(in month: Int, of year: Int) -> BitSet {
        let month = Month(year: year, month: month)
        return switch days {
        case .ofMonth(let rule): rule.selected(in: month)
        case .ofWeek(let rule): rule.selected(in: month)
        }
    }
}

private struct Month {
    let year: Int
    let month: Int
    let length: Int
    /// The weekday of the first, Sunday being 1.
    let firstWeekday: Int

    init(year: Int, month: Int) {
        self.year = year
        self.month = month
        length = LocalDate.daysInMonth(month, of: year)
        firstWeekday = LocalDate(year: year, month: month, day: 1).weekday
    }

    func weekday(of day: Int) -> Int { (firstWeekday + day - 2) % 7 + 1 }

    /// The first day that falls on a weekday.
    func first(_ weekday: Int) -> Int { (weekday - firstWeekday + 7) % 7 + 1 }

    /// Monday to Friday nearest to a day, without leaving the month.
    func nearestWeekday(to day: Int) -> Int {
        switch weekday(of: day) {
        case 7: day > 1 ? day - 1 : day + 2
        case 1: day < length ? day + 1 : day - 2
        default: day
        }
    }
}

extension CronExpression.DaysOfMonth {
    fileprivate func selected(in month: Month) -> BitSet {
        var selected = BitSet((1...month.length).filter(days.contains))
        for offset in beforeLast where month.length - offset >= 1 { selected.insert(month.length - offset) }
        for day in nearestWeekdays where day <= month.length { selected.insert(month.nearestWeekday(to: day)) }
        if includesLastWeekday { selected.insert(month.nearestWeekday(to: month.length)) }
        return selected
    }
}

extension CronExpression.DaysOfWeek {
    fileprivate func selected(in month: Month) -> BitSet {
        var selected = BitSet((1...month.length).filter { days.contains(month.weekday(of: $0)) })
        for weekday in last { selected.insert(month.first(weekday) + (month.length - month.first(weekday)) / 7 * 7) }
        if let nth {
            let day = month.first(nth.weekday) + (nth.occurrence - 1) * 7
            if day <= month.length { selected.insert(day) }
        }
        return selected
    }
}
