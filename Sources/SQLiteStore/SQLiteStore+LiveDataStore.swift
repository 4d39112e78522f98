internal import FoundationEssentials
internal import GRDB
internal import JSON
public import Personalize

extension SQLiteStore {
    /// Saves what one request puts into a dataset; requests that come together share a commit.
    public func append(_ batch: LiveBatch) async throws -> LiveBatch {
        let text = LiveBatchRecord.text(batch.records)
        return try await write { db in
            var saved = batch
            do {
                saved.records = try EventID.new(batch.records, of: batch.datasetArn, in: db)
                guard !saved.records.isEmpty else { return saved }
                let isWhole = saved.records.count == batch.records.count
                let records = isWhole ? text : LiveBatchRecord.text(saved.records)
                saved.sequence = try LiveBatchRecord.insert(records, of: batch.datasetArn, in: db)
            } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY {
                throw PersonalizeConflict.parentMissing(arn: batch.datasetArn)
            }
            return saved
        }
    }

    /// What was put into a dataset and is in none of its snapshots, oldest first.
    public func liveBatches(
        of datasetArn: String,
        after sequence: Int64,
        limit: Int
    ) async throws -> [LiveBatch] {
        // Read in the reader's own thread: there may be many.
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT sequence, records FROM personalizeLiveBatch
                    WHERE datasetArn = ? AND sequence > ? ORDER BY sequence LIMIT ?
                    """,
                arguments: [datasetArn, sequence, limit]
            ).map { row in
                let sequence: Int64 = row["sequence"]
                let records = try LiveBatchRecord.records(row["records"], sequence)
                return LiveBatch(sequence: sequence, datasetArn: datasetArn, records: records)
            }
        }
    }
}

extension SQLiteStore {
    /// The place of the last of a dataset's batches that are in none of its snapshots.
    public func lastSequence(of datasetArn: String) async throws -> Int64 {
        try await read { db in
            let sql = "SELECT max(sequence) FROM personalizeLiveBatch WHERE datasetArn = ?"
            return try Int64.fetchOne(db, sql: sql, arguments: [datasetArn]) ?? 0
        }
    }
}

// MARK: - Rows

/// The rows of batches, each with its records as one JSON text.
enum LiveBatchRecord {
    static func insert(_ records: String, of datasetArn: String, in db: Database) throws -> Int64 {
        try db.cachedStatement(sql: "INSERT INTO personalizeLiveBatch (datasetArn, records) VALUES (?, ?)")
            .execute(arguments: [datasetArn, records])
        return db.lastInsertedRowID
    }

    static func remove(_ datasetArn: String, through sequence: Int64, in db: Database) throws {
        try db.execute(
            sql: "DELETE FROM personalizeLiveBatch WHERE datasetArn = ? AND sequence <= ?",
            arguments: [datasetArn, sequence]
        )
    }

    static func text(_ records: [LiveRecord]) -> String {
        JSON.array(
            records.map { record in
                var members: JSONObject = ["fields": .object(record.fields)]
                members["id"] = record.id.map(JSON.string)
                members["session"] = record.session.map(JSON.string)
                members["source"] = record.source.map(JSON.string)
                members["recommendation"] = record.recommendation.map(JSON.string)
                return .object(members)
            }
        ).text
    }

    static func records(_ text: String, _ sequence: Int64) throws -> [LiveRecord] {
        guard let members = try? JSON(parsing: text).array else {
            throw StoreError(.corrupt, "personalizeLiveBatch \(sequence) holds no records")
        }
        return members.map { member in
            LiveRecord(
                id: member["id"]?.string,
                session: member["session"]?.string,
                source: member["source"]?.string,
                recommendation: member["recommendation"]?.string,
                fields: member["fields"]?.object ?? [:]
            )
        }
    }
}

private enum EventID {
    /// The records whose ids have not come before, and those without one.
    static func new(_ records: [LiveRecord], of datasetArn: String, in db: Database) throws -> [LiveRecord] {
        guard records.contains(where: { $0.id != nil }) else { return records }
        let statement = try db.cachedStatement(
            sql: "INSERT INTO personalizeEventID (datasetArn, id) VALUES (?, ?) ON CONFLICT DO NOTHING"
        )
        return try records.filter { record in
            guard let id = record.id else { return true }
            // As bytes: a text is bound up to its first null character only.
            try statement.execute(arguments: [datasetArn, Data(id.utf8)])
            return db.changesCount > 0
        }
    }
}
