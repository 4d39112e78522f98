public import Foundation
internal import GRDB
internal import JSON
public import Notifications

extension SQLiteStore: NotificationStore {
    /// Saves a topic, unless there is one of its ARN, and returns the one that is there.
    public func createTopic(_ topic: Topic) async throws -> Topic {
        try await write { db in
            try TopicRecord(topic).insert(db, onConflict: .ignore)
            return try TopicRecord.find(topic.arn, in: db)?.topic ?? topic
        }
    }

    /// The topic of an ARN.
    public func topic(_ arn: String) async throws -> Topic? {
        try await read { db in try TopicRecord.find(arn, in: db)?.topic }
    }

    /// All topics, by ARN.
    public func topics() async throws -> [Topic] {
        try await read { db in try TopicRecord.order(Column("arn")).fetchAll(db).map(\.topic) }
    }

    /// Removes a topic and, by the schema, its subscriptions.
    public func deleteTopic(_ arn: String) async throws {
        try await write { db in _ = try TopicRecord.deleteOne(db, key: ["arn": arn]) }
    }

    /// The subscriptions of a topic, oldest first.
    public func subscriptions(of topicARN: String) async throws -> [Subscription] {
        try await read { db in try SubscriptionRecord.all(of: topicARN, in: db).map { try $0.subscription() } }
    }

    /// Saves a subscription, unless its topic has one to that endpoint, and returns the one that is there.
    public func subscribe(_ subscription: Subscription) async throws -> Subscription {
        try await write { db in
            try SubscriptionRecord(subscription).insert(db, onConflict: .ignore)
            let there = try SubscriptionRecord.all(of: subscription.topicARN, in: db)
            return try there.first { $0.isTo(subscription.endpoint) }?.subscription() ?? subscription
        }
    }

    /// Removes a subscription.
    public func unsubscribe(_ arn: String) async throws {
        try await write { db in _ = try SubscriptionRecord.filter(Column("arn") == arn).deleteAll(db) }
    }

    /// Makes these the subscriptions of a topic; those with the same endpoint stay as they are.
    public func setSubscriptions(_ subscriptions: [Subscription], of topicARN: String) async throws {
        try await write { db in
            for record in try SubscriptionRecord.all(of: topicARN, in: db)
            where !subscriptions.contains(where: { record.isTo($0.endpoint) }) {
                try record.delete(db)
            }
            for subscription in subscriptions {
                let record = SubscriptionRecord(subscription)
                try record.insert(db, onConflict: .ignore)
                try record.saveDigest(in: db)
            }
        }
    }

    /// Saves a message and a pending delivery for each subscription of its topic; a double adds nothing.
    public func publish(
        _ message: PublishedMessage,
        newID: @escaping @Sendable () -> String
    ) async throws -> String? {
        try await write { db in try Self.insert(message, newID: newID, in: db) }
    }

    /// Inserts a message with its deliveries; answers the id of the one that is there, `nil` without its topic.
    static func insert(_ message: PublishedMessage, newID: () -> String, in db: Database) throws -> String? {
        guard try TopicRecord.find(message.topicARN, in: db) != nil else { return nil }
        if let key = message.message.deduplicationKey,
            let double = try MessageRecord.find(key, of: message.topicARN, in: db)
        {
            return double.id
        }
        try MessageRecord(message).insert(db)
        for subscription in try SubscriptionRecord.all(of: message.topicARN, in: db) {
            if let seconds = subscription.digestSeconds {
                try DigestEntryRecord(of: message, to: subscription, seconds: seconds, in: db).insert(db)
            } else {
                try DeliveryRecord(id: newID(), of: message, to: subscription).insert(db)
            }
        }
        return message.id
    }
}

// MARK: - Outbox

extension SQLiteStore {
    /// A delivery.
    public func delivery(_ id: Delivery.ID) async throws -> Delivery? {
        try await read { db in
            try DeliveryRecord.filter(Column("id") == id).fetchOne(db).map { try $0.delivery(in: db) }
        }
    }

    /// Deliveries, newest first.
    public func deliveries(_ filter: DeliveryFilter) async throws -> [Delivery] {
        try await read { db in
            var request = DeliveryRecord.order(Column("sequence").desc)
            if let status = filter.status { request = request.filter(Column("status") == status.rawValue) }
            if let id = filter.messageID { request = request.filter(Column("messageID") == id) }
            if let arn = filter.topicARN {
                request = request.filter(
                    sql: "messageID IN (SELECT id FROM message WHERE topicARN = ?)",
                    arguments: [arn]
                )
            }
            return try request.limit(filter.limit).fetchAll(db).map { try $0.delivery(in: db) }
        }
    }

    /// How many deliveries are in each status.
    public func deliveryCounts() async throws -> [Delivery.Status: Int] {
        try await read { db in
            var counts: [Delivery.Status: Int] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT status, count(*) FROM delivery GROUP BY status") {
                if let status = Delivery.Status(rawValue: row[0]) { counts[status] = row[1] }
            }
            return counts
        }
    }

    /// The pending deliveries that are due, for each endpoint the earliest few.
    public func dueDeliveries(at now: Date, perEndpoint limit: Int) async throws -> [Delivery] {
        try await read { db in
            let sql = """
                SELECT * FROM (
                    SELECT *, row_number() OVER (
                        PARTITION BY kind, destination ORDER BY nextAttemptAt, sequence
                    ) AS place
                    FROM delivery WHERE status = 'PENDING' AND nextAttemptAt <= ?
                ) WHERE place <= ? ORDER BY nextAttemptAt, sequence
                """
            return try DeliveryRecord.fetchAll(db, sql: sql, arguments: [now.milliseconds, limit])
                .map { try $0.delivery(in: db) }
        }
    }

    /// The earliest date after another at which a pending delivery becomes due.
    public func nextDeliveryDate(after date: Date) async throws -> Date? {
        try await read { db in
            let sql = """
                SELECT min(date) FROM (
                    SELECT min(nextAttemptAt) AS date FROM delivery WHERE status = 'PENDING' AND nextAttemptAt > ?1
                    UNION ALL SELECT min(dueAt) FROM digestEntry WHERE dueAt > ?1
                )
                """
            return try Int64.fetchOne(db, sql: sql, arguments: [date.milliseconds]).map(Date.init(milliseconds:))
        }
    }

    /// Counts an attempt and saves what became of it.
    public func recordAttempt(_ outcome: AttemptOutcome, of id: Delivery.ID, at date: Date) async throws {
        try await write { db in
            guard var record = try DeliveryRecord.filter(Column("id") == id).fetchOne(db) else { return }
            record.attempts += 1
            switch outcome {
            case .sent: record.move(to: .sent, sentAt: date)
            case .retry(let next, let error): record.move(to: .pending, next: next, error: error)
            case .parked(let error): record.move(to: .parked, error: error)
            }
            try record.update(db)
        }
    }

    /// Makes a delivery pending and due at once, with all its attempts before it.
    public func resend(_ id: Delivery.ID, at date: Date) async throws -> Bool {
        try await write { db in
            guard var record = try DeliveryRecord.filter(Column("id") == id).fetchOne(db) else { return false }
            record.attempts = 0
            record.move(to: .pending, next: date, error: record.lastError)
            try record.update(db)
            return true
        }
    }

    /// Removes deliveries that were sent before a date, and messages that old without deliveries.
    @discardableResult
    public func pruneDeliveries(sentBefore date: Date) async throws -> Int {
        try await write { db in
            let count =
                try DeliveryRecord
                .filter(Column("status") == "SENT" && Column("sentAt") < date.milliseconds).deleteAll(db)
            let sql = """
                DELETE FROM message WHERE publishedAt < ? AND id NOT IN (SELECT messageID FROM delivery)
                AND id NOT IN (SELECT messageID FROM digestEntry)
                """
            try db.execute(sql: sql, arguments: [date.milliseconds])
            return count
        }
    }
}

// MARK: - Records

private struct TopicRecord: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "topic"

    let arn: String
    let createdAt: Int64

    init(_ topic: Topic) {
        arn = topic.arn
        createdAt = topic.createdAt.milliseconds
    }

    var topic: Topic { Topic(arn: arn, createdAt: Date(milliseconds: createdAt)) }

    static func find(_ arn: String, in db: Database) throws -> TopicRecord? {
        try filter(Column("arn") == arn).fetchOne(db)
    }
}

struct SubscriptionRecord: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "subscription"

    let id: Int64?
    let arn: String
    let topicARN: String
    let kind: String
    let destination: String
    let secret: String?
    let createdAt: Int64
    let digestSeconds: Int?

    init(_ subscription: Subscription) {
        id = nil
        arn = subscription.arn
        topicARN = subscription.topicARN
        kind = subscription.endpoint.kind.rawValue
        destination = subscription.endpoint.destination
        secret = subscription.secret?.text
        createdAt = subscription.createdAt.milliseconds
        digestSeconds = subscription.digestSeconds
    }

    /// Gives the subscription of the same endpoint this one's digest.
    func saveDigest(in db: Database) throws {
        try db.execute(
            sql: """
                UPDATE subscription SET digestSeconds = ?1
                WHERE topicARN = ?2 AND kind = ?3 AND destination = ?4 AND digestSeconds IS NOT ?1
                """,
            arguments: [digestSeconds, topicARN, kind, destination]
        )
    }

    func isTo(_ endpoint: Endpoint) -> Bool {
        kind == endpoint.kind.rawValue && destination == endpoint.destination
    }

    func subscription() throws -> Subscription {
        var subscription = Subscription(
            arn: arn,
            topicARN: topicARN,
            endpoint: try Endpoint(kind: kind, destination: destination),
            secret: try secret.map { text in try WebhookSecret(parsing: text) },
            createdAt: Date(milliseconds: createdAt)
        )
        subscription.digestSeconds = digestSeconds
        return subscription
    }

    static func all(of topicARN: String, in db: Database) throws -> [SubscriptionRecord] {
        try filter(Column("topicARN") == topicARN).order(Column("id")).fetchAll(db)
    }
}

struct MessageRecord: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "message"

    let id: String
    let topicARN: String
    let deduplicationKey: String?
    let subject: String?
    let body: String
    let bodies: String?
    let payload: String?
    let attributes: String
    let publishedAt: Int64

    init(_ published: PublishedMessage) {
        let message = published.message
        id = published.id
        topicARN = published.topicARN
        deduplicationKey = message.deduplicationKey
        subject = message.subject
        body = message.body
        bodies = message.bodies.isEmpty ? nil : Self.text(of: message.bodies)
        payload = message.payload?.text
        attributes = Self.text(of: message.attributes)
        publishedAt = published.publishedAt.milliseconds
    }

    func message() throws -> PublishedMessage {
        let message = Message(
            subject: subject,
            body: body,
            bodies: try bodies.map(Self.texts) ?? [:],
            payload: try payload.map { text in try JSON(parsing: text) },
            attributes: try Self.texts(attributes),
            deduplicationKey: deduplicationKey
        )
        return PublishedMessage(
            id: id,
            topicARN: topicARN,
            message: message,
            publishedAt: Date(milliseconds: publishedAt)
        )
    }

    private static func text(of texts: [String: String]) -> String {
        JSON.object(JSONObject(texts.map { ($0, .string($1)) })).canonicalText
    }

    private static func texts(_ text: String) throws -> [String: String] {
        let members = try JSON(parsing: text).object ?? JSONObject()
        return Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.value.string ?? "") })
    }

    static func find(_ key: String, of topicARN: String, in db: Database) throws -> MessageRecord? {
        try filter(Column("topicARN") == topicARN && Column("deduplicationKey") == key).fetchOne(db)
    }
}

struct DeliveryRecord: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "delivery"

    let sequence: Int64?
    let id: String
    let messageID: String
    let subscriptionARN: String
    let kind: String
    let destination: String
    let secret: String?
    var status: String
    var attempts: Int
    var nextAttemptAt: Int64?
    var lastError: String?
    var sentAt: Int64?

    init(id: String, of message: PublishedMessage, to subscription: SubscriptionRecord) {
        self.init(id: id, of: message, to: DigestEntryRecord(of: message, to: subscription, dueAt: 0))
    }

    init(id: String, of message: PublishedMessage, to entry: DigestEntryRecord) {
        sequence = nil
        self.id = id
        messageID = message.id
        subscriptionARN = entry.subscriptionARN
        kind = entry.kind
        destination = entry.destination
        secret = entry.secret
        status = Delivery.Status.pending.rawValue
        attempts = 0
        nextAttemptAt = message.publishedAt.milliseconds
    }

    mutating func move(to status: Delivery.Status, next: Date? = nil, sentAt: Date? = nil, error: String? = nil) {
        self.status = status.rawValue
        self.nextAttemptAt = next?.milliseconds
        self.sentAt = sentAt?.milliseconds
        self.lastError = error
    }

    func delivery(in db: Database) throws -> Delivery {
        let message = try MessageRecord.find(db, key: messageID).message()
        return Delivery(
            id: id,
            message: message,
            subscriptionARN: subscriptionARN,
            endpoint: try Endpoint(kind: kind, destination: destination),
            secret: try secret.map { text in try WebhookSecret(parsing: text) },
            status: Delivery.Status(rawValue: status) ?? .pending,
            attempts: attempts,
            nextAttemptAt: nextAttemptAt.map(Date.init(milliseconds:)),
            lastError: lastError,
            sentAt: sentAt.map(Date.init(milliseconds:))
        )
    }
}

extension Endpoint {
    /// An endpoint as its columns have it.
    fileprivate init(kind: String, destination: String) throws {
        guard let kind = Kind(rawValue: kind) else {
            throw StoreError(.corrupt, "delivery has the kind \"\(kind)\", which this program does not know")
        }
        try self.init(kind, destination)
    }
}
