internal import GRDB

/// Topics, subscriptions, messages and the outbox; moments are milliseconds since 1970.
enum Migration040Notifications {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("040 notifications") { db in
            try db.execute(sql: topic)
            try db.execute(sql: message)
            try db.execute(sql: delivery)
        }
    }

    private static let topic = """
        CREATE TABLE topic (
            arn TEXT NOT NULL PRIMARY KEY CHECK (arn LIKE 'arn:%'),
            createdAt INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE subscription (
            id INTEGER PRIMARY KEY,
            arn TEXT NOT NULL UNIQUE,
            topicARN TEXT NOT NULL REFERENCES topic (arn) ON DELETE CASCADE,
            kind TEXT NOT NULL CHECK (kind IN ('webhook', 'maildir', 'sendmail')),
            destination TEXT NOT NULL CHECK (destination <> ''),
            secret TEXT,
            createdAt INTEGER NOT NULL,
            UNIQUE (topicARN, kind, destination)
        );
        """

    private static let message = """
        CREATE TABLE message (
            id TEXT NOT NULL PRIMARY KEY,
            topicARN TEXT NOT NULL,
            deduplicationKey TEXT,
            subject TEXT,
            body TEXT NOT NULL,
            payload TEXT CHECK (payload IS NULL OR json_valid(payload)),
            attributes TEXT NOT NULL CHECK (json_valid(attributes)),
            publishedAt INTEGER NOT NULL,
            UNIQUE (topicARN, deduplicationKey)
        ) WITHOUT ROWID;
        CREATE INDEX messageOnPublishedAt ON message (publishedAt);
        """

    private static let delivery = """
        CREATE TABLE delivery (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            messageID TEXT NOT NULL REFERENCES message (id),
            subscriptionARN TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('webhook', 'maildir', 'sendmail')),
            destination TEXT NOT NULL,
            secret TEXT,
            status TEXT NOT NULL CHECK (status IN ('PENDING', 'SENT', 'PARKED')),
            attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
            nextAttemptAt INTEGER,
            lastError TEXT,
            sentAt INTEGER,
            UNIQUE (messageID, subscriptionARN),
            CHECK ((status = 'PENDING') = (nextAttemptAt IS NOT NULL)),
            CHECK ((status = 'SENT') = (sentAt IS NOT NULL))
        );
        CREATE INDEX deliveryOnNextAttemptAt ON delivery (nextAttemptAt) WHERE status = 'PENDING';
        CREATE INDEX deliveryOnStatus ON delivery (status, sequence);
        CREATE INDEX deliveryOnSentAt ON delivery (sentAt) WHERE status = 'SENT';
        """
}
