internal import GRDB

/// Records that were put into datasets one by one, and the ids of events that have come.
enum Migration120LiveData {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("120 live data") { db in
            try db.execute(sql: batch)
            try db.execute(sql: event)
        }
    }

    // Never numbered again, even when all rows are gone: what is sealed is told by the number.
    private static let batch = """
        CREATE TABLE personalizeLiveBatch (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            datasetArn TEXT NOT NULL REFERENCES personalizeResource (arn) ON DELETE CASCADE,
            records TEXT NOT NULL CHECK (records <> '')
        );
        CREATE INDEX personalizeLiveBatchOfDataset ON personalizeLiveBatch (datasetArn, sequence);
        """

    private static let event = """
        CREATE TABLE personalizeEventID (
            datasetArn TEXT NOT NULL REFERENCES personalizeResource (arn) ON DELETE CASCADE,
            id TEXT NOT NULL,
            PRIMARY KEY (datasetArn, id)
        ) WITHOUT ROWID;
        """
}
