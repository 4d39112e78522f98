internal import GRDB

/// Objects of the buckets and the drops that came of them.
enum Migration010Bucket {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("010 bucket") { db in
            try db.execute(sql: object)
            try db.execute(sql: drop)
        }
    }

    private static let object = """
        CREATE TABLE bucketObject (
            bucket TEXT NOT NULL CHECK (bucket <> ''),
            key TEXT NOT NULL CHECK (key <> ''),
            sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
            size INTEGER NOT NULL CHECK (size >= 0),
            modifiedNanoseconds INTEGER NOT NULL,
            changedNanoseconds INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            PRIMARY KEY (bucket, key)
        );
        """

    private static let drop = """
        CREATE TABLE bucketDrop (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            bucket TEXT NOT NULL CHECK (bucket <> ''),
            key TEXT NOT NULL CHECK (key <> ''),
            sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
            size INTEGER NOT NULL CHECK (size >= 0),
            modifiedNanoseconds INTEGER NOT NULL,
            changedNanoseconds INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            content BLOB,
            status TEXT NOT NULL CHECK (status IN ('PENDING', 'HANDLED')),
            detectedAt INTEGER NOT NULL,
            handledAt INTEGER,
            UNIQUE (bucket, key, sha256, modifiedNanoseconds, changedNanoseconds, inode),
            CHECK ((status = 'HANDLED') = (handledAt IS NOT NULL))
        );
        CREATE INDEX bucketDropPending ON bucketDrop (bucket, id) WHERE status = 'PENDING';
        CREATE INDEX bucketDropOnHandledAt ON bucketDrop (handledAt) WHERE status = 'HANDLED';
        """
}
