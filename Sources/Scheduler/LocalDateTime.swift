/// `2026-12-01T09:00:00`: a date and time as shown on a wall.
struct LocalDateTime: Sendable, Hashable {
    /// Seconds since 1970-01-01T00:00:00 on the same wall.
    let reading: Int

    /// Reads the text between the parentheses of `at(…)`.
    init(parsing text: Substring) throws(CronFault) {
        guard let numbers = Self.numbers(in: text) else {
            throw CronFault(field: nil, text: "\"\(text)\" is not of the form at(yyyy-mm-ddThh:mm:ss), without a zone")
        }
        let (year, month, day) = (numbers[0], numbers[1], numbers[2])
        guard (1...12).contains(month), day >= 1, day <= LocalDate.daysInMonth(month, of: year) else {
            throw CronFault(field: nil, text: "\"\(text)\" is not a day of the calendar")
        }
        guard numbers[3] < 24, numbers[4] < 60, numbers[5] < 60 else {
            throw CronFault(field: nil, text: "\"\(text)\" is not a time of the day, write 00:00:00 to 23:59:59")
        }
        let days = LocalDate(year: year, month: month, day: day).dayNumber
        reading = days * 86_400 + numbers[3] * 3_600 + numbers[4] * 60 + numbers[5]
    }

    private static func numbers(in text: Substring) -> [Int]? {
        let pattern = Array("dddd-dd-ddTdd:dd:dd".utf8)
        let bytes = Array(text.utf8)
        guard bytes.count == pattern.count else { return nil }
        var numbers = [0]
        for (byte, sign) in zip(bytes, pattern) {
            if sign == UInt8(ascii: "d") {
                guard (48...57).contains(byte) else { return nil }
                numbers[numbers.count - 1] = numbers[numbers.count - 1] * 10 + Int(byte - 48)
            } else {
                guard byte == sign else { return nil }
                numbers.append(0)
            }
        }
        return numbers
    }
}
