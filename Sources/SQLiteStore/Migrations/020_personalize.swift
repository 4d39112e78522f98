internal import GRDB

/// Resources of the recommender service, the snapshots of its datasets, and the requests it has answered.
enum Migration020Personalize {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("020 personalize") { db in
            try db.execute(sql: resource)
            try db.execute(sql: snapshot)
            try db.execute(sql: request)
        }
    }

    private static let resource = """
        CREATE TABLE personalizeResource (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            arn TEXT NOT NULL UNIQUE CHECK (arn LIKE 'arn:%:personalize:%'),
            kind TEXT NOT NULL CHECK (kind IN (
                'dataset-group', 'schema', 'dataset', 'dataset-import-job', 'solution', 'solution-version', 'campaign',
                'event-tracker', 'filter'
            )),
            name TEXT NOT NULL,
            parentArn TEXT REFERENCES personalizeResource (arn) ON DELETE RESTRICT,
            status TEXT NOT NULL CHECK (status IN (
                'CREATE PENDING', 'CREATE IN_PROGRESS', 'ACTIVE', 'CREATE FAILED', 'CREATE STOPPING', 'CREATE STOPPED',
                'DELETE PENDING', 'DELETE IN_PROGRESS'
            )),
            body TEXT NOT NULL CHECK (json_type(body) = 'object'),
            createdAt REAL NOT NULL,
            updatedAt REAL NOT NULL,
            revision INTEGER NOT NULL CHECK (revision >= 0),
            CHECK (parentArn IS NOT NULL OR kind IN ('dataset-group', 'schema'))
        );
        CREATE INDEX personalizeResourceOfKind ON personalizeResource (kind, sequence);
        CREATE INDEX personalizeResourceOfParent ON personalizeResource (parentArn, kind, sequence);
        CREATE INDEX personalizeResourceUnsettled ON personalizeResource (kind, status)
            WHERE status NOT IN ('ACTIVE', 'CREATE FAILED', 'CREATE STOPPED');
        CREATE UNIQUE INDEX personalizeEventTrackerOfGroup ON personalizeResource (parentArn)
            WHERE kind = 'event-tracker';
        """

    private static let snapshot = """
        CREATE TABLE personalizeSnapshot (
            datasetArn TEXT NOT NULL REFERENCES personalizeResource (arn) ON DELETE CASCADE,
            position INTEGER NOT NULL CHECK (position >= 0),
            name TEXT NOT NULL CHECK (name <> ''),
            rowCount INTEGER NOT NULL CHECK (rowCount >= 0),
            source TEXT NOT NULL CHECK (source IN ('BULK', 'PUT')),
            importJobArn TEXT,
            PRIMARY KEY (datasetArn, position)
        ) WITHOUT ROWID;
        """

    private static let request = """
        CREATE TABLE personalizeRequest (
            clientToken TEXT NOT NULL PRIMARY KEY CHECK (clientToken <> ''),
            operation TEXT NOT NULL,
            response TEXT NOT NULL CHECK (json_valid(response)),
            answeredAt REAL NOT NULL
        ) WITHOUT ROWID;
        """
}
