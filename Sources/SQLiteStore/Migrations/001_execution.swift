internal import GRDB

/// State machines, executions, their history, tasks, timers and outcomes.
///
/// Dates are milliseconds since 1970.
enum Migration001Execution {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("001 execution") { db in
            for statement in stateMachines + executions + work { try db.execute(sql: statement) }
        }
    }

    private static let stateMachines = [
        // A definition stays as long as an execution that began with it, even when its state machine is deleted.
        """
        CREATE TABLE stateMachineRevision (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            stateMachineArn TEXT NOT NULL,
            definition TEXT NOT NULL,
            roleArn TEXT NOT NULL,
            options TEXT NOT NULL,
            revisionId TEXT,
            updateDate INTEGER NOT NULL
        )
        """,
        """
        CREATE TABLE stateMachine (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            arn TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
            revision INTEGER NOT NULL REFERENCES stateMachineRevision (id),
            creationDate INTEGER NOT NULL
        )
        """,
        "CREATE INDEX stateMachine_revision ON stateMachine (revision)",
    ]

    private static let executions = [
        """
        CREATE TABLE execution (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            arn TEXT NOT NULL UNIQUE,
            stateMachineArn TEXT NOT NULL,
            name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
            revision INTEGER NOT NULL REFERENCES stateMachineRevision (id),
            status TEXT NOT NULL
                CHECK (status IN ('RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE')),
            input TEXT NOT NULL,
            output TEXT,
            error TEXT,
            cause TEXT,
            startDate INTEGER NOT NULL,
            stopDate INTEGER,
            redriveCount INTEGER NOT NULL DEFAULT 0 CHECK (redriveCount >= 0),
            redriveDate INTEGER,
            redriveToken TEXT,
            traceHeader TEXT,
            state TEXT,
            CHECK ((status IN ('RUNNING', 'PENDING_REDRIVE')) = (stopDate IS NULL)),
            CHECK (output IS NULL OR status = 'SUCCEEDED'),
            CHECK (state IS NOT NULL OR status = 'SUCCEEDED'),
            CHECK ((redriveCount = 0) = (redriveDate IS NULL))
        )
        """,
        "CREATE INDEX execution_stateMachine ON execution (stateMachineArn, startDate)",
        "CREATE INDEX execution_status ON execution (status, startDate)",
        "CREATE INDEX execution_date ON execution (startDate)",
        "CREATE INDEX execution_revision ON execution (revision)",
        // The history events of one commit as one JSON array: a tenth of the rows, and read by the page anyway.
        """
        CREATE TABLE executionHistory (
            execution INTEGER NOT NULL REFERENCES execution (id) ON DELETE CASCADE,
            firstEvent INTEGER NOT NULL CHECK (firstEvent > 0),
            lastEvent INTEGER NOT NULL CHECK (lastEvent >= firstEvent),
            events TEXT NOT NULL,
            PRIMARY KEY (execution, firstEvent)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE executionOutcome (
            execution INTEGER NOT NULL REFERENCES execution (id) ON DELETE CASCADE,
            redriveCount INTEGER NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED')),
            error TEXT,
            cause TEXT,
            stateName TEXT,
            date INTEGER NOT NULL,
            acknowledgedDate INTEGER,
            PRIMARY KEY (execution, redriveCount)
        )
        """,
        """
        CREATE INDEX executionOutcome_unacknowledged ON executionOutcome (date) WHERE acknowledgedDate IS NULL
        """,
    ]

    private static let work = [
        """
        CREATE TABLE task (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            execution INTEGER NOT NULL REFERENCES execution (id) ON DELETE CASCADE,
            id INTEGER NOT NULL,
            stateName TEXT NOT NULL,
            resource TEXT NOT NULL,
            parameters TEXT NOT NULL,
            token TEXT NOT NULL,
            isKnownByToken INTEGER NOT NULL CHECK (isKnownByToken IN (0, 1)),
            timeoutSeconds INTEGER,
            heartbeatSeconds INTEGER,
            status TEXT NOT NULL CHECK (status IN ('OFFERED', 'LEASED', 'SUBMITTED')),
            owner TEXT,
            leaseEnd INTEGER,
            attempt INTEGER NOT NULL CHECK (attempt >= 0),
            UNIQUE (execution, id),
            CHECK ((status = 'LEASED') = (owner IS NOT NULL)),
            CHECK ((status = 'LEASED') = (leaseEnd IS NOT NULL))
        )
        """,
        "CREATE INDEX task_offered ON task (sequence) WHERE status = 'OFFERED'",
        "CREATE INDEX task_leased ON task (leaseEnd) WHERE status = 'LEASED'",
        "CREATE UNIQUE INDEX task_token ON task (token) WHERE isKnownByToken",
        """
        CREATE TABLE timer (
            execution INTEGER NOT NULL REFERENCES execution (id) ON DELETE CASCADE,
            id INTEGER NOT NULL,
            fireDate INTEGER NOT NULL,
            PRIMARY KEY (execution, id)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX timer_fireDate ON timer (fireDate)",
    ]
}
