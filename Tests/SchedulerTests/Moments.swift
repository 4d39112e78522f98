import Foundation

@testable import Scheduler

extension Date {
    /// A moment written as `2026-03-29T01:00:00Z`.
    init(_ text: String) {
        self = try! Date(text, strategy: .iso8601)
    }

    var text: String { formatted(.iso8601) }
}

extension ScheduleExpression {
    /// The next so many firing times as text.
    func next(_ count: Int, after start: String, in zone: String = "UTC", anchor: String? = nil) throws -> [String] {
        let timeZone = try TimeZone(named: zone)
        var times: [String] = []
        var time = Date(start)
        while times.count < count {
            let anchor = anchor.map { Date($0) } ?? .distantPast
            guard let next = next(after: time, in: timeZone, anchor: anchor) else { break }
            times.append(next.text)
            time = next
        }
        return times
    }
}
