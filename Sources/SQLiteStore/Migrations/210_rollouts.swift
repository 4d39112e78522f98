internal import GRDB

/// What is decided about the versions of campaigns, and what is counted while two are tried out.
enum Migration210Rollouts {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("210 rollouts") { db in
            try db.execute(sql: rollout)
            try db.execute(sql: trial)
            try db.execute(sql: shadow)
        }
    }

    /// No reference to the campaign: a configuration says the policy of one that is still to be made.
    private static let rollout = """
        CREATE TABLE personalizeRollout (
            campaignArn TEXT NOT NULL PRIMARY KEY CHECK (campaignArn LIKE 'arn:%:personalize:%'),
            body TEXT NOT NULL CHECK (json_type(body) = 'object'),
            revision INTEGER NOT NULL CHECK (revision > 0)
        ) WITHOUT ROWID;
        """

    private static let trial = """
        CREATE TABLE personalizeTrial (
            trial TEXT NOT NULL CHECK (trial <> ''),
            user INTEGER NOT NULL,
            version INTEGER NOT NULL,
            exposedAt INTEGER NOT NULL,
            convertedAt INTEGER,
            PRIMARY KEY (trial, user)
        ) WITHOUT ROWID;
        """

    private static let shadow = """
        CREATE TABLE personalizeShadow (
            trial TEXT NOT NULL PRIMARY KEY CHECK (trial <> ''),
            answers INTEGER NOT NULL,
            overlap REAL NOT NULL,
            outcomes INTEGER NOT NULL,
            servedRank REAL NOT NULL,
            shadowRank REAL NOT NULL,
            squares REAL NOT NULL
        ) WITHOUT ROWID;
        """
}
