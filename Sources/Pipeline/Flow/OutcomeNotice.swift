internal import DurableExecution
internal import FoundationEssentials
internal import JSON

/// What the world hears of the end of an execution.
struct OutcomeNotice: Sendable {
    let executionARN: String
    let stateMachine: String
    let name: String
    var redriveCount: Int
    let status: Execution.Status
    var error: String?
    var cause: String?
    var state: String?
    var datasetGroup: String?
    /// How to go on after a failure.
    var remedy: String?

    /// The same for every telling of this end, whoever tells it: a receiver hears of it once.
    var deduplicationKey: String { "\(executionARN)#\(redriveCount)/\(status.rawValue)" }

    var subject: String {
        let what = datasetGroup.map { "\"\($0)\"" } ?? name
        return switch status {
        case .succeeded: "Millrace: \(what) succeeded"
        case .failed: "Millrace: \(what) failed"
        case .timedOut: "Millrace: \(what) timed out"
        case .aborted: "Millrace: \(what) was stopped"
        case .running, .pendingRedrive: "Millrace: \(what) runs"
        }
    }

    /// The notice for people, around what the definition itself had to say.
    func text(_ message: String?) -> String {
        var lines = message.map { [Excerpt.of($0), ""] } ?? []
        lines.append("Execution:     \(name)")
        lines.append("State machine: \(stateMachine)")
        lines.append("Status:        \(status.rawValue)")
        if let state { lines.append("State:         \(state)") }
        if let error { lines.append("Error:         \(error)") }
        if let cause { lines.append("Cause:         \(Excerpt.of(cause))") }
        if status != .succeeded {
            lines += ["", "History:   millrace executions history \(name)"]
            lines.append("Go on:     \(remedy ?? "millrace executions redrive \(name)")")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The notice for programs.
    func payload(_ message: String?, subject: String) -> JSON {
        [
            "type": .string("execution.\(status.rawValue.lowercased())"), "executionArn": .string(executionARN),
            "stateMachine": .string(stateMachine), "name": .string(name), "status": .string(status.rawValue),
            "redriveCount": .init(redriveCount), "datasetGroup": .init(datasetGroup), "state": .init(state),
            "error": .init(error), "cause": .init(cause.map(Excerpt.of)), "subject": .string(subject),
            "message": .init(message.map(Excerpt.of)),
        ]
    }
}

/// The beginning of a text that may be too long to be told.
enum Excerpt {
    /// A notice has a text four times, and a message may have 256 KiB.
    static let limit = 16_000

    /// The text, if need be cut at a character's border and marked so.
    static func of(_ text: String) -> String {
        guard text.utf8.count > limit else { return text }
        var size = 0
        let kept = text.prefix { character in
            size += character.utf8.count
            return size <= limit
        }
        return "\(kept)… (\(text.utf8.count - kept.utf8.count) more bytes)"
    }
}
