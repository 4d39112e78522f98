internal import GRDB

/// Activities, whose tasks wait for workers that poll; and secrets, such as the one of task tokens.
enum Migration050Activity {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("050 activity") { db in
            for statement in statements { try db.execute(sql: statement) }
        }
    }

    private static let statements = [
        """
        CREATE TABLE activity (
            arn TEXT PRIMARY KEY,
            name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 80),
            creationDate INTEGER NOT NULL,
            options TEXT NOT NULL
        ) WITHOUT ROWID
        """,
        "CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
        // The activity a task is for: such a task is offered to workers, never to handlers.
        "ALTER TABLE task ADD COLUMN activity TEXT",
        "UPDATE task SET activity = resource WHERE resource LIKE '%:activity:%'",
        "DROP INDEX task_offered",
        "CREATE INDEX task_offered ON task (sequence) WHERE status = 'OFFERED' AND activity IS NULL",
        "CREATE INDEX task_activity ON task (activity, sequence) WHERE status = 'OFFERED' AND activity IS NOT NULL",
    ]
}
