internal import GRDB

/// Executions that a task of another one waits for: `states:startExecution.sync`.
enum Migration110Nested {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("110 nested") { db in
            for statement in statements { try db.execute(sql: statement) }
        }
    }

    private static let statements = [
        "ALTER TABLE execution ADD COLUMN parent INTEGER REFERENCES execution (id)",
        "ALTER TABLE execution ADD COLUMN parentTask INTEGER",
        "ALTER TABLE execution ADD COLUMN depth INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX execution_parent ON execution (parent, parentTask) WHERE parent IS NOT NULL",
        """
        CREATE INDEX execution_nested ON execution (parent, parentTask) WHERE parent IS NOT NULL AND stopDate IS NULL
        """,
    ]
}
