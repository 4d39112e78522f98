public import Bucket
public import Foundation
internal import GRDB

extension SQLiteStore: BucketStore {
    /// The versions of a bucket's objects that were taken last, by key.
    public func knownObjects(in bucket: String) async throws -> [String: ObjectVersion] {
        try await read { db in
            let records = try BucketObjectRecord.filter(Column("bucket") == bucket).fetchAll(db)
            return Dictionary(uniqueKeysWithValues: records.map { ($0.key, $0.version) })
        }
    }

    /// Notes the version of an object and makes a pending drop of it, unless that version made one before.
    public func recordDrop(_ drop: NewDrop) async throws -> Drop? {
        try await write { db in
            try BucketObjectRecord(bucket: drop.bucket, key: drop.key, version: drop.version).upsert(db)
            try BucketDropRecord(drop).insert(db, onConflict: .ignore)
            guard db.changesCount > 0 else { return nil }
            return Drop(
                id: db.lastInsertedRowID,
                bucket: drop.bucket,
                key: drop.key,
                version: drop.version,
                detectedAt: drop.detectedAt,
                content: drop.content
            )
        }
    }

    /// Notes the version of an object without making a drop.
    public func updateObject(_ key: String, in bucket: String, to version: ObjectVersion) async throws {
        try await write { db in try BucketObjectRecord(bucket: bucket, key: key, version: version).upsert(db) }
    }

    /// Forgets objects that are gone; their drops stay.
    public func forgetObjects(_ keys: [String], in bucket: String) async throws {
        try await write { db in
            for key in keys { try BucketObjectRecord.deleteOne(db, key: ["bucket": bucket, "key": key]) }
        }
    }

    /// The drops that nobody has handled yet, oldest first.
    public func pendingDrops(in bucket: String) async throws -> [Drop] {
        try await read { db in
            try BucketDropRecord.filter(Column("bucket") == bucket && Column("status") == "PENDING")
                .order(Column("id")).fetchAll(db).compactMap(\.drop)
        }
    }

    /// Marks a drop as handled and lets go of its content.
    public func markHandled(_ drop: Drop.ID, at date: Date) async throws {
        try await write { db in
            let sql = """
                UPDATE bucketDrop SET status = 'HANDLED', handledAt = ?, content = NULL
                WHERE id = ? AND status = 'PENDING'
                """
            try db.execute(sql: sql, arguments: [date.milliseconds, drop])
        }
    }

    /// Removes drops that were handled before a date.
    @discardableResult
    public func pruneDrops(handledBefore date: Date) async throws -> Int {
        try await write { db in
            try BucketDropRecord.filter(Column("status") == "HANDLED" && Column("handledAt") < date.milliseconds)
                .deleteAll(db)
        }
    }
}

// MARK: - Records

private struct BucketObjectRecord: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "bucketObject"

    let bucket: String
    let key: String
    let sha256: String
    let size: Int
    let modifiedNanoseconds: Int64
    let changedNanoseconds: Int64
    let inode: Int64

    init(bucket: String, key: String, version: ObjectVersion) {
        self.bucket = bucket
        self.key = key
        sha256 = version.sha256
        size = version.size
        modifiedNanoseconds = version.modifiedNanoseconds
        changedNanoseconds = version.changedNanoseconds
        inode = Int64(bitPattern: version.inode)
    }

    var version: ObjectVersion {
        ObjectVersion(
            sha256: sha256,
            size: size,
            modifiedNanoseconds: modifiedNanoseconds,
            changedNanoseconds: changedNanoseconds,
            inode: UInt64(bitPattern: inode)
        )
    }
}

private struct BucketDropRecord: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "bucketDrop"

    let id: Int64?
    let bucket: String
    let key: String
    let sha256: String
    let size: Int
    let modifiedNanoseconds: Int64
    let changedNanoseconds: Int64
    let inode: Int64
    let content: Data?
    let status: String
    let detectedAt: Int64
    let handledAt: Int64?

    init(_ drop: NewDrop) {
        id = nil
        bucket = drop.bucket
        key = drop.key
        sha256 = drop.version.sha256
        size = drop.version.size
        modifiedNanoseconds = drop.version.modifiedNanoseconds
        changedNanoseconds = drop.version.changedNanoseconds
        inode = Int64(bitPattern: drop.version.inode)
        content = drop.content.map { Data($0) }
        status = "PENDING"
        detectedAt = drop.detectedAt.milliseconds
        handledAt = nil
    }

    var drop: Drop? {
        guard let id else { return nil }
        let version = ObjectVersion(
            sha256: sha256,
            size: size,
            modifiedNanoseconds: modifiedNanoseconds,
            changedNanoseconds: changedNanoseconds,
            inode: UInt64(bitPattern: inode)
        )
        return Drop(
            id: id,
            bucket: bucket,
            key: key,
            version: version,
            detectedAt: Date(milliseconds: detectedAt),
            content: content.map { Array($0) }
        )
    }
}
