public import FoundationEssentials
internal import GRDB
public import Notifications

extension SQLiteStore {
    /// Makes messages, each with a delivery that is due, of what has waited for the digests that are due.
    public func gatherDigests(
        at now: Date,
        newID: @escaping @Sendable () -> String,
        gather: @escaping @Sendable ([PublishedMessage]) -> (message: Message, count: Int)
    ) async throws {
        let isDue = try await read { db in
            let sql = "SELECT EXISTS (SELECT 1 FROM digestEntry WHERE dueAt <= ?)"
            return try Bool.fetchOne(db, sql: sql, arguments: [now.milliseconds]) ?? false
        }
        guard isDue else { return }
        try await write { db in
            while let entries = try DigestEntryRecord.due(at: now, in: db) {
                let messages = try entries.map { try MessageRecord.find(db, key: $0.messageID).message() }
                let digest = gather(messages)
                let message = PublishedMessage(
                    id: newID(),
                    topicARN: messages[0].topicARN,
                    message: digest.message,
                    publishedAt: now
                )
                try MessageRecord(message).insert(db)
                try DeliveryRecord(id: newID(), of: message, to: entries[0]).insert(db)
                for entry in entries.prefix(digest.count) { try entry.delete(db) }
            }
        }
    }
}

/// A message that waits for the digest of a subscription, which may be gone by then.
struct DigestEntryRecord: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "digestEntry"

    /// As many messages as one digest looks at.
    private static let limit = 1000

    let sequence: Int64?
    let messageID: String
    let subscriptionARN: String
    let kind: String
    let destination: String
    let secret: String?
    let dueAt: Int64

    init(of message: PublishedMessage, to subscription: SubscriptionRecord, dueAt: Int64) {
        sequence = nil
        messageID = message.id
        subscriptionARN = subscription.arn
        kind = subscription.kind
        destination = subscription.destination
        secret = subscription.secret
        self.dueAt = dueAt
    }

    /// An entry of the digest that is being gathered, or the first of a new one, which is due an interval later.
    init(of message: PublishedMessage, to subscription: SubscriptionRecord, seconds: Int, in db: Database) throws {
        let sql = "SELECT min(dueAt) FROM digestEntry WHERE subscriptionARN = ?"
        let earlier = try Int64.fetchOne(db, sql: sql, arguments: [subscription.arn])
        let dueAt = message.publishedAt.milliseconds + Int64(seconds) * 1000
        self.init(of: message, to: subscription, dueAt: min(earlier ?? dueAt, dueAt))
    }

    /// What waits for the digest that has been due for longest, in the order in which it came; `nil` when none is due.
    static func due(at now: Date, in db: Database) throws -> [DigestEntryRecord]? {
        let first = try filter(Column("dueAt") <= now.milliseconds).order(Column("dueAt"), Column("sequence"))
            .fetchOne(db)
        guard let first else { return nil }
        return try filter(Column("subscriptionARN") == first.subscriptionARN).order(Column("sequence")).limit(limit)
            .fetchAll(db)
    }
}
