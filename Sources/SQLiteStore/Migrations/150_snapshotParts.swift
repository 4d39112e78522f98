internal import GRDB

/// Which snapshots the rows of one that was written from others were in.
enum Migration150SnapshotParts {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("150 snapshot parts") { db in
            try db.execute(
                sql: """
                    ALTER TABLE personalizeSnapshot
                    ADD COLUMN parts TEXT CHECK (parts IS NULL OR json_type(parts) = 'array')
                    """
            )
        }
    }
}
