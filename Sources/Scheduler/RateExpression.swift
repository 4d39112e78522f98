/// `rate(5 minutes)`: a fixed span of elapsed time.
struct RateExpression: Sendable, Hashable {
    /// The span in seconds; a day is 24 hours, whatever the clocks on the wall do.
    let seconds: Int

    private static let units = ["minute": 60, "hour": 3_600, "day": 86_400]

    /// Reads the text between the parentheses of `rate(…)`.
    init(parsing text: Substring) throws(CronFault) {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 2 else {
            throw CronFault(field: nil, text: "Should have a value and a unit, as in rate(5 minutes)")
        }
        guard words[0].utf8.allSatisfy({ (48...57).contains($0) }), let value = Int(words[0]), value > 0 else {
            throw CronFault(field: "value", text: "\"\(words[0])\" is not a whole number of at least 1")
        }
        let unit = words[1].hasSuffix("s") ? words[1].dropLast() : words[1]
        guard let span = Self.units[String(unit)] else {
            throw CronFault(field: "unit", text: "\"\(words[1])\" is not one of minute(s), hour(s), day(s)")
        }
        let expected = value == 1 ? String(unit) : "\(unit)s"
        guard words[1] == expected else {
            throw CronFault(
                field: "unit",
                text: "\"\(words[1])\" does not fit \(value), write \"\(value) \(expected)\""
            )
        }
        let (seconds, isTooLong) = value.multipliedReportingOverflow(by: span)
        guard !isTooLong, seconds <= 366 * 100 * 86_400 else {
            throw CronFault(field: "value", text: "\"\(words[0])\" is more than a hundred years")
        }
        self.seconds = seconds
    }

    /// The first moment after another that lies a whole number of spans after the anchor; the anchor is none.
    func next(after instant: Double, anchor: Double) -> Double {
        let elapsed = ((instant - anchor) / Double(seconds)).rounded(.down)
        return anchor + max(1, elapsed + 1) * Double(seconds)
    }
}
