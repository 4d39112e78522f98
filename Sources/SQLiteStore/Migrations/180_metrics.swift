internal import GRDB

/// What metric attributions have counted, window by window.
enum Migration180Metrics {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("180 metrics") { db in try db.execute(sql: window) }
    }

    private static let window = """
        CREATE TABLE personalizeMetric (
            attributionArn TEXT NOT NULL REFERENCES personalizeResource (arn) ON DELETE CASCADE,
            startsAt INTEGER NOT NULL,
            method TEXT NOT NULL CHECK (method IN ('PUT', 'INCREMENTAL')),
            metricName TEXT NOT NULL,
            eventType TEXT NOT NULL,
            expression TEXT NOT NULL,
            source TEXT NOT NULL,
            value REAL NOT NULL,
            PRIMARY KEY (attributionArn, startsAt, method, metricName, eventType, expression, source)
        ) WITHOUT ROWID;
        """
}
