internal import GRDB

/// The type of state machines, and the Express executions that must run at least once.
enum Migration100Express {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("100 express") { db in
            for statement in statements { try db.execute(sql: statement) }
        }
    }

    private static let statements = [
        """
        ALTER TABLE stateMachineRevision ADD COLUMN type TEXT NOT NULL DEFAULT 'STANDARD'
            CHECK (type IN ('STANDARD', 'EXPRESS'))
        """,
        // From the start of an Express execution to its end: what a crash leaves here is run again.
        """
        CREATE TABLE expressStart (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            arn TEXT NOT NULL UNIQUE,
            stateMachineArn TEXT NOT NULL,
            name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
            revision INTEGER NOT NULL REFERENCES stateMachineRevision (id),
            input TEXT NOT NULL,
            startDate INTEGER NOT NULL,
            traceHeader TEXT,
            stateMachineVersionArn TEXT,
            stateMachineAliasArn TEXT
        )
        """,
        "CREATE INDEX expressStart_revision ON expressStart (revision)",
    ]
}
