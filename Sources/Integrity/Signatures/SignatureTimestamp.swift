public import struct FoundationEssentials.Date

/// The moment of a signature: `20130524T000000Z`.
public struct SignatureTimestamp: Sendable, Hashable {
    /// As it is written.
    public let text: String
    /// In whole seconds since 1970.
    public let seconds: Int

    /// The day alone, as scopes have it: `20130524`.
    public var day: String { String(text.prefix(8)) }

    /// Reads a moment; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z") else { return nil }
        var numbers: [Int] = []
        for range in [0..<4, 4..<6, 6..<8, 9..<11, 11..<13, 13..<15] {
            var number = 0
            for byte in bytes[range] {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                number = number * 10 + Int(byte - UInt8(ascii: "0"))
            }
            numbers.append(number)
        }
        guard (1...12).contains(numbers[1]), (1...31).contains(numbers[2]), numbers[3] < 24, numbers[4] < 60,
            numbers[5] < 61
        else { return nil }
        self.text = String(text)
        let days = Self.days(year: numbers[0], month: numbers[1], day: numbers[2])
        seconds = days * 86_400 + numbers[3] * 3600 + numbers[4] * 60 + numbers[5]
    }

    /// A moment, to the second.
    public init(_ date: Date) {
        seconds = Int(date.timeIntervalSince1970.rounded(.down))
        let day = seconds.quotientFloored(by: 86_400)
        let second = seconds - day * 86_400
        let (year, month, dayOfMonth) = Self.civil(days: day)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let years = String(repeating: "0", count: max(0, 4 - "\(year)".count)) + "\(year)"
        text =
            "\(years)\(two(month))\(two(dayOfMonth))T\(two(second / 3600))\(two(second / 60 % 60))\(two(second % 60))Z"
    }

    /// Days since 1970 in the Gregorian calendar, counted in years that begin in March.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = year.quotientFloored(by: 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted.quotientFloored(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let isNewYear = month >= 10
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        return (era * 400 + yearOfEra + (isNewYear ? 1 : 0), isNewYear ? month - 9 : month + 3, day)
    }
}

extension Int {
    fileprivate func quotientFloored(by divisor: Int) -> Int {
        self >= 0 ? self / divisor : -((divisor - 1 - self) / divisor)
    }
}
