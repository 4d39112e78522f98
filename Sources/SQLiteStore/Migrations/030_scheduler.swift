internal import GRDB

/// Schedules and their firings; moments are milliseconds since 1970.
enum Migration030Scheduler {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("030 scheduler") { db in
            try db.execute(sql: schedule)
            try db.execute(sql: firing)
        }
    }

    private static let schedule = """
        CREATE TABLE schedule (
            groupName TEXT NOT NULL CHECK (groupName <> ''),
            name TEXT NOT NULL CHECK (name <> ''),
            expression TEXT NOT NULL,
            timeZone TEXT NOT NULL,
            startDate INTEGER,
            endDate INTEGER,
            targetKind TEXT NOT NULL,
            targetInput TEXT NOT NULL CHECK (json_valid(targetInput)),
            catchUp TEXT NOT NULL CHECK (catchUp IN ('once', 'all', 'skip')),
            overlap TEXT NOT NULL CHECK (overlap IN ('skip', 'allow', 'queue')),
            description TEXT,
            state TEXT NOT NULL CHECK (state IN ('ENABLED', 'DISABLED')),
            createdAt INTEGER NOT NULL,
            modifiedAt INTEGER NOT NULL,
            lastFired INTEGER,
            nextFire INTEGER,
            lastExecution TEXT,
            lastError TEXT,
            PRIMARY KEY (groupName, name),
            CHECK (endDate IS NULL OR startDate IS NULL OR endDate > startDate),
            CHECK (state = 'ENABLED' OR nextFire IS NULL)
        );
        CREATE INDEX scheduleOnNextFire ON schedule (nextFire) WHERE nextFire IS NOT NULL;
        """

    private static let firing = """
        CREATE TABLE firing (
            id TEXT NOT NULL PRIMARY KEY,
            groupName TEXT NOT NULL,
            scheduleName TEXT NOT NULL,
            scheduledTime INTEGER NOT NULL,
            cause TEXT NOT NULL CHECK (cause IN ('SCHEDULE', 'MANUAL')),
            status TEXT NOT NULL CHECK (status IN ('PENDING', 'STARTED', 'SKIPPED', 'FAILED')),
            recordedAt INTEGER NOT NULL,
            attempts INTEGER NOT NULL CHECK (attempts >= 0),
            nextAttempt INTEGER NOT NULL,
            executionARN TEXT,
            reason TEXT,
            FOREIGN KEY (groupName, scheduleName) REFERENCES schedule (groupName, name) ON DELETE CASCADE,
            CHECK ((status = 'STARTED') = (executionARN IS NOT NULL))
        );
        CREATE UNIQUE INDEX firingOnScheduledTime ON firing (groupName, scheduleName, scheduledTime)
            WHERE cause = 'SCHEDULE';
        CREATE INDEX firingOfSchedule ON firing (groupName, scheduleName, recordedAt);
        CREATE INDEX firingOnNextAttempt ON firing (nextAttempt) WHERE status = 'PENDING';
        """
}
