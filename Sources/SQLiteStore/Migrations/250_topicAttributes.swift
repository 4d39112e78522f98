internal import GRDB

/// What topics are called and told beside their ARN.
enum Migration250TopicAttributes {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("250 topic attributes") { db in try db.execute(sql: topicAttribute) }
    }

    private static let topicAttribute = """
        CREATE TABLE topicAttribute (
            topicARN TEXT NOT NULL REFERENCES topic (arn) ON DELETE CASCADE,
            name TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (topicARN, name)
        ) WITHOUT ROWID;
        """
}
