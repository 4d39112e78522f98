internal import GRDB

/// Changes of the states of resources that are still to be told, and notices that wait for a digest.
enum Migration230Notices {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("230 notices") { db in
            try db.execute(sql: stateChange)
            try db.execute(sql: digest)
        }
    }

    /// A number is never given twice: events are known by it.
    private static let stateChange = """
        CREATE TABLE personalizeStateChange (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            arn TEXT NOT NULL,
            kind TEXT NOT NULL,
            status TEXT NOT NULL,
            duration INTEGER,
            failureReason TEXT,
            date REAL NOT NULL
        );
        """

    private static let digest = """
        ALTER TABLE subscription ADD COLUMN digestSeconds INTEGER CHECK (digestSeconds > 0);
        CREATE TABLE digestEntry (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            messageID TEXT NOT NULL REFERENCES message (id),
            subscriptionARN TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('webhook', 'maildir', 'sendmail')),
            destination TEXT NOT NULL,
            secret TEXT,
            dueAt INTEGER NOT NULL
        );
        CREATE INDEX digestEntryOnDueAt ON digestEntry (dueAt);
        CREATE INDEX digestEntryOnSubscription ON digestEntry (subscriptionARN, sequence);
        CREATE INDEX digestEntryOnMessage ON digestEntry (messageID);
        """
}
