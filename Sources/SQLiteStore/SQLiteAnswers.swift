internal import GRDB
public import Personalize

/// Writes the answers of batch jobs into SQLite files, from which a web application reads them with no model at hand.
///
/// | table or view | what |
/// | --- | --- |
/// | `recommendations_JOB` | `userId`, `itemId` or `itemAttributes`; `rank` from 1; `recommendedItem` or `recommendedUser`; `score` |
/// | `latest` | the same of the job that was written last |
/// | `job` | which job and which solution version each table is of, and how many rows it has |
///
/// The file is in WAL mode: readers go on with the old answers while new ones are written.
public struct SQLiteAnswers: AnswerDatabase {
    /// Files of answers.
    public init() {}

    /// Writes a table and points `latest` at it, in one transaction.
    public func write(_ table: AnswerTable, to path: String, next: () throws -> [AnswerRow]) throws {
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
            }
            try queue.write { db in
                let name = "recommendations_\(table.jobName)"
                try Self.create(name, table, in: db)
                let count = try Self.insert(next, into: name, table, db)
                try Self.publish(name, table, count, in: db)
            }
            try queue.close()
        } catch {
            throw StoreError.translating(error, path: path)
        }
    }

    private static func create(_ name: String, _ table: AnswerTable, in db: Database) throws {
        try db.execute(
            sql: """
                DROP VIEW IF EXISTS latest;
                DROP TABLE IF EXISTS \(name.quotedDatabaseIdentifier);
                CREATE TABLE \(name.quotedDatabaseIdentifier) (
                    \(table.questionColumn.quotedDatabaseIdentifier) TEXT NOT NULL,
                    rank INTEGER NOT NULL,
                    \(table.answerColumn.quotedDatabaseIdentifier) TEXT NOT NULL,
                    score REAL,
                    PRIMARY KEY (\(table.questionColumn.quotedDatabaseIdentifier), rank)
                ) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS job (
                    name TEXT NOT NULL PRIMARY KEY,
                    arn TEXT NOT NULL,
                    solutionVersionArn TEXT NOT NULL,
                    tableName TEXT NOT NULL,
                    rowCount INTEGER NOT NULL
                );
                """
        )
    }

    /// Inserts rows; of a question that comes twice the last answer stays.
    private static func insert(
        _ next: () throws -> [AnswerRow],
        into name: String,
        _ table: AnswerTable,
        _ db: Database
    ) throws -> Int {
        let question = table.questionColumn.quotedDatabaseIdentifier
        let insert = try db.makeStatement(sql: "INSERT INTO \(name.quotedDatabaseIdentifier) VALUES (?, ?, ?, ?)")
        let delete = try db.makeStatement(sql: "DELETE FROM \(name.quotedDatabaseIdentifier) WHERE \(question) = ?")
        var count = 0
        while true {
            let rows = try next()
            guard let first = rows.first else { return count }
            try delete.execute(arguments: [first.question])
            count -= db.changesCount
            for row in rows {
                try insert.execute(arguments: [row.question, row.rank, row.answer, row.score])
            }
            count += rows.count
        }
    }

    private static func publish(_ name: String, _ table: AnswerTable, _ count: Int, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO job (name, arn, solutionVersionArn, tableName, rowCount) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET arn = excluded.arn, solutionVersionArn = excluded.solutionVersionArn,
                    tableName = excluded.tableName, rowCount = excluded.rowCount
                """,
            arguments: [table.jobName, table.jobArn, table.solutionVersionArn, name, count]
        )
        try db.execute(sql: "CREATE VIEW latest AS SELECT * FROM \(name.quotedDatabaseIdentifier)")
    }
}
