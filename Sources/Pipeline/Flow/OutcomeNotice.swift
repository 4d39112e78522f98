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
    /// Whether the run is of a configuration of AWS's own successor, whose texts its readers know.
    var isMaintained = false
    /// The campaigns that were not moved to the new version.
    var keptCampaigns: [KeptCampaign] = []
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
        if !keptCampaigns.isEmpty { lines += keptCampaigns.map(\.text) + [""] }
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
        var payload: JSON = [
            "type": .string("execution.\(status.rawValue.lowercased())"), "executionArn": .string(executionARN),
            "stateMachine": .string(stateMachine), "name": .string(name), "status": .string(status.rawValue),
            "redriveCount": .init(redriveCount), "datasetGroup": .init(datasetGroup), "state": .init(state),
            "error": .init(error), "cause": .init(cause.map(Excerpt.of)), "subject": .string(subject),
            "message": .init(message.map(Excerpt.of)),
        ]
        if !keptCampaigns.isEmpty { payload["notPromoted"] = .array(keptCampaigns.map(\.json)) }
        payload["update"] = maintenance?.json
        return payload
    }

    /// What AWS's own successor would say of this end; `nil` for other runs.
    var maintenance: MaintenanceNotice? {
        guard isMaintained, let datasetGroup else { return nil }
        // The whole cause stands beside it.
        let failure = [error, cause.map { String($0.prefix(1000)) }].compactMap(\.self).joined(separator: ": ")
        return MaintenanceNotice(
            datasetGroup: datasetGroup,
            execution: name,
            failure: status == .succeeded ? nil : failure
        )
    }
}

/// A campaign that a run did not move to the version that it has trained.
struct KeptCampaign: Sendable {
    let arn: String
    let decision: String
    let reason: String

    /// Those that the output of a run's deployments tells of.
    static func all(in deployments: JSON?) -> [KeptCampaign] {
        (deployments?.array ?? []).flatMap { $0["campaigns"]?.array ?? [] }.compactMap { campaign in
            guard let promotion = campaign["promotion"], let decision = promotion["Decision"]?.string else {
                return nil
            }
            return KeptCampaign(
                arn: campaign["campaignArn"]?.string ?? "",
                decision: decision,
                reason: String((promotion["Reason"]?.string ?? "").prefix(1000))
            )
        }
    }

    private var name: Substring { arn.split(separator: "/").last ?? "" }

    var text: String { "Campaign \"\(name)\" was not moved to the new version (\(decision)): \(reason)." }

    var json: JSON {
        ["campaignArn": .string(arn), "decision": .string(decision), "reason": .string(reason)]
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
