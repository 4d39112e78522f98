public import struct FoundationEssentials.Date
internal import Synchronization

/// Topics and subscriptions, and the messages that are to be sent.
///
/// `publish` only writes into the outbox; the `Dispatcher` sends after that commit, at least once, with an id by which
/// a receiver drops doubles.
public final class Outbox: Sendable {
    private let store: any NotificationStore
    private let region: String
    private let account: String
    private let now: @Sendable () -> Date
    let newID: @Sendable () -> String
    private let listener = Mutex<(@Sendable () -> Void)?>(nil)

    /// An outbox.
    ///
    /// - Parameters:
    ///   - store: Where it is kept.
    ///   - region: The region in ARNs.
    ///   - account: The account in ARNs.
    ///   - now: The time.
    ///   - newID: Makes ids; each must be new.
    public init(
        store: any NotificationStore,
        region: String = "us-east-1",
        account: String = "000000000000",
        now: @escaping @Sendable () -> Date,
        newID: @escaping @Sendable () -> String
    ) {
        self.store = store
        self.region = region
        self.account = account
        self.now = now
        self.newID = newID
    }

    // MARK: - Topics

    /// Makes a topic, or finds the one that has the name.
    ///
    /// - Parameter name: 1 to 256 letters, digits, hyphens and underscores.
    /// - Returns: The topic.
    /// - Throws: `NotificationError` with `invalidParameter`, or the store's error.
    @discardableResult
    public func createTopic(_ name: String) async throws -> Topic {
        try await store.createTopic(Topic(arn: topicARN(name), createdAt: now()))
    }

    /// The ARN a topic of a name has, whether or not it exists.
    ///
    /// - Parameter name: The name.
    /// - Returns: `arn:aws:sns:REGION:ACCOUNT:NAME`.
    /// - Throws: `NotificationError` with `invalidParameter`.
    public func topicARN(_ name: String) throws(NotificationError) -> String {
        try Topic.validateName(name)
        return "arn:aws:sns:\(region):\(account):\(name)"
    }

    /// The topic of an ARN.
    ///
    /// - Parameter arn: The ARN.
    /// - Returns: The topic.
    /// - Throws: `NotificationError` with `notFound`, or the store's error.
    public func topic(_ arn: String) async throws -> Topic {
        guard let topic = try await store.topic(arn) else { throw Self.noTopic(arn) }
        return topic
    }

    /// All topics, by ARN.
    public func topics() async throws -> [Topic] { try await store.topics() }

    /// The attributes that a topic was given, by name.
    ///
    /// - Parameter arn: The topic.
    /// - Returns: The attributes.
    /// - Throws: `NotificationError` with `notFound`, or the store's error.
    public func attributes(ofTopic arn: String) async throws -> [String: String] {
        try await store.attributes(ofTopic: existing(arn))
    }

    /// Gives a topic attributes, or replaces them.
    ///
    /// - Parameters:
    ///   - attributes: Of those that topics have on SNS, such as `DisplayName` and `Policy`; they are kept and told.
    ///   - arn: The topic.
    /// - Throws: `NotificationError` with `invalidParameter` or `notFound`, or the store's error.
    public func setAttributes(_ attributes: [String: String], ofTopic arn: String) async throws {
        let arn = try await existing(arn)
        for (name, value) in attributes {
            guard Topic.attributeNames.contains(name) else {
                throw NotificationError.refused("AttributeName \"\(name)\" is not one of a topic")
            }
            guard name != "DisplayName" || value.unicodeScalars.count <= 100 else {
                throw NotificationError.refused("DisplayName must be at most 100 characters long")
            }
        }
        try await store.setAttributes(attributes, ofTopic: arn)
    }

    /// Removes a topic and its subscriptions; it is no fault when there is none.
    public func deleteTopic(_ arn: String) async throws { try await store.deleteTopic(arn) }

    // MARK: - Subscriptions

    /// The subscriptions of a topic, oldest first.
    public func subscriptions(of topicARN: String) async throws -> [Subscription] {
        try await store.subscriptions(of: topicARN)
    }

    /// Subscribes an endpoint, or finds the subscription it has.
    ///
    /// - Parameters:
    ///   - endpoint: Where messages go.
    ///   - topicARN: The topic.
    ///   - secret: The key a webhook is signed with; without one, that of the home.
    /// - Returns: The subscription.
    /// - Throws: `NotificationError` with `invalidParameter` or `notFound`, or the store's error.
    @discardableResult
    public func subscribe(
        _ endpoint: Endpoint,
        to topicARN: String,
        secret: WebhookSecret? = nil
    ) async throws -> Subscription {
        try await store.subscribe(subscription(Listener(endpoint), to: existing(topicARN), secret: secret))
    }

    /// Removes a subscription; it is no fault when there is none.
    public func unsubscribe(_ arn: String) async throws { try await store.unsubscribe(arn) }

    /// Makes these the endpoints of a topic: others are unsubscribed, those that are there stay as they are.
    ///
    /// - Parameters:
    ///   - endpoints: Where messages go from now on.
    ///   - topicARN: The topic.
    /// - Throws: `NotificationError` with `invalidParameter` or `notFound`, or the store's error.
    public func setEndpoints(_ endpoints: [Endpoint], of topicARN: String) async throws {
        try await setListeners(endpoints.map { Listener($0) }, of: topicARN)
    }

    /// Makes these the listeners of a topic: others are unsubscribed, those that are there keep their subscription and get
    /// the digest that is said here.
    ///
    /// - Parameters:
    ///   - listeners: Who listens from now on.
    ///   - topicARN: The topic.
    /// - Throws: `NotificationError` with `invalidParameter` or `notFound`, or the store's error.
    public func setListeners(_ listeners: [Listener], of topicARN: String) async throws {
        let arn = try await existing(topicARN)
        let subscriptions = try listeners.map { listener in try subscription(listener, to: arn, secret: nil) }
        try await store.setSubscriptions(subscriptions, of: arn)
    }

    private func subscription(
        _ listener: Listener,
        to topicARN: String,
        secret: WebhookSecret?
    ) throws(NotificationError) -> Subscription {
        try listener.validate()
        var subscription = Subscription(
            arn: "\(topicARN):\(newID())",
            topicARN: topicARN,
            endpoint: listener.endpoint,
            secret: secret,
            createdAt: now()
        )
        subscription.digestSeconds = listener.digestSeconds
        return subscription
    }

    private func existing(_ topicARN: String) async throws -> String {
        guard try await store.topic(topicARN) != nil else { throw Self.noTopic(topicARN) }
        return topicARN
    }

    private static func noTopic(_ arn: String) -> NotificationError {
        NotificationError(.notFound, "topic \"\(arn)\" does not exist; create it first")
    }

    // MARK: - Messages

    /// Puts a message into the outbox, for each subscription of a topic, in one transaction.
    ///
    /// - Parameters:
    ///   - message: What to send.
    ///   - topicARN: The topic.
    /// - Returns: The message's id; for a double, by `Message.deduplicationKey`, that of the first.
    /// - Throws: `NotificationError` with `invalidParameter` or `notFound`, or the store's error.
    @discardableResult
    public func publish(_ message: Message, to topicARN: String) async throws -> String {
        try message.validate()
        let published = PublishedMessage(
            id: newID(),
            topicARN: topicARN,
            message: message.withoutNUL,
            publishedAt: now()
        )
        guard let id = try await store.publish(published, newID: newID) else { throw Self.noTopic(topicARN) }
        wake()
        return id
    }

    // MARK: - Deliveries

    /// Deliveries, newest first.
    public func deliveries(_ filter: DeliveryFilter = DeliveryFilter()) async throws -> [Delivery] {
        try await store.deliveries(filter)
    }

    /// How many deliveries are in each status.
    public func deliveryCounts() async throws -> [Delivery.Status: Int] { try await store.deliveryCounts() }

    /// Sends a delivery again, with the same id, whatever its status.
    ///
    /// - Parameter id: The delivery.
    /// - Returns: The delivery, pending.
    /// - Throws: `NotificationError` with `notFound`, or the store's error.
    @discardableResult
    public func resend(_ id: Delivery.ID) async throws -> Delivery {
        guard try await store.resend(id, at: now()), let delivery = try await store.delivery(id) else {
            throw NotificationError(.notFound, "delivery \"\(id)\" does not exist; list them to see their ids")
        }
        wake()
        return delivery
    }

    // MARK: - Waking the dispatcher

    func onPublish(_ listener: (@Sendable () -> Void)?) {
        self.listener.withLock { $0 = listener }
    }

    /// Says that there may be something to send.
    func wake() {
        listener.withLock(\.self)?()
    }
}
