public import struct FoundationEssentials.Date

/// Topics, subscriptions and the outbox; every function is one transaction.
public protocol NotificationStore: Sendable {
    /// Saves a topic, unless there is one of its ARN, and returns the one that is there.
    func createTopic(_ topic: Topic) async throws -> Topic

    /// The topic of an ARN.
    func topic(_ arn: String) async throws -> Topic?

    /// All topics, by ARN.
    func topics() async throws -> [Topic]

    /// The attributes that a topic was given, by name; none when there is no such topic.
    func attributes(ofTopic arn: String) async throws -> [String: String]

    /// Gives a topic attributes, or replaces them; nothing happens when there is no such topic.
    func setAttributes(_ attributes: [String: String], ofTopic arn: String) async throws

    /// Removes a topic and its subscriptions; what was published is still sent.
    func deleteTopic(_ arn: String) async throws

    /// The subscriptions of a topic, oldest first.
    func subscriptions(of topicARN: String) async throws -> [Subscription]

    /// Saves a subscription, unless its topic has one to that endpoint, and returns the one that is there.
    func subscribe(_ subscription: Subscription) async throws -> Subscription

    /// Removes a subscription; what was published is still sent.
    func unsubscribe(_ arn: String) async throws

    /// Makes these the subscriptions of a topic: others go, those with the same endpoint stay, with the digest said here.
    func setSubscriptions(_ subscriptions: [Subscription], of topicARN: String) async throws

    /// Saves a message and a pending delivery for each subscription of its topic; a double adds nothing.
    ///
    /// For a subscription with a digest the message waits for that instead, which is due an interval after its first.
    ///
    /// - Parameters:
    ///   - message: What is published.
    ///   - newID: Makes the ids of deliveries.
    /// - Returns: The id of the message that is there, or `nil` when there is no such topic.
    /// - Throws: The store's own error.
    func publish(_ message: PublishedMessage, newID: @escaping @Sendable () -> String) async throws -> String?

    /// A delivery.
    func delivery(_ id: Delivery.ID) async throws -> Delivery?

    /// Deliveries, newest first.
    func deliveries(_ filter: DeliveryFilter) async throws -> [Delivery]

    /// How many deliveries are in each status.
    func deliveryCounts() async throws -> [Delivery.Status: Int]

    /// The pending deliveries that are due, for each endpoint the earliest few.
    func dueDeliveries(at now: Date, perEndpoint limit: Int) async throws -> [Delivery]

    /// Makes messages, each with a delivery that is due, of what has waited for the digests that are due: all or nothing.
    ///
    /// - Parameters:
    ///   - now: The time.
    ///   - newID: Makes the ids of messages and deliveries.
    ///   - gather: Makes one message of the first of some, and says how many it took.
    /// - Throws: The store's own error.
    func gatherDigests(
        at now: Date,
        newID: @escaping @Sendable () -> String,
        gather: @escaping @Sendable ([PublishedMessage]) -> (message: Message, count: Int)
    ) async throws

    /// The earliest date after another at which a pending delivery, or a digest, becomes due.
    func nextDeliveryDate(after date: Date) async throws -> Date?

    /// Counts an attempt and saves what became of it.
    func recordAttempt(_ outcome: AttemptOutcome, of id: Delivery.ID, at date: Date) async throws

    /// Makes a delivery pending and due at once, with all its attempts before it.
    ///
    /// - Parameters:
    ///   - id: The delivery.
    ///   - date: When it is due.
    /// - Returns: Whether there is such a delivery.
    /// - Throws: The store's own error.
    func resend(_ id: Delivery.ID, at date: Date) async throws -> Bool

    /// Removes deliveries that were sent before a date, and messages that old without deliveries.
    @discardableResult
    func pruneDeliveries(sentBefore date: Date) async throws -> Int
}

/// Which deliveries to list.
public struct DeliveryFilter: Sendable, Hashable {
    /// Only those in a status.
    public var status: Delivery.Status?
    /// Only those of a topic.
    public var topicARN: String?
    /// Only those of a message.
    public var messageID: String?
    /// How many at most.
    public var limit: Int

    /// A filter; each part that is given narrows it.
    public init(
        status: Delivery.Status? = nil,
        topicARN: String? = nil,
        messageID: String? = nil,
        limit: Int = 100
    ) {
        self.status = status
        self.topicARN = topicARN
        self.messageID = messageID
        self.limit = limit
    }
}
