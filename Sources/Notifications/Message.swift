public import JSON
public import struct FoundationEssentials.Date

/// What is published to a topic.
public struct Message: Sendable, Hashable {
    /// One line; the subject of a mail.
    public var subject: String?
    /// The text for people; the body of a mail.
    public var body: String
    /// Other texts for some protocols, by name: `email`, `http`, `https`.
    public var bodies: [String: String]
    /// The data for programs; `data` of a webhook.
    public var payload: JSON?
    /// Names and values that go along.
    public var attributes: [String: String]
    /// What makes two messages of a topic the same, so that the second is not sent.
    public var deduplicationKey: String?

    /// A message.
    public init(
        subject: String? = nil,
        body: String,
        bodies: [String: String] = [:],
        payload: JSON? = nil,
        attributes: [String: String] = [:],
        deduplicationKey: String? = nil
    ) {
        self.subject = subject
        self.body = body
        self.bodies = bodies
        self.payload = payload
        self.attributes = attributes
        self.deduplicationKey = deduplicationKey
    }

    /// The text for an endpoint.
    func body(for endpoint: Endpoint) -> String {
        switch endpoint {
        case .webhook(let url): bodies[url.lowercased().hasPrefix("https:") ? "https" : "http"] ?? body
        case .maildir, .sendmail: bodies["email"] ?? body
        }
    }

    /// The most bytes a subject, a body and a payload may have together, as for SNS.
    public static let maximumSize = 256 * 1024

    /// The message with U+FFFD for each NUL, at which databases and mails would end the text.
    var withoutNUL: Message {
        func clean(_ text: String) -> String {
            guard text.utf8.contains(0) else { return text }
            return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value == 0 ? "\u{FFFD}" : $0 }))
        }
        var message = self
        message.body = clean(body)
        message.bodies = bodies.mapValues(clean)
        message.subject = subject.map(clean)
        message.deduplicationKey = deduplicationKey.map(clean)
        return message
    }

    func validate() throws(NotificationError) {
        let others = bodies.values.reduce(0) { $0 + $1.utf8.count }
        let size = body.utf8.count + others + (subject?.utf8.count ?? 0) + (payload?.utf8.count ?? 0)
        guard size <= Self.maximumSize else {
            throw NotificationError(
                .invalidParameter,
                "message has \(size) bytes and may have \(Self.maximumSize); shorten it"
            )
        }
    }
}

/// A message that was accepted.
public struct PublishedMessage: Sendable, Hashable {
    /// Its id.
    public let id: String
    /// The topic it was published to.
    public let topicARN: String
    /// What was published.
    public let message: Message
    /// When it was accepted.
    public let publishedAt: Date

    /// A message of known parts.
    public init(id: String, topicARN: String, message: Message, publishedAt: Date) {
        self.id = id
        self.topicARN = topicARN
        self.message = message
        self.publishedAt = publishedAt
    }
}
