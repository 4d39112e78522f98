/// A moment written after ISO 8601, read as JavaScript's `Date.parse` reads it.
struct Timestamp {
    let milliseconds: Double

    init?(parsing text: String) {
        var rest = text.utf8[...]
        guard let year = Self.digits(4, &rest) else { return nil }
        var month = 1
        var day = 1
        if Self.take("-", &rest) {
            guard let number = Self.digits(2, &rest) else { return nil }
            month = number
            if Self.take("-", &rest) {
                guard let number = Self.digits(2, &rest) else { return nil }
                day = number
            }
        }
        guard (1...12).contains(month), (1...31).contains(day) else { return nil }
        let midnight = Double(CivilTime.days(year: year, month: month) + day - 1) * 86_400_000
        guard !rest.isEmpty else {
            milliseconds = midnight
            return
        }
        guard let time = Self.time(&rest), let zone = Self.zoneMinutes(&rest), rest.isEmpty else { return nil }
        milliseconds = midnight + time - zone * 60_000
    }

    /// `T15:07:54.972` in milliseconds.
    private static func time(_ rest: inout Substring.UTF8View) -> Double? {
        guard take("T", &rest) else { return 0 }
        guard let hour = digits(2, &rest), take(":", &rest), let minute = digits(2, &rest), take(":", &rest),
            let second = digits(2, &rest), minute < 60, second < 60
        else { return nil }
        var fraction = 0
        if take(".", &rest) {
            let digits = rest.prefix { $0 >= 48 && $0 <= 57 }
            rest = rest.dropFirst(digits.count)
            guard !digits.isEmpty else { return nil }
            let first = String(decoding: digits.prefix(3), as: UTF8.self)
            fraction = Int(first + String(repeating: "0", count: 3 - first.utf8.count)) ?? 0
        }
        guard hour < 24 || (hour == 24 && minute == 0 && second == 0 && fraction == 0) else { return nil }
        return Double((hour * 3_600 + minute * 60 + second) * 1_000 + fraction)
    }

    /// `Z`, `+0100` or `+01:00`; UTC where there is none.
    private static func zoneMinutes(_ rest: inout Substring.UTF8View) -> Double? {
        if rest.isEmpty || take("Z", &rest) { return 0 }
        let isNegative = take("-", &rest)
        guard isNegative || take("+", &rest), let hours = digits(2, &rest) else { return nil }
        _ = take(":", &rest)
        guard let minutes = digits(2, &rest), hours < 24, minutes < 60 else { return nil }
        return Double(hours * 60 + minutes) * (isNegative ? -1 : 1)
    }

    private static func take(_ character: Unicode.Scalar, _ rest: inout Substring.UTF8View) -> Bool {
        guard rest.first.map({ UInt32($0) }) == character.value else { return false }
        rest.removeFirst()
        return true
    }

    private static func digits(_ count: Int, _ rest: inout Substring.UTF8View) -> Int? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        rest = rest.dropFirst(count)
        return Int(String(decoding: digits, as: UTF8.self))
    }
}
