import FoundationEssentials
import JSON
import StatesLanguage

/// What of the history of a state machine's executions is logged, and where: its `loggingConfiguration`.
struct LoggingConfiguration: Sendable, Equatable {
    /// Which events are logged.
    enum Level: String, Sendable {
        case all = "ALL"
        case error = "ERROR"
        case fatal = "FATAL"
        case off = "OFF"
    }

    var level: Level
    /// Whether inputs, outputs and what else users have made are logged too.
    var includesData: Bool
    /// The name of the log group.
    var group: String

    /// Reads the configurations of a state machine; `nil` when nothing is logged.
    ///
    /// Throws `InvalidLoggingConfiguration` without exactly one destination that is a log group.
    init?(_ options: JSON) throws(ExecutionError) {
        guard let json = options["loggingConfiguration"],
            let level = Level(rawValue: json["level"]?.string ?? Level.off.rawValue), level != .off
        else { return nil }
        let destinations = json["destinations"]?.array ?? []
        guard destinations.count == 1, let group = destinations[0]["cloudWatchLogsLogGroup"] else {
            throw .invalidLogging("Must specify exactly one Log Destination.")
        }
        guard let name = Self.group(ofArn: group["logGroupArn"]?.string ?? "") else {
            throw .invalidLogging("Log Destination not found.")
        }
        self.level = level
        includesData = json["includeExecutionData"]?.bool ?? false
        self.group = name
    }

    /// The name in `arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*`; `nil` for anything else.
    private static func group(ofArn arn: String) -> String? {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 7 || (parts.count == 8 && parts[7] == "*"), parts[0] == "arn", parts[2] == "logs",
            parts[5] == "log-group", (1...512).contains(parts[6].utf8.count)
        else { return nil }
        let isName = parts[6].utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "._-/#".utf8.contains(byte)
            }
        }
        return isName ? String(parts[6]) : nil
    }

    /// The lines for events of an execution, in their order; those below the level are left out.
    func lines(for events: [HistoryEvent], of execution: Execution) -> [String] {
        events.filter { level.includes($0.type) }.map { line(for: $0, of: execution) }
    }

    private func line(for event: HistoryEvent, of execution: Execution) -> String {
        var details = event.allDetails
        if !includesData { for key in JSON.dataMembers { details[key] = nil } }
        let line: JSON = [
            "id": .string(String(event.id)),
            "type": .string(event.type.rawValue),
            "details": .object(details),
            "previous_event_id": .string(String(event.previousID)),
            "event_timestamp": .string(String(Int((event.timestamp.timeIntervalSince1970 * 1000).rounded()))),
            "execution_arn": .string(execution.arn),
            "redrive_count": .string(String(execution.redriveCount)),
        ]
        return line.text
    }
}

extension LoggingConfiguration.Level {
    fileprivate func includes(_ type: HistoryEventType) -> Bool {
        switch self {
        case .all: true
        case .error: type == .failStateEntered || type.tellsOfFailure
        case .fatal: type == .executionAborted || type == .executionFailed || type == .executionTimedOut
        case .off: false
        }
    }
}

extension HistoryEventType {
    fileprivate var tellsOfFailure: Bool {
        ["Failed", "TimedOut", "Aborted"].contains { rawValue.hasSuffix($0) }
    }
}

extension JSON {
    /// The members of an event's details that hold what users have made.
    static let dataMembers = [
        "input", "inputDetails", "output", "outputDetails", "parameters", "error", "cause", "assignedVariables",
        "assignedVariablesDetails",
    ]
}

extension ExecutionError {
    fileprivate static func invalidLogging(_ fact: String) -> ExecutionError {
        ExecutionError(.invalidLoggingConfiguration, "Invalid Logging Configuration: \(fact)")
    }
}
