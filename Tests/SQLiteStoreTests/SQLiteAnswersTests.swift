import GRDB
import Personalize
import SQLiteStore
import TestSupport
import Testing

@Suite struct SQLiteAnswersTests {
    private struct Interruption: Error {}

    private func table(_ job: String) -> AnswerTable {
        AnswerTable(
            jobName: job,
            jobArn: "arn:\(job)",
            solutionVersionArn: "arn:version",
            questionColumn: "userId",
            answerColumn: "recommendedItem"
        )
    }

    private func write(_ job: String, _ users: [String], to path: String, failing: Bool = false) throws {
        var left = users[...]
        try SQLiteAnswers().write(table(job), to: path) {
            guard let user = left.popFirst() else {
                if failing { throw Interruption() }
                return []
            }
            return (1...3).map {
                AnswerRow(question: user, rank: $0, answer: "\(job)-\($0)", score: $0 == 3 ? nil : 1 / Double($0))
            }
        }
    }

    @Test func `latest shows the job that was written last, and earlier ones stay`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("answers.sqlite")
        try write("week-1", ["u1", "u2"], to: path)
        try write("week-2", ["u1", "u3", "u1"], to: path)
        try DatabaseQueue(path: path).read { db in
            let ofOne = "SELECT recommendedItem FROM latest WHERE userId = 'u1' ORDER BY rank"
            let items = try String.fetchAll(db, sql: ofOne)
            #expect(items == ["week-2-1", "week-2-2", "week-2-3"])
            let scores = try Double?.fetchAll(db, sql: "SELECT score FROM latest WHERE userId = 'u3' ORDER BY rank")
            #expect(scores == [1, 0.5, nil])
            let earlier = #"SELECT DISTINCT userId FROM "recommendations_week-1" ORDER BY 1"#
            let users = try String.fetchAll(db, sql: earlier)
            #expect(users == ["u1", "u2"])
            let counts = try Int.fetchAll(db, sql: "SELECT rowCount FROM job ORDER BY name")
            #expect(counts == [6, 6])
        }
    }

    @Test func `an interrupted attempt changes nothing, and the next one succeeds`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("answers.sqlite")
        try write("week-1", ["u1"], to: path)
        #expect(throws: Interruption.self) { try write("week-2", ["u1"], to: path, failing: true) }
        let latest = "SELECT recommendedItem FROM latest WHERE rank = 1"
        #expect(try DatabaseQueue(path: path).read { try String.fetchAll($0, sql: latest) } == ["week-1-1"])
        try write("week-2", ["u1"], to: path)
        try write("week-2", ["u1"], to: path)
        #expect(try DatabaseQueue(path: path).read { try String.fetchAll($0, sql: latest) } == ["week-2-1"])
    }

    @Test func `who reads sees the old answers whole while new ones are written`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("answers.sqlite")
        try write("week-1", ["u1"], to: path)
        let reader = try DatabaseQueue(path: path)
        var left = 1000
        try SQLiteAnswers().write(table("week-2"), to: path) {
            left -= 1
            let seen = try reader.read { try String.fetchAll($0, sql: "SELECT recommendedItem FROM latest") }
            #expect(seen == ["week-1-1", "week-1-2", "week-1-3"])
            return left > 0 ? [AnswerRow(question: "u\(left)", rank: 1, answer: "new", score: nil)] : []
        }
        #expect(try reader.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM latest") } == 999)
    }

    @Test func `a file that is no database is told as one`() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(String(repeating: "x", count: 4096), to: "answers.sqlite")
        let error = #expect(throws: StoreError.self) { try write("week-1", ["u1"], to: path) }
        #expect(error?.code == .notADatabase)
    }
}
