public import FoundationEssentials
public import JSON
public import StatesLanguage

/// A named definition that executions are started from.
public struct StateMachine: Sendable, Equatable {
    /// Its ARN.
    public var arn: String
    /// Its name, unique in the account.
    public var name: String
    /// How its executions are run; it never changes.
    public var type: StateMachineType
    /// The definition as its author wrote it.
    public var definition: String
    /// The role it was created with; kept, never assumed.
    public var roleArn: String
    /// When it was created.
    public var creationDate: Date
    /// When the definition was last changed.
    public var updateDate: Date
    /// The id of the definition's revision; `nil` until the first update, as on AWS.
    public var revisionId: String?
    /// Which stored definition this is; an execution keeps the one it began with.
    public var revision: Int64
    /// What the publisher said about it, if this is a version.
    public var description: String?
    /// The variables that each state reads, by the state's name; filled where a state machine is described.
    public var variableReferences: [String: [String]] = [:]
    /// Whether it goes once its last execution has ended.
    public var isDeleting = false
    /// `loggingConfiguration`, `tracingConfiguration` and their kin, as they were given.
    public var options: JSON

    /// The Map Run whose children run it; `nil` for one that is a state machine of its own.
    public var mapRunArn: String?
    /// The label of that run's state.
    public var label: String?

    /// A state machine of all its parts.
    public init(
        arn: String,
        name: String,
        type: StateMachineType = .standard,
        definition: String,
        roleArn: String,
        creationDate: Date,
        updateDate: Date? = nil,
        revisionId: String? = nil,
        revision: Int64 = 0,
        options: JSON = .object(JSONObject())
    ) {
        self.arn = arn
        self.name = name
        self.type = type
        self.definition = definition
        self.roleArn = roleArn
        self.creationDate = creationDate
        self.updateDate = updateDate ?? creationDate
        self.revisionId = revisionId
        self.revision = revision
        self.options = options
    }
}

extension StateMachine {
    /// The answer of `DescribeStateMachine`.
    public var json: JSON {
        var json = described
        json["status"] = isDeleting ? "DELETING" : "ACTIVE"
        json["creationDate"] = creationDate.json
        return json
    }

    /// The answer of `DescribeStateMachineForExecution`: the definition the execution began with.
    public var jsonForExecution: JSON {
        var json = described
        json["updateDate"] = updateDate.json
        json["type"] = nil
        if let mapRunArn { json["mapRunArn"] = .string(mapRunArn) }
        if let label { json["label"] = .string(label) }
        return json
    }

    /// The element of `ListStateMachines`.
    public var summaryJSON: JSON {
        [
            "stateMachineArn": .string(arn), "name": .string(name), "type": .string(type.rawValue),
            "creationDate": creationDate.json,
        ]
    }

    /// Logging, tracing and encryption as they are shown, with what is the case unless it was said.
    var configurations: JSONObject {
        var configurations: JSONObject = [
            "loggingConfiguration": ["level": "OFF", "includeExecutionData": false],
            "tracingConfiguration": ["enabled": false],
            "encryptionConfiguration": ["type": "AWS_OWNED_KEY"],
        ]
        for (key, value) in options.object ?? [:] {
            var members = configurations[key]?.object ?? [:]
            for (name, member) in value.object ?? [:] { members[name] = member }
            configurations[key] = .object(members)
        }
        return configurations
    }

    private var described: JSON {
        var json: JSON = [
            "stateMachineArn": .string(arn), "name": .string(name), "definition": .string(definition),
            "roleArn": .string(roleArn), "type": .string(type.rawValue),
        ]
        for (key, value) in configurations { json[key] = value }
        if !variableReferences.isEmpty {
            let names = variableReferences.sorted { $0.key < $1.key }
            json["variableReferences"] = .object(JSONObject(names.map { ($0, .array($1.map(JSON.string))) }))
        }
        if let description { json["description"] = .string(description) }
        if let revisionId { json["revisionId"] = .string(revisionId) }
        return json
    }
}

extension Date {
    /// Seconds since 1970, as the AWS JSON protocols write a timestamp.
    var json: JSON { .double((timeIntervalSince1970 * 1000).rounded() / 1000) }
}
