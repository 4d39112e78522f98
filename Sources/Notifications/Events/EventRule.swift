public import JSON
public import struct FoundationEssentials.Date

/// What happens to events that match a pattern: they are published to the rule's targets.
public struct EventRule: Sendable, Hashable {
    /// The name; 1 to 64 letters, digits, dots, hyphens and underscores.
    public var name: String
    /// `arn:aws:events:REGION:ACCOUNT:rule/NAME`.
    public var arn: String
    /// The pattern as JSON text, as its author wrote it.
    public var pattern: String
    /// Whether it looks at events.
    public var isEnabled: Bool
    /// What its author said of it.
    public var description: String?
    /// When it was made.
    public var createdAt: Date
    /// Where matching events go, oldest first.
    public var targets: [EventTarget]

    /// A rule of known parts.
    public init(
        name: String,
        arn: String,
        pattern: String,
        isEnabled: Bool = true,
        description: String? = nil,
        createdAt: Date,
        targets: [EventTarget] = []
    ) {
        self.name = name
        self.arn = arn
        self.pattern = pattern
        self.isEnabled = isEnabled
        self.description = description
        self.createdAt = createdAt
        self.targets = targets
    }
}

/// A topic that the events of a rule are published to.
public struct EventTarget: Sendable, Hashable {
    /// Its id, unique in the rule.
    public var id: String
    /// The topic.
    public var arn: String
    /// What is published instead of the event: `Input`, `InputPath` or `InputTransformer`, as EventBridge has them.
    public var input: JSON

    /// A target of known parts.
    public init(id: String, arn: String, input: JSON = [:]) {
        self.id = id
        self.arn = arn
        self.input = input
    }
}

/// Something that happened.
public struct Event: Sendable, Hashable {
    /// Its id; the same event told twice has it twice.
    public var id: String
    /// Who tells it: `com.example.shop`, `aws.states`.
    public var source: String
    /// What kind of thing.
    public var detailType: String
    /// What happened.
    public var detail: JSON
    /// What it happened to.
    public var resources: [String]
    /// When.
    public var time: Date

    /// An event of all its parts.
    public init(id: String, source: String, detailType: String, detail: JSON, resources: [String], time: Date) {
        self.id = id
        self.source = source
        self.detailType = detailType
        self.detail = detail
        self.resources = resources
        self.time = time
    }
}
