internal import GRDB

/// What is done about drift, by dataset group, and what was found and is still to be told.
enum Migration231Drift {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("231 drift") { db in
            try db.execute(sql: policy)
            try db.execute(sql: finding)
        }
    }

    /// No reference to the dataset group: a configuration says the policy of one that is still to be made.
    private static let policy = """
        CREATE TABLE personalizeDriftPolicy (
            datasetGroupArn TEXT NOT NULL PRIMARY KEY CHECK (datasetGroupArn LIKE 'arn:%:personalize:%'),
            body TEXT NOT NULL CHECK (json_type(body) = 'object')
        ) WITHOUT ROWID;
        """

    private static let finding = """
        CREATE TABLE personalizeDriftFinding (
            importJobArn TEXT NOT NULL PRIMARY KEY,
            datasetGroupArn TEXT NOT NULL,
            report TEXT NOT NULL CHECK (json_type(report) = 'object'),
            policy TEXT NOT NULL CHECK (json_type(policy) = 'object'),
            date REAL NOT NULL
        ) WITHOUT ROWID;
        """
}
