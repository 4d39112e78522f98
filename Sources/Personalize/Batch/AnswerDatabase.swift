/// Keeps the answers of batch jobs in a database that programs read with no model at hand; supplied by whoever owns a
/// database engine.
public protocol AnswerDatabase: Sendable {
    /// Writes the answers of a job as a table of its own and lets the view `latest` show that table.
    ///
    /// Both happen in one transaction: whoever reads sees the old answers or the new ones, each whole. A table of the same
    /// name, which an interrupted attempt of the job has left, is replaced.
    ///
    /// - Parameters:
    ///   - table: What the table is called and where it comes from.
    ///   - path: The file of the database, which is made where there is none.
    ///   - next: The next rows; none at the end.
    /// - Throws: What `next` throws, and when the database cannot be written.
    func write(_ table: AnswerTable, to path: String, next: () throws -> [AnswerRow]) throws
}

/// A table of answers.
public struct AnswerTable: Sendable, Equatable {
    /// The job's name, by which the table is named.
    public var jobName: String
    /// The job.
    public var jobArn: String
    /// What answered.
    public var solutionVersionArn: String
    /// What questions name, as a member of theirs: `userId`; the table's column is called so.
    public var questionColumn: String
    /// What answers name: `recommendedItem` or `recommendedUser`.
    public var answerColumn: String

    /// A table.
    public init(
        jobName: String,
        jobArn: String,
        solutionVersionArn: String,
        questionColumn: String,
        answerColumn: String
    ) {
        self.jobName = jobName
        self.jobArn = jobArn
        self.solutionVersionArn = solutionVersionArn
        self.questionColumn = questionColumn
        self.answerColumn = answerColumn
    }
}

/// One of the answers to a question.
public struct AnswerRow: Sendable, Equatable {
    /// Who or what was asked about.
    public var question: String
    /// The place of the answer, counted from 1.
    public var rank: Int
    /// The item or user that was answered.
    public var answer: String
    /// Its score; `nil` where the recipe gives none.
    public var score: Double?

    /// A row.
    public init(question: String, rank: Int, answer: String, score: Double?) {
        self.question = question
        self.rank = rank
        self.answer = answer
        self.score = score
    }
}
