public import struct FoundationEssentials.Date

/// The object table and the drops that came of it; every function is one transaction.
///
/// Only objects that can make drops are in the table.
public protocol BucketStore: Sendable {
    /// The versions of a bucket's objects that were taken last, by key.
    func knownObjects(in bucket: String) async throws -> [String: ObjectVersion]

    /// Notes the version of an object and, in the same transaction, makes a pending drop of it.
    ///
    /// - Parameter drop: What was noticed.
    /// - Returns: The drop, or `nil` when this very version of the object made one before.
    /// - Throws: The store's own error.
    func recordDrop(_ drop: NewDrop) async throws -> Drop?

    /// Notes the version of an object without making a drop.
    func updateObject(_ key: String, in bucket: String, to version: ObjectVersion) async throws

    /// Forgets objects that are gone; their drops stay.
    func forgetObjects(_ keys: [String], in bucket: String) async throws

    /// The drops that nobody has handled yet, oldest first.
    func pendingDrops(in bucket: String) async throws -> [Drop]

    /// Marks a drop as handled; it is not handed over again.
    func markHandled(_ drop: Drop.ID, at date: Date) async throws

    /// Removes drops that were handled before a date.
    ///
    /// - Parameter date: Drops handled before this go.
    /// - Returns: How many went.
    /// - Throws: The store's own error.
    @discardableResult
    func pruneDrops(handledBefore date: Date) async throws -> Int
}

/// A drop that has no number yet.
public struct NewDrop: Sendable, Hashable {
    /// The bucket's name.
    public let bucket: String
    /// The object's key.
    public let key: String
    /// Which version of the object was dropped.
    public let version: ObjectVersion
    /// When it was noticed.
    public let detectedAt: Date
    /// The content, when it is kept.
    public let content: [UInt8]?

    /// A drop of known parts.
    public init(bucket: String, key: String, version: ObjectVersion, detectedAt: Date, content: [UInt8]?) {
        self.bucket = bucket
        self.key = key
        self.version = version
        self.detectedAt = detectedAt
        self.content = content
    }
}
