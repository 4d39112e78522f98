public import Foundation

/// When a schedule fires: `cron(…)`, `rate(…)` or `at(…)`, with EventBridge Scheduler's meaning.
///
/// | form | example | fires |
/// | --- | --- | --- |
/// | `cron(minutes hours day-of-month month day-of-week year)` | `cron(0 3 ? * MON-FRI *)` | at 03:00, Monday to Friday |
/// | `rate(value unit)` | `rate(12 hours)` | each twelve hours of elapsed time after its anchor |
/// | `at(yyyy-mm-ddThh:mm:ss)` | `at(2026-12-01T09:00:00)` | once |
///
/// **Daylight saving.** A `cron` time that does not exist, since clocks went forward over it, is skipped that day;
/// one that exists twice, since clocks went back, fires once, at the first. A `cron` whose hours are `*` goes by
/// elapsed time, so it keeps its pace through both. An `at` time that does not exist fires as soon as clocks have gone
/// forward, since it has no second chance. A `rate` knows no clocks on walls: a day is 24 hours.
public struct ScheduleExpression: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: Sendable, Hashable {
        case cron(CronExpression)
        case rate(RateExpression)
        case at(LocalDateTime)
    }

    /// The expression as it was written.
    public let text: String
    private let kind: Kind

    /// Reads an expression; throws a `ValidationException` that names the field, the fault and a remedy.
    public init(_ text: String) throws(SchedulerError) {
        guard let (name, body) = Self.call(in: text) else {
            throw SchedulerError(.validation, "invalid ScheduleExpression \"\(text)\"\(Self.remedy(for: text))")
        }
        self.text = text
        do {
            kind =
                switch name {
                case "cron": .cron(try CronExpression(parsing: body))
                case "rate": .rate(try RateExpression(parsing: body))
                default: .at(try LocalDateTime(parsing: body))
                }
        } catch {
            let place = error.field.map { " \($0): " } ?? " \(text). "
            throw SchedulerError(.validation, "invalid \(name) ScheduleExpression\(place)\(error.text)")
        }
    }

    /// The expression as it was written.
    public var description: String { text }

    /// Whether it can fire more than once.
    public var isRecurring: Bool {
        if case .at = kind { false } else { true }
    }

    /// The span of a rate in seconds.
    var rateSpan: Double? {
        if case .rate(let rate) = kind { Double(rate.seconds) } else { nil }
    }

    /// The first time after a moment at which the expression fires; `nil` when it never does again.
    ///
    /// A rate counts from the anchor and first fires one span after it; the other forms do not look at it.
    public func next(after date: Date, in timeZone: TimeZone, anchor: Date = .distantPast) -> Date? {
        let clock = WallClock(timeZone: timeZone)
        switch kind {
        case .cron(let cron):
            let instant = Int(date.timeIntervalSince1970.rounded(.down))
            return cron.next(after: instant, on: clock).map { Date(timeIntervalSince1970: Double($0)) }
        case .rate(let rate):
            let next = rate.next(after: date.timeIntervalSince1970, anchor: anchor.timeIntervalSince1970)
            return Date(timeIntervalSince1970: next)
        case .at(let time):
            let instant = clock.instants(showing: time.reading).first ?? clock.endOfGap(around: time.reading)
            let next = Date(timeIntervalSince1970: Double(instant))
            return next > date ? next : nil
        }
    }

    /// The last so many firing times within a range, in order.
    ///
    /// Looks back from the end in growing steps, so a long range of a frequent schedule is not walked through.
    public func last(
        _ count: Int,
        from start: Date,
        through end: Date,
        in timeZone: TimeZone,
        anchor: Date = .distantPast
    ) -> [Date] {
        var window = 60.0 * Double(max(count, 1))
        while true {
            let from = max(start.addingTimeInterval(-1), end.addingTimeInterval(-window))
            let found = times(after: from, through: end, in: timeZone, anchor: anchor)
            let isWholeRange = from < start
            if isWholeRange || found.count >= count {
                return Array(found.drop { $0 < start }.suffix(count))
            }
            window *= 2
        }
    }

    private func times(after start: Date, through end: Date, in timeZone: TimeZone, anchor: Date) -> [Date] {
        var times: [Date] = []
        var time = next(after: start, in: timeZone, anchor: anchor)
        while let current = time, current <= end {
            times.append(current)
            time = next(after: current, in: timeZone, anchor: anchor)
        }
        return times
    }

    private static func call(in text: String) -> (name: String, body: Substring)? {
        guard text.hasSuffix(")"), let open = text.firstIndex(of: "(") else { return nil }
        let name = String(text[..<open])
        guard ["cron", "rate", "at"].contains(name) else { return nil }
        return (name, text[text.index(after: open)...].dropLast())
    }

    private static func remedy(for text: String) -> String {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        switch words.count {
        case 6 where !text.contains("("): return ", write \"cron(\(text))\""
        case 5 where !text.contains("(") && !words[4].contains(where: \.isNumber):
            let isEveryDayOfWeek = words[4] == "*"
            let fields = isEveryDayOfWeek ? words[..<4] + ["?"] : words[..<2] + ["?"] + words[3...]
            return ", write \"cron(\(fields.joined(separator: " ")) *)\""
        default: return ", write cron(…), rate(…) or at(…)"
        }
    }
}
