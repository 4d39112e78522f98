import FoundationEssentials

extension Builtin {
    static let times: [Entry] = [
        ("now", "<s?s?:s>", now),
        ("millis", "<:n>", { (call) throws(JSONataError) in .number(try call.milliseconds) }),
        ("fromMillis", "<n-s?s?:s>", fromMillis),
        ("toMillis", "<s-s?:n>", toMillis),
    ]

    @Sendable private static func now(_ call: Invocation) throws(JSONataError) -> Value? {
        if call[0] != nil { throw call.unsupported("the picture of $now") }
        return .string(try Timestamp(milliseconds: call.milliseconds, offset: call.offset(1)).text)
    }

    @Sendable private static func fromMillis(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let milliseconds = call.number(0) else { return nil }
        if call[1] != nil { throw call.unsupported("the picture of $fromMillis") }
        return .string(Timestamp(milliseconds: milliseconds, offset: try call.offset(2)).text)
    }

    @Sendable private static func toMillis(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let text = call.string(0) else { return nil }
        if call[1] != nil { throw call.unsupported("the picture of $toMillis") }
        guard let timestamp = Timestamp(parsing: text) else {
            throw call.fault("D3110", "\"\(text)\" is not a time in the form of ISO 8601, as 2026-11-21T09:30:00.000Z")
        }
        return .number(timestamp.milliseconds)
    }
}

extension Invocation {
    fileprivate var milliseconds: Double {
        get throws(JSONataError) {
            guard let now = evaluator.options.now else {
                throw unsupported("the time, which this place does not give,")
            }
            return (now.timeIntervalSince1970 * 1_000).rounded(.down)
        }
    }

    /// A time zone such as `+0100`, in minutes.
    fileprivate func offset(_ index: Int) throws(JSONataError) -> Int {
        guard let text = string(index), text != "Z" else { return 0 }
        let digits = text.dropFirst()
        guard let sign = text.first, "+-".contains(sign), digits.count == 4, let number = Int(digits) else {
            throw fault("D3134", "the time zone \"\(text)\" must be of the form +0100")
        }
        return (number / 100 * 60 + number % 100) * (sign == "-" ? -1 : 1)
    }
}

/// A moment, and how many minutes the wall on which it is shown is ahead of UTC.
struct Timestamp {
    let milliseconds: Double
    var offset = 0

    init(milliseconds: Double, offset: Int = 0) {
        self.milliseconds = milliseconds
        self.offset = offset
    }

    /// `2017-11-07T15:07:54.972Z`, or with an offset in place of the `Z`.
    var text: String {
        let shown = milliseconds + Double(offset) * 60_000
        let date = Date(timeIntervalSince1970: (shown / 1_000).rounded(.down))
        let fraction = Int(shown - (shown / 1_000).rounded(.down) * 1_000)
        let whole = date.formatted(.iso8601).dropLast()
        let padded = String(repeating: "0", count: 3 - String(fraction).count) + String(fraction)
        return "\(whole).\(padded)\(zone)"
    }

    private var zone: String {
        guard offset != 0 else { return "Z" }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(offset < 0 ? "-" : "+")\(two(abs(offset) / 60)):\(two(abs(offset) % 60))"
    }

    /// Reads ISO 8601: a year, month or day, or a time of day with or without fraction and zone.
    init?(parsing text: String) {
        let parts = text.split(separator: "T", maxSplits: 1)
        var date = parts.first.map(String.init) ?? ""
        for missing in ["-01-01", "-01"] where date.count + missing.count == 10 { date += missing }
        guard date.count == 10, let day = try? Date("\(date)T00:00:00Z", strategy: .iso8601) else { return nil }
        guard parts.count == 2 else {
            milliseconds = day.timeIntervalSince1970 * 1_000
            return
        }
        guard let time = Self.secondsOfDay(parts[1]) else { return nil }
        milliseconds = ((day.timeIntervalSince1970 + time) * 1_000).rounded()
    }

    /// `15:07:54.972+01:00` as seconds after midnight UTC.
    private static func secondsOfDay(_ text: Substring) -> Double? {
        let clock = text.prefix { $0.isNumber || $0 == ":" || $0 == "." }
        let fields = clock.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(fields.count), let hours = Int(fields[0]), let minutes = Int(fields[1]),
            let seconds = fields.count == 3 ? Double(fields[2]) : 0, let zone = zoneSeconds(text[clock.endIndex...]),
            hours < 24, minutes < 60, seconds < 60
        else { return nil }
        return Double(hours * 3_600 + minutes * 60) + seconds - zone
    }

    private static func zoneSeconds(_ text: Substring) -> Double? {
        if text.isEmpty || text == "Z" { return 0 }
        let digits = text.dropFirst().filter { $0 != ":" }
        guard let sign = text.first, "+-".contains(sign), digits.count == 4, let number = Int(digits) else {
            return nil
        }
        return Double((number / 100 * 60 + number % 100) * 60) * (sign == "-" ? -1 : 1)
    }
}
