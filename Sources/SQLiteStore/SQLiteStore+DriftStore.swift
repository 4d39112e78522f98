internal import FoundationEssentials
internal import GRDB
internal import JSON
public import Personalize

extension SQLiteStore {
    /// What is done about drift in a dataset group.
    public func driftPolicy(of datasetGroupArn: String) async throws -> DriftPolicy? {
        try await read { db in
            let sql = "SELECT body FROM personalizeDriftPolicy WHERE datasetGroupArn = ?"
            return try String.fetchOne(db, sql: sql, arguments: [datasetGroupArn]).map(DriftRecord.policy)
        }
    }

    /// Says what is done about drift in a dataset group; nothing when there is no policy.
    public func put(_ policy: DriftPolicy?, of datasetGroupArn: String) async throws {
        try await write { db in
            guard let policy else {
                let sql = "DELETE FROM personalizeDriftPolicy WHERE datasetGroupArn = ?"
                return try db.execute(sql: sql, arguments: [datasetGroupArn])
            }
            try db.execute(
                sql: """
                    INSERT INTO personalizeDriftPolicy VALUES (?, ?)
                    ON CONFLICT DO UPDATE SET body = excluded.body
                    """,
                arguments: [datasetGroupArn, policy.json.text]
            )
        }
    }

    /// The findings that were not removed yet, the oldest first.
    public func driftFindings() async throws -> [DriftFinding] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM personalizeDriftFinding ORDER BY date, importJobArn")
                .map(DriftRecord.finding)
        }
    }

    /// Removes a finding, which was told and acted upon.
    public func removeDriftFinding(of importJobArn: String) async throws {
        try await write { db in
            let sql = "DELETE FROM personalizeDriftFinding WHERE importJobArn = ?"
            try db.execute(sql: sql, arguments: [importJobArn])
        }
    }
}

/// The rows of drift policies and findings.
enum DriftRecord {
    static func policy(_ text: String) throws -> DriftPolicy {
        guard let policy = DriftPolicy.read(try JSON(parsing: text)).policy else {
            throw StoreError(.corrupt, "personalizeDriftPolicy has a policy \(text)")
        }
        return policy
    }

    /// Removes what is kept of a dataset group that is gone: nothing is to bring it back.
    static func remove(ofGroup arn: String, in db: Database) throws {
        for table in ["personalizeDriftPolicy", "personalizeDriftFinding"] {
            try db.cachedStatement(sql: "DELETE FROM \(table) WHERE datasetGroupArn = ?").execute(arguments: [arn])
        }
    }

    static func save(_ finding: DriftFinding, in db: Database) throws {
        try db.execute(
            sql: "INSERT INTO personalizeDriftFinding VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            arguments: [
                finding.importJobArn, finding.datasetGroupArn, finding.report.text, finding.policy.json.text,
                finding.date.timeIntervalSince1970,
            ]
        )
    }

    static func finding(_ row: Row) throws -> DriftFinding {
        let report: String = row["report"]
        return DriftFinding(
            importJobArn: row["importJobArn"],
            datasetGroupArn: row["datasetGroupArn"],
            report: try JSON(parsing: report),
            policy: try policy(row["policy"]),
            date: Date(timeIntervalSince1970: row["date"])
        )
    }
}
