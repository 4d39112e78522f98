import JSON
import Personalize
import SQLiteStore
import Synchronization
import TestSupport
import Testing

@Suite struct AnswerDatabaseTests {
    /// Keeps the rows it is given.
    private final class Rows: AnswerDatabase {
        let written = Mutex<[String: [AnswerRow]]>([:])
        let tables = Mutex<[AnswerTable]>([])

        func write(_ table: AnswerTable, to path: String, next: () throws -> [AnswerRow]) throws {
            var rows: [AnswerRow] = []
            while true {
                let more = try next()
                if more.isEmpty { break }
                rows += more
            }
            written.withLock { $0[path] = rows }
            tables.withLock { $0.append(table) }
        }
    }

    private static let output: JSON = [
        "s3DataDestination": ["path": "s3://bucket/out/"],
        "sqliteDataDestination": ["path": "s3://bucket/web/answers.sqlite"],
    ]

    @Test func `a job's answers are written as rows too`() async throws {
        let rows = Rows()
        let test = try ServiceUnderTest(answers: rows)
        try await test.running {
            try await test.prepareFilms()
            let version = try await test.train("hot", recipe: "aws-user-personalization").arn
            let answers = try await test.infer(
                [#"{"userId":"u1"}"#, "x", #"{"userId":"u2"}"#],
                version,
                ["numResults": 3, "jobOutput": Self.output]
            )
            let table = AnswerTable(
                jobName: "job",
                jobArn: arn("batch-inference-job/job"),
                solutionVersionArn: version,
                questionColumn: "userId",
                answerColumn: "recommendedItem"
            )
            #expect(rows.tables.withLock(\.self) == [table])
            let written = rows.written.withLock { $0[test.directory.file("bucket/web/answers.sqlite")] } ?? []
            #expect(written.map(\.question) == ["u1", "u1", "u1", "u2", "u2", "u2"])
            #expect(written.map(\.rank) == [1, 2, 3, 1, 2, 3])
            #expect(written.map(\.answer) == answers[0].ids + answers[2].ids)
            #expect(written.map(\.score) == answers[0].scores + answers[2].scores)
            let described = try await test.call(
                "DescribeBatchInferenceJob",
                ["batchInferenceJobArn": .string(arn("batch-inference-job/job"))]
            )
            #expect(described["batchInferenceJob"]?["jobOutput"] == Self.output)
        }
    }

    @Test func `a database that cannot be written fails the job with its reason`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let version = try await test.train("hot").arn
            try test.directory.write(#"{"userId":"u1"}"#, to: "bucket/in/users.json")
            try test.directory.write(String(repeating: "x", count: 4096), to: "bucket/web/answers.sqlite")
            let input = test.batchInput("job", version, ["jobOutput": Self.output])
            let made = try await test.create("CreateBatchInferenceJob", input)
            #expect(made.status == .createFailed)
            let reason = try await test.failureReason("BatchInferenceJob", made.arn)
            #expect(reason?.contains("answers.sqlite") == true)
            #expect(!test.exists("bucket/out/_SUCCESS"))
        }
    }
}
