internal import DurableFiles
internal import JSON

/// Reads the rows of a job's answers back from the files it has written, one question at a time.
struct AnswerRows: ~Copyable {
    private var files: ArraySlice<BatchFile>
    private var lines: LineSource?
    private let questionMember: String

    /// The rows of some files; questions are named by a member of theirs.
    init(_ files: [BatchFile], questionMember: String) {
        self.files = files[...]
        self.questionMember = questionMember
    }

    /// The rows of the next question that was answered with something; none at the end.
    mutating func next() throws -> [AnswerRow] {
        while true {
            guard let line = try lines?.next() else {
                guard let file = files.popFirst() else { return [] }
                lines = try LineSource(file.output, limit: .max)
                continue
            }
            let rows = try rows(try JSON(parsing: line.bytes))
            if !rows.isEmpty { return rows }
        }
    }

    private func rows(_ line: JSON) throws -> [AnswerRow] {
        let input = line["input"] ?? line
        guard let question = input[questionMember]?.string, let output = line["output"]?.object else { return [] }
        let ids = (output["recommendedItems"] ?? output["recommendedUsers"])?.array ?? []
        let scores = output["scores"]?.array
        return ids.enumerated().compactMap { index, id in
            id.string.map {
                AnswerRow(question: question, rank: index + 1, answer: $0, score: scores?[index].double)
            }
        }
    }
}
