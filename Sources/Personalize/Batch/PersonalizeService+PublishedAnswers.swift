internal import DurableFiles
public import JSON

extension PersonalizeService {
    /// Joins answers that lie in files of a bucket into a table of a SQLite database and points its view `latest` at it.
    ///
    /// Whoever reads the database sees the former answers or these, each whole; nothing is changed where a file cannot be
    /// read. The same call a second time leaves the same table.
    ///
    /// - Parameter input: `source`, a folder whose files end in `.jsonl`, each line an object with `itemIds`,
    ///   `recommendedItems` and `scores`, as `recommendForItemSets` gives them; `database`, the file; `run`, by which the
    ///   table is called; `solutionVersionArn`, what has answered.
    /// - Returns: `table`, its name; `questionCount` and `rowCount`; `database`.
    /// - Throws: `PersonalizeError` with `invalidInput` that names the file and the line.
    public func publishAnswers(_ input: JSON) async throws -> JSON {
        guard let answerDatabase else {
            throw PersonalizeError(.invalidInput, "databases of answers are not offered by this service")
        }
        let source = try input.required("source")
        let run = try input.required("run")
        let database = try input.required("database")
        let version = try await activeResource(.solutionVersion, try input.required("solutionVersionArn"))
        guard run.utf8.count <= 128, run.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) })
        else {
            throw PersonalizeError(
                .invalidInput,
                "run \"\(run)\" must be up to 128 letters, digits, \"-\" and \"_\": a table is called by it"
            )
        }
        let table = AnswerTable(
            jobName: run,
            jobArn: input["executionArn"]?.string ?? "",
            solutionVersionArn: version.arn,
            questionColumn: "itemIds",
            answerColumn: "recommendedItem"
        )
        let objects = objects
        do {
            let counts = try await BackgroundThread.run(onCancel: {}) {
                var rows = try SetAnswerRows(try objects.files(at: source, suffix: ".jsonl"), source)
                try answerDatabase.write(table, to: try objects.writablePath(of: database)) { try rows.next() }
                return (rows.questionCount, rows.rowCount)
            }
            return [
                "table": .string("recommendations_\(run)"), "database": .string(database),
                "questionCount": JSON(counts.0), "rowCount": JSON(counts.1),
            ]
        } catch let refusal as TrainingRefusal {
            throw PersonalizeError(.invalidInput, refusal.description)
        }
    }
}

/// The rows of answers to tastes, file by file and line by line.
private struct SetAnswerRows: ~Copyable {
    private var paths: ArraySlice<String>
    private var lines: LineSource?
    private var path = ""
    private var line = 0
    private(set) var questionCount = 0
    private(set) var rowCount = 0

    init(_ paths: [String], _ source: String) throws(TrainingRefusal) {
        guard !paths.isEmpty else { throw TrainingRefusal("source \"\(source)\" holds no .jsonl file") }
        self.paths = paths[...]
    }

    /// The rows of the next question; none at the end.
    ///
    /// A question without an answer has no rows and is passed over.
    mutating func next() throws -> [AnswerRow] {
        while true {
            guard let found = try lines?.next() else {
                guard let path = paths.popFirst() else { return [] }
                (self.path, line) = (path, 0)
                lines = try LineSource(path, limit: .max)
                continue
            }
            line += 1
            guard !found.bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) else { continue }
            let rows = try rows(found.bytes)
            guard !rows.isEmpty else { continue }
            questionCount += 1
            rowCount += rows.count
            return rows
        }
    }

    private func rows(_ bytes: [UInt8]) throws -> [AnswerRow] {
        let value: JSON
        do throws(JSONError) {
            value = try JSON(parsing: bytes)
        } catch {
            throw TrainingRefusal("\(path): line \(line): is no JSON: \(error)")
        }
        let ids = (value["itemIds"]?.array ?? []).compactMap(\.string)
        guard !ids.isEmpty, let items = value["recommendedItems"]?.array else {
            throw TrainingRefusal("\(path): line \(line): must have itemIds and recommendedItems")
        }
        let scores = value["scores"]?.array
        // However a set was ordered, it is looked up by the one key.
        let question = ids.sorted().joined(separator: ",")
        return try items.enumerated().map { index, item in
            guard let id = item.string else {
                throw TrainingRefusal("\(path): line \(line): recommendedItems[\(index)] must be the id of an item")
            }
            let score = scores.flatMap { $0.indices.contains(index) ? $0[index].double : nil }
            return AnswerRow(question: question, rank: index + 1, answer: id, score: score)
        }
    }
}
