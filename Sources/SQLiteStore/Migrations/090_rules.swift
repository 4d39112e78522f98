internal import GRDB

/// Rules of events with their targets, and the beginnings of executions that rules are to hear of.
enum Migration090Rules {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("090 rules") { db in
            for statement in rules + beginnings { try db.execute(sql: statement) }
            // A message may have other texts for some protocols.
            try db.execute(
                sql: "ALTER TABLE message ADD COLUMN bodies TEXT CHECK (bodies IS NULL OR json_valid(bodies))"
            )
        }
    }

    private static let rules = [
        """
        CREATE TABLE eventRule (
            name TEXT NOT NULL PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),
            arn TEXT NOT NULL UNIQUE,
            pattern TEXT NOT NULL CHECK (json_valid(pattern)),
            isEnabled INTEGER NOT NULL CHECK (isEnabled IN (0, 1)),
            description TEXT,
            createdAt INTEGER NOT NULL
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE eventTarget (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            rule TEXT NOT NULL REFERENCES eventRule (name) ON DELETE CASCADE,
            id TEXT NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
            arn TEXT NOT NULL,
            input TEXT CHECK (input IS NULL OR json_valid(input)),
            UNIQUE (rule, id)
        )
        """,
    ]

    // Written in the transaction that begins an execution, and only where a rule could hear of it: the triggers cost
    // nothing to those who have no rules. The children of a Map Run are its own affair: they have no outcomes either.
    private static let beginnings = [
        """
        CREATE TABLE executionBeginning (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            execution INTEGER NOT NULL REFERENCES execution (id) ON DELETE CASCADE,
            redriveCount INTEGER NOT NULL
        )
        """,
        """
        CREATE TRIGGER executionBegins AFTER INSERT ON execution
        WHEN NEW.mapRun IS NULL AND EXISTS (SELECT 1 FROM eventRule WHERE isEnabled)
        BEGIN
            INSERT INTO executionBeginning (execution, redriveCount) VALUES (NEW.id, NEW.redriveCount);
        END
        """,
        """
        CREATE TRIGGER executionBeginsAgain AFTER UPDATE OF redriveCount ON execution
        WHEN NEW.mapRun IS NULL AND NEW.redriveCount > OLD.redriveCount
            AND EXISTS (SELECT 1 FROM eventRule WHERE isEnabled)
        BEGIN
            INSERT INTO executionBeginning (execution, redriveCount) VALUES (NEW.id, NEW.redriveCount);
        END
        """,
    ]
}
