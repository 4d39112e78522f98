public import struct FoundationEssentials.Date

/// What messages are published to and subscriptions listen to.
public struct Topic: Sendable, Hashable {
    /// `arn:aws:sns:REGION:ACCOUNT:NAME`.
    public let arn: String
    /// When it was made.
    public let createdAt: Date

    /// A topic of known parts.
    public init(arn: String, createdAt: Date) {
        self.arn = arn
        self.createdAt = createdAt
    }

    /// The last part of the ARN.
    public var name: String { arn.lastIndex(of: ":").map { String(arn[arn.index(after: $0)...]) } ?? arn }

    /// The attributes that a topic can be given.
    static let attributeNames: Set<String> = [
        "DeliveryPolicy", "DisplayName", "KmsMasterKeyId", "Policy", "SignatureVersion", "TracingConfig",
    ]

    static func validateName(_ name: String) throws(NotificationError) {
        let isValid =
            (1...256).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
        guard isValid else {
            throw NotificationError(
                .invalidParameter,
                "topic name \"\(name)\" must be 1 to 256 letters, digits, hyphens or underscores"
            )
        }
    }
}

/// Somebody who listens to a topic.
public struct Subscription: Sendable, Hashable {
    /// The topic's ARN with an id at its end.
    public let arn: String
    /// The topic.
    public let topicARN: String
    /// Where the messages go.
    public let endpoint: Endpoint
    /// The key a webhook is signed with; `nil` for the one of the home.
    public let secret: WebhookSecret?
    /// When it was made.
    public let createdAt: Date
    /// How long messages are gathered into one, in seconds; `nil` sends each by itself.
    public var digestSeconds: Int?

    /// A subscription of known parts, without a digest.
    public init(arn: String, topicARN: String, endpoint: Endpoint, secret: WebhookSecret?, createdAt: Date) {
        self.arn = arn
        self.topicARN = topicARN
        self.endpoint = endpoint
        self.secret = secret
        self.createdAt = createdAt
    }
}
