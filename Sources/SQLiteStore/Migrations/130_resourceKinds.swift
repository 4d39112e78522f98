internal import GRDB

/// More kinds of resources: recommenders, jobs, metric attributions.
///
/// A constraint cannot be changed in place, so the table is made anew; rows and their places stay.
enum Migration130ResourceKinds {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("130 resource kinds") { db in
            try db.execute(sql: table)
            try db.execute(sql: move)
            try db.execute(sql: indexes)
        }
    }

    private static let table = """
        CREATE TABLE personalizeResourceNew (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            arn TEXT NOT NULL UNIQUE CHECK (arn LIKE 'arn:%:personalize:%'),
            kind TEXT NOT NULL CHECK (kind IN (
                'dataset-group', 'schema', 'dataset', 'dataset-import-job', 'solution', 'solution-version', 'campaign',
                'event-tracker', 'filter', 'recommender', 'batch-inference-job', 'batch-segment-job',
                'dataset-export-job', 'data-deletion-job', 'metric-attribution'
            )),
            name TEXT NOT NULL,
            parentArn TEXT REFERENCES personalizeResource (arn) ON DELETE RESTRICT,
            status TEXT NOT NULL CHECK (status IN (
                'CREATE PENDING', 'CREATE IN_PROGRESS', 'ACTIVE', 'CREATE FAILED', 'CREATE STOPPING', 'CREATE STOPPED',
                'STOP PENDING', 'STOP IN_PROGRESS', 'INACTIVE', 'START PENDING', 'START IN_PROGRESS',
                'DELETE PENDING', 'DELETE IN_PROGRESS'
            )),
            body TEXT NOT NULL CHECK (json_type(body) = 'object'),
            createdAt REAL NOT NULL,
            updatedAt REAL NOT NULL,
            revision INTEGER NOT NULL CHECK (revision >= 0),
            CHECK (parentArn IS NOT NULL OR kind IN ('dataset-group', 'schema'))
        );
        """

    private static let move = """
        INSERT INTO personalizeResourceNew SELECT * FROM personalizeResource;
        UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'personalizeResource')
            WHERE name = 'personalizeResourceNew' AND EXISTS
            (SELECT 1 FROM sqlite_sequence WHERE name = 'personalizeResource');
        DROP TABLE personalizeResource;
        ALTER TABLE personalizeResourceNew RENAME TO personalizeResource;
        """

    private static let indexes = """
        CREATE INDEX personalizeResourceOfKind ON personalizeResource (kind, sequence);
        CREATE INDEX personalizeResourceOfParent ON personalizeResource (parentArn, kind, sequence);
        CREATE INDEX personalizeResourceUnsettled ON personalizeResource (kind, status)
            WHERE status NOT IN ('ACTIVE', 'CREATE FAILED', 'CREATE STOPPED', 'INACTIVE');
        CREATE UNIQUE INDEX personalizeEventTrackerOfGroup ON personalizeResource (parentArn)
            WHERE kind = 'event-tracker';
        """
}
