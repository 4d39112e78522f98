public import struct FoundationEssentials.Date

/// A file that a user put into a bucket, complete, to start something.
public struct Drop: Sendable, Hashable, Identifiable {
    /// Its number; it stays the same when the drop is handed over again after a crash.
    public let id: Int64
    /// The bucket's name.
    public let bucket: String
    /// The object's key.
    public let key: String
    /// Which version of the object was dropped.
    public let version: ObjectVersion
    /// When it was noticed.
    public let detectedAt: Date
    /// The content as it was dropped, whatever has become of the file since; `nil` above
    /// `BucketWatcher.Configuration.maximumContentSize`.
    public let content: [UInt8]?

    /// A drop of known parts, as a store reads it back.
    public init(
        id: Int64,
        bucket: String,
        key: String,
        version: ObjectVersion,
        detectedAt: Date,
        content: [UInt8]?
    ) {
        self.id = id
        self.bucket = bucket
        self.key = key
        self.version = version
        self.detectedAt = detectedAt
        self.content = content
    }

    /// The folder of the object, with a slash at its end; empty at the bucket's root.
    public var folder: String {
        key.lastIndex(of: "/").map { String(key[...$0]) } ?? ""
    }
}

/// Thrown by whoever handles drops: this one cannot be taken now, through no fault, and is to come again soon.
public struct DropPostponed: Error, Sendable, Equatable {
    /// What it waits for.
    public let reason: String

    /// A postponement.
    public init(_ reason: String) {
        self.reason = reason
    }
}
