internal import GRDB

/// Map Runs, and what executions have that are their children.
enum Migration070MapRun {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("070 mapRun") { db in
            for statement in tables + children { try db.execute(sql: statement) }
        }
    }

    private static let tables = [
        """
        CREATE TABLE mapRun (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            arn TEXT NOT NULL UNIQUE,
            execution INTEGER NOT NULL REFERENCES execution (id) ON DELETE CASCADE,
            requestID INTEGER NOT NULL,
            request TEXT NOT NULL,
            stateName TEXT NOT NULL,
            label TEXT NOT NULL,
            isExpress INTEGER NOT NULL CHECK (isExpress IN (0, 1)),
            status TEXT NOT NULL CHECK (status IN ('RUNNING', 'SUCCEEDED', 'FAILED', 'ABORTED')),
            maxConcurrency INTEGER NOT NULL CHECK (maxConcurrency >= 0),
            toleratedFailureCount INTEGER CHECK (toleratedFailureCount >= 0),
            toleratedFailurePercentage REAL CHECK (toleratedFailurePercentage BETWEEN 0 AND 100),
            cursor TEXT,
            itemCount INTEGER NOT NULL DEFAULT 0,
            childCount INTEGER NOT NULL DEFAULT 0,
            isComplete INTEGER NOT NULL DEFAULT 0 CHECK (isComplete IN (0, 1)),
            itemTotal INTEGER,
            running INTEGER NOT NULL DEFAULT 0 CHECK (running >= 0),
            succeeded INTEGER NOT NULL DEFAULT 0 CHECK (succeeded >= 0),
            failed INTEGER NOT NULL DEFAULT 0 CHECK (failed >= 0),
            timedOut INTEGER NOT NULL DEFAULT 0 CHECK (timedOut >= 0),
            aborted INTEGER NOT NULL DEFAULT 0 CHECK (aborted >= 0),
            pendingRedrive INTEGER NOT NULL DEFAULT 0 CHECK (pendingRedrive >= 0),
            resultsWritten INTEGER NOT NULL DEFAULT 0,
            itemsRunning INTEGER NOT NULL DEFAULT 0,
            itemsSucceeded INTEGER NOT NULL DEFAULT 0,
            itemsFailed INTEGER NOT NULL DEFAULT 0,
            itemsTimedOut INTEGER NOT NULL DEFAULT 0,
            itemsAborted INTEGER NOT NULL DEFAULT 0,
            itemsPendingRedrive INTEGER NOT NULL DEFAULT 0,
            itemResultsWritten INTEGER NOT NULL DEFAULT 0,
            redriveCount INTEGER NOT NULL DEFAULT 0,
            redriveDate INTEGER,
            startDate INTEGER NOT NULL,
            stopDate INTEGER,
            UNIQUE (execution, requestID),
            CHECK ((status = 'RUNNING') = (stopDate IS NULL))
        )
        """,
        "CREATE INDEX mapRun_open ON mapRun (id) WHERE status = 'RUNNING' OR running > 0",
    ]

    /// A run has up to millions of children, so they are in few indexes, all of which grow at their end.
    private static let children = [
        "ALTER TABLE execution ADD COLUMN mapRun INTEGER REFERENCES mapRun (id)",
        "ALTER TABLE execution ADD COLUMN childIndex INTEGER",
        "ALTER TABLE execution ADD COLUMN itemCount INTEGER",
        "ALTER TABLE execution ADD COLUMN childRedrive INTEGER",
        "CREATE UNIQUE INDEX execution_mapRun ON execution (mapRun, childIndex) WHERE mapRun IS NOT NULL",
        """
        CREATE INDEX execution_mapRunStatus ON execution (mapRun, status, childIndex)
        WHERE mapRun IS NOT NULL AND status <> 'SUCCEEDED'
        """,
        "DROP INDEX execution_stateMachine",
        "DROP INDEX execution_status",
        "DROP INDEX execution_date",
        "CREATE INDEX execution_stateMachine ON execution (stateMachineArn, startDate) WHERE mapRun IS NULL",
        "CREATE INDEX execution_status ON execution (status, startDate) WHERE mapRun IS NULL",
        "CREATE INDEX execution_date ON execution (startDate) WHERE mapRun IS NULL",
    ]
}
