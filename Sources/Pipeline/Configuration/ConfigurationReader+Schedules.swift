internal import Foundation
internal import JSON
internal import Scheduler

/// The schedules of the sample's shapes, and how they behave.
extension ConfigurationReader {
    private static let scheduleKeys = ["full", "import", "timezone", "overlap", "catchUp", "jitter", "grace"]

    mutating func schedules(_ section: JSONObject, at path: String) -> PipelineConfiguration.Schedules {
        checkKeys(section, known: Self.scheduleKeys, at: path)
        let timeZone = optionalString(section["timezone"], at: "\(path).timezone") ?? "UTC"
        do throws(SchedulerError) {
            _ = try TimeZone(named: timeZone)
        } catch {
            refuse("\(path).timezone", "is not valid: \(error.message)")
        }
        let expressions = ["full", "import"].map { key in
            let expression = optionalString(section[key], at: "\(path).\(key)")
            if let expression { checkSchedule(expression, at: "\(path).\(key)") }
            return expression
        }
        var schedules = PipelineConfiguration.Schedules(
            full: expressions[0],
            imports: expressions[1],
            timeZone: timeZone
        )
        schedules.overlap = word(section["overlap"], at: "\(path).overlap") ?? schedules.overlap
        schedules.catchUp = word(section["catchUp"], at: "\(path).catchUp") ?? schedules.catchUp
        schedules.jitter = span(section["jitter"], in: 60...86_400, "a minute to a day", at: "\(path).jitter")
        schedules.grace = span(section["grace"], in: 0...31_536_000, "0 seconds to a year", at: "\(path).grace")
        return schedules
    }

    /// One of a few words.
    private mutating func word<Word: RawRepresentable<String> & CaseIterable>(_ value: JSON?, at path: String) -> Word?
    {
        guard let text = optionalString(value, at: path) else { return nil }
        if let word = Word(rawValue: text) { return word }
        let known = Word.allCases.map(\.rawValue)
        let hint = NearestName.find(text, among: known).map { ", did you mean \"\($0)\"?" }
        let list = known.map { "\"\($0)\"" }.joined(separator: ", ")
        refuse(path, "\"\(text)\" is not known\(hint ?? "; write one of \(list)")")
        return nil
    }

    /// A length of time within bounds.
    private mutating func span(
        _ value: JSON?,
        in bounds: ClosedRange<Double>,
        _ words: String,
        at path: String
    ) -> TimeSpan? {
        guard let text = optionalString(value, at: path) else { return nil }
        guard let span = TimeSpan(text), bounds.contains(span.seconds) else {
            refuse(path, "\"\(text)\" must be a length of time from \(words), such as \"15 minutes\"")
            return nil
        }
        return span
    }
}
