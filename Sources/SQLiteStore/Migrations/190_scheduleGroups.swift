internal import GRDB

/// Groups of schedules, and what the EventBridge Scheduler API says of schedules; more overlap policies and causes.
///
/// Constraints cannot be changed in place, so both tables are made anew; a group is made of each that is in use.
enum Migration190ScheduleGroups {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("190 schedule groups") { db in
            for sql in [group, schedule, firing, move, indexes, request] { try db.execute(sql: sql) }
        }
    }

    private static let group = """
        CREATE TABLE scheduleGroup (
            name TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
            createdAt INTEGER NOT NULL,
            modifiedAt INTEGER NOT NULL,
            tags TEXT NOT NULL CHECK (json_type(tags) = 'array')
        );
        INSERT INTO scheduleGroup SELECT groupName, min(createdAt), min(createdAt), '[]' FROM schedule GROUP BY groupName;
        """

    private static let schedule = """
        CREATE TABLE scheduleNew (
            groupName TEXT NOT NULL REFERENCES scheduleGroup (name) ON DELETE CASCADE,
            name TEXT NOT NULL CHECK (name <> ''),
            expression TEXT NOT NULL,
            timeZone TEXT NOT NULL,
            startDate INTEGER,
            endDate INTEGER,
            targetKind TEXT NOT NULL,
            targetInput TEXT NOT NULL CHECK (json_valid(targetInput)),
            catchUp TEXT NOT NULL CHECK (catchUp IN ('once', 'all', 'skip')),
            overlap TEXT NOT NULL CHECK (overlap IN ('skip', 'allow', 'queue', 'cancel')),
            description TEXT,
            state TEXT NOT NULL CHECK (state IN ('ENABLED', 'DISABLED')),
            createdAt INTEGER NOT NULL,
            modifiedAt INTEGER NOT NULL,
            lastFired INTEGER,
            nextFire INTEGER,
            lastExecution TEXT,
            lastError TEXT,
            roleARN TEXT,
            deadLetterARN TEXT,
            maximumAttempts INTEGER CHECK (maximumAttempts >= 0),
            maximumAge INTEGER CHECK (maximumAge > 0),
            flexibleMinutes INTEGER CHECK (flexibleMinutes > 0),
            completion TEXT NOT NULL DEFAULT 'NONE' CHECK (completion IN ('NONE', 'DELETE')),
            grace INTEGER CHECK (grace >= 0),
            kmsKeyARN TEXT,
            PRIMARY KEY (groupName, name),
            CHECK (endDate IS NULL OR startDate IS NULL OR endDate > startDate),
            CHECK (state = 'ENABLED' OR nextFire IS NULL),
            CHECK ((maximumAttempts IS NULL) = (maximumAge IS NULL))
        );
        """

    private static let firing = """
        CREATE TABLE firingNew (
            id TEXT NOT NULL PRIMARY KEY,
            groupName TEXT NOT NULL,
            scheduleName TEXT NOT NULL,
            scheduledTime INTEGER NOT NULL,
            cause TEXT NOT NULL CHECK (cause IN ('SCHEDULE', 'MANUAL', 'BACKFILL')),
            status TEXT NOT NULL CHECK (status IN ('PENDING', 'STARTED', 'SKIPPED', 'FAILED')),
            recordedAt INTEGER NOT NULL,
            attempts INTEGER NOT NULL CHECK (attempts >= 0),
            nextAttempt INTEGER NOT NULL,
            executionARN TEXT,
            reason TEXT,
            noticeDue INTEGER,
            FOREIGN KEY (groupName, scheduleName) REFERENCES schedule (groupName, name) ON DELETE CASCADE,
            CHECK ((status = 'STARTED') = (executionARN IS NOT NULL))
        );
        """

    private static let move = """
        INSERT INTO scheduleNew (
            groupName, name, expression, timeZone, startDate, endDate, targetKind, targetInput, catchUp, overlap,
            description, state, createdAt, modifiedAt, lastFired, nextFire, lastExecution, lastError
        ) SELECT
            groupName, name, expression, timeZone, startDate, endDate, targetKind, targetInput, catchUp, overlap,
            description, state, createdAt, modifiedAt, lastFired, nextFire, lastExecution, lastError
        FROM schedule;
        INSERT INTO firingNew SELECT *, NULL FROM firing;
        DROP TABLE firing;
        DROP TABLE schedule;
        ALTER TABLE scheduleNew RENAME TO schedule;
        ALTER TABLE firingNew RENAME TO firing;
        """

    private static let indexes = """
        CREATE INDEX scheduleOnNextFire ON schedule (nextFire) WHERE nextFire IS NOT NULL;
        CREATE INDEX scheduleOnCompletion ON schedule (completion) WHERE completion = 'DELETE';
        CREATE UNIQUE INDEX firingOnScheduledTime ON firing (groupName, scheduleName, scheduledTime)
            WHERE cause = 'SCHEDULE';
        CREATE INDEX firingOfSchedule ON firing (groupName, scheduleName, recordedAt);
        CREATE INDEX firingOfTime ON firing (groupName, scheduleName, scheduledTime);
        CREATE INDEX firingOnNextAttempt ON firing (nextAttempt) WHERE status = 'PENDING';
        CREATE INDEX firingOnNoticeDue ON firing (noticeDue) WHERE noticeDue IS NOT NULL;
        """

    /// The client tokens of the last day.
    private static let request = """
        CREATE TABLE schedulerRequest (
            token TEXT NOT NULL PRIMARY KEY,
            text TEXT NOT NULL,
            date INTEGER NOT NULL
        );
        CREATE INDEX schedulerRequestOnDate ON schedulerRequest (date);
        """
}
