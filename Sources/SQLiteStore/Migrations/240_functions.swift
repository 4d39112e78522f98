internal import GRDB

/// Functions, layers, who is notified of buckets, and events that wait; moments are milliseconds since 1970.
enum Migration240Functions {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("240 functions") { db in
            try db.execute(sql: function)
            try db.execute(sql: layer)
            try db.execute(sql: notification)
            try db.execute(sql: event)
        }
    }

    private static let function = """
        CREATE TABLE function (
            name TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
            body TEXT NOT NULL CHECK (json_type(body) = 'object')
        ) WITHOUT ROWID;
        """

    /// A version that was deleted keeps its row, so that its number is not used again.
    private static let layer = """
        CREATE TABLE layerVersion (
            name TEXT NOT NULL CHECK (name <> ''),
            version INTEGER NOT NULL CHECK (version > 0),
            body TEXT CHECK (body IS NULL OR json_type(body) = 'object'),
            PRIMARY KEY (name, version)
        ) WITHOUT ROWID;
        """

    /// No reference to the function: it may lie in a folder.
    private static let notification = """
        CREATE TABLE bucketNotification (
            bucket TEXT NOT NULL CHECK (bucket <> ''),
            id TEXT NOT NULL CHECK (id <> ''),
            function TEXT NOT NULL,
            body TEXT NOT NULL CHECK (json_type(body) = 'object'),
            PRIMARY KEY (bucket, id)
        ) WITHOUT ROWID;
        """

    private static let event = """
        CREATE TABLE functionEvent (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            requestID TEXT NOT NULL UNIQUE,
            function TEXT NOT NULL,
            payload BLOB,
            key TEXT UNIQUE,
            status TEXT NOT NULL CHECK (status IN ('WAITING', 'DONE', 'FAILED')),
            attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
            createdAt INTEGER NOT NULL,
            dueAt INTEGER,
            endedAt INTEGER,
            lastError TEXT,
            CHECK ((status = 'WAITING') = (dueAt IS NOT NULL)),
            CHECK ((status = 'WAITING') = (endedAt IS NULL))
        );
        CREATE INDEX functionEventOnDueAt ON functionEvent (dueAt, sequence) WHERE status = 'WAITING';
        CREATE INDEX functionEventOnEndedAt ON functionEvent (endedAt) WHERE status <> 'WAITING';
        """
}
