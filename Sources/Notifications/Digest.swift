internal import JSON
internal import FoundationEssentials

/// The notices of an interval as one message.
public enum Digest {
    /// As much text as one digest has, in bytes; what is more goes into the next.
    static let textLimit = 100_000
    /// As much data as one digest has, in bytes.
    static let dataLimit = 100_000

    /// Gathers messages, the oldest first, into one.
    ///
    /// - Parameter messages: What has come since the last digest; at least one.
    /// - Returns: The digest, and how many messages from the beginning are in it: all, or as many as one message can hold.
    public static func gather(_ messages: [PublishedMessage]) -> (message: Message, count: Int) {
        precondition(!messages.isEmpty, "a digest of nothing")
        var (texts, notices): ([String], [JSON]) = ([], [])
        var (textSize, dataSize) = (0, 0)
        for published in messages {
            let (text, notice) = (section(published), data(published))
            textSize += text.utf8.count
            dataSize += notice.utf8.count
            guard texts.isEmpty || (textSize <= textLimit && dataSize <= dataLimit) else { break }
            texts.append(text)
            notices.append(notice)
        }
        let count = texts.count
        let subject = "Millrace: \(count) notice\(count == 1 ? "" : "s")"
        let contents = messages.prefix(count).enumerated().map { "\($0 + 1). \(title($1))" }
        let message = Message(
            subject: subject,
            body: contents.joined(separator: "\n") + "\n\n" + texts.joined(separator: "\n"),
            payload: ["type": "digest", "subject": .string(subject), "notices": .array(notices)],
            attributes: ["Digest": "\(count)"]
        )
        return (message, count)
    }

    private static func title(_ published: PublishedMessage) -> String {
        published.message.subject ?? "Millrace notification"
    }

    private static func section(_ published: PublishedMessage) -> String {
        let head = "\(published.publishedAt.ISO8601Format())  \(title(published))"
        let line = String(repeating: "-", count: min(head.count, 78))
        return "\(line)\n\(head)\n\(line)\n\(published.message.body)\n"
    }

    private static func data(_ published: PublishedMessage) -> JSON {
        let message = published.message
        let whole = message.payload ?? .null
        // One message alone may be larger than a digest can carry twice.
        let payload = whole.utf8.count <= dataLimit / 2 ? whole : .null
        return [
            "messageId": .string(published.id), "topicArn": .string(published.topicARN),
            "timestamp": .string(published.publishedAt.ISO8601Format()), "subject": JSON(message.subject),
            "type": message.payload?["type"] ?? "notification", "data": payload,
        ]
    }
}

/// Somebody who is to hear of a topic.
public struct Listener: Sendable, Hashable {
    /// Where the messages go.
    public let endpoint: Endpoint
    /// How long messages are gathered into one, in seconds; `nil` sends each by itself.
    public let digestSeconds: Int?

    /// A listener.
    ///
    /// - Parameters:
    ///   - endpoint: Where the messages go.
    ///   - digestSeconds: How long messages are gathered into one; `nil` sends each by itself.
    public init(_ endpoint: Endpoint, digestSeconds: Int? = nil) {
        self.endpoint = endpoint
        self.digestSeconds = digestSeconds
    }

    /// The shortest and the longest interval of a digest: a minute and thirty days.
    public static let digestBounds = 60...(30 * 86_400)

    func validate() throws(NotificationError) {
        try endpoint.validate()
        guard let digestSeconds, !Self.digestBounds.contains(digestSeconds) else { return }
        throw NotificationError(
            .invalidParameter,
            "digest of \(digestSeconds) seconds must be from a minute to 30 days"
        )
    }
}
