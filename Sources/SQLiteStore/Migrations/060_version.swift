internal import GRDB

/// Versions and aliases of state machines, tags, and which version an execution was started by.
enum Migration060Version {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("060 version") { db in
            for statement in statements { try db.execute(sql: statement) }
        }
    }

    private static let statements = [
        "ALTER TABLE stateMachine ADD COLUMN isDeleting INTEGER NOT NULL DEFAULT 0 CHECK (isDeleting IN (0, 1))",
        // The highest number ever given: the number of a version that was deleted never comes again.
        "ALTER TABLE stateMachine ADD COLUMN lastVersion INTEGER NOT NULL DEFAULT 0",
        """
        CREATE TABLE stateMachineVersion (
            arn TEXT PRIMARY KEY,
            stateMachineArn TEXT NOT NULL,
            number INTEGER NOT NULL CHECK (number > 0),
            revision INTEGER NOT NULL REFERENCES stateMachineRevision (id),
            description TEXT,
            creationDate INTEGER NOT NULL,
            UNIQUE (stateMachineArn, number)
        ) WITHOUT ROWID
        """,
        "CREATE UNIQUE INDEX stateMachineVersion_revision ON stateMachineVersion (revision)",
        """
        CREATE TABLE stateMachineAlias (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            arn TEXT NOT NULL UNIQUE,
            stateMachineArn TEXT NOT NULL,
            name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
            description TEXT,
            creationDate INTEGER NOT NULL,
            updateDate INTEGER NOT NULL
        )
        """,
        "CREATE INDEX stateMachineAlias_stateMachine ON stateMachineAlias (stateMachineArn, id)",
        """
        CREATE TABLE stateMachineRoute (
            alias INTEGER NOT NULL REFERENCES stateMachineAlias (id) ON DELETE CASCADE,
            position INTEGER NOT NULL CHECK (position IN (0, 1)),
            versionArn TEXT NOT NULL REFERENCES stateMachineVersion (arn),
            weight INTEGER NOT NULL CHECK (weight BETWEEN 0 AND 100),
            PRIMARY KEY (alias, position)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX stateMachineRoute_version ON stateMachineRoute (versionArn)",
        """
        CREATE TABLE tag (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            resourceArn TEXT NOT NULL,
            key TEXT NOT NULL,
            value TEXT NOT NULL,
            UNIQUE (resourceArn, key)
        )
        """,
        "ALTER TABLE execution ADD COLUMN stateMachineVersionArn TEXT",
        "ALTER TABLE execution ADD COLUMN stateMachineAliasArn TEXT",
        """
        CREATE INDEX execution_version ON execution (stateMachineVersionArn, startDate)
            WHERE stateMachineVersionArn IS NOT NULL
        """,
        """
        CREATE INDEX execution_alias ON execution (stateMachineAliasArn, startDate)
            WHERE stateMachineAliasArn IS NOT NULL
        """,
    ]
}
