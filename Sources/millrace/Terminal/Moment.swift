import Foundation
import JSON

/// Times as people read them, in the machine's time zone.
enum Moment {
    static func text(_ value: JSON?) -> String { format(value, "yyyy-MM-dd HH:mm:ss") }

    static func time(_ value: JSON?) -> String { format(value, "HH:mm:ss.SSS") }

    /// The time between two moments; up to now where the second is missing.
    static func duration(from start: JSON?, to end: JSON?) -> String {
        guard let start = start?.double else { return "" }
        let end = end?.double ?? Date().timeIntervalSince1970
        return seconds(max(0, end - start))
    }

    static func seconds(_ seconds: Double) -> String {
        switch seconds {
        case ..<10: String(format: "%.1f s", seconds)
        case ..<60: "\(Int(seconds)) s"
        case ..<3600: "\(Int(seconds) / 60) min \(Int(seconds) % 60) s"
        case ..<86400: "\(Int(seconds) / 3600) h \(Int(seconds) % 3600 / 60) min"
        default: "\(Int(seconds) / 86400) d \(Int(seconds) % 86400 / 3600) h"
        }
    }

    private static func format(_ value: JSON?, _ pattern: String) -> String {
        guard let seconds = value?.double else { return "" }
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = pattern
        return formatter.string(from: Date(timeIntervalSince1970: seconds))
    }
}
