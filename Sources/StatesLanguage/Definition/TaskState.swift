import JSON

/// The fields of a Task state.
struct TaskState: Sendable {
    var resource: TaskResource
    /// `Parameters`, or `Arguments` of JSONata.
    var arguments: Template?
    var result: ResultFields
    var handling: ErrorHandling
    var timeout: Limit?
    var heartbeat: Limit?
    var credentials: Template?
}

/// What becomes of a result: `ResultSelector` and `ResultPath`; JSONata has `Output` instead, for states of all types.
struct ResultFields: Sendable {
    var selector: PayloadTemplate?
    var path: ResultPath
}

/// A number that is written down, found by a path or computed.
enum Limit: Sendable, Equatable {
    case value(Int)
    case path(JSONPath)
    case expression(JSONataExpression)
}

/// The resource of a Task: whom to ask, and how the answer comes.
struct TaskResource: Sendable, Equatable {
    /// The ARN, as the definition has it.
    let text: String
    let kind: Kind

    enum Kind: Sendable, Equatable {
        /// A bare Lambda function.
        case lambda
        /// An activity, whose workers poll for tasks.
        case activity
        /// A service integration, with history's `resourceType` and `resource`.
        case service(type: String, resource: String, Pattern)
    }

    enum Pattern: Sendable, Equatable {
        case requestResponse
        case sync
        case waitForTaskToken
    }

    /// Reads an ARN; `nil` when it names nothing that a Task can ask.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", !parts[1].isEmpty, !parts[5].isEmpty else { return nil }
        self.text = text
        switch parts[2] {
        case "lambda" where parts[5].hasPrefix("function:"): kind = .lambda
        case "states" where parts[5].hasPrefix("activity:"): kind = .activity
        case "states":
            guard let kind = Self.service(parts[5]) else { return nil }
            self.kind = kind
        default: return nil
        }
    }

    private static func service(_ name: Substring) -> Kind? {
        var call = name
        var suffix = ""
        for pattern in [".sync:2", ".sync", ".waitForTaskToken"] where name.hasSuffix(pattern) {
            call = name.dropLast(pattern.count)
            suffix = pattern
            break
        }
        guard let colon = call.lastIndex(of: ":"), colon > call.startIndex, call.index(after: colon) < call.endIndex
        else { return nil }
        return .service(
            type: String(call[..<colon]),
            resource: call[call.index(after: colon)...] + suffix,
            suffix.isEmpty ? .requestResponse : suffix == ".waitForTaskToken" ? .waitForTaskToken : .sync
        )
    }

    /// How AWS names the task in its texts: the service, or the ARN of a function or an activity.
    var displayName: String {
        if case .service(let type, _, _) = kind { type } else { text }
    }
}
