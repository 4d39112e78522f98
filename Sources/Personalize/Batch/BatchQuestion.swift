internal import DurableFiles
internal import JSON
internal import Kernels

/// One question of a batch job: a line of its input, or one of those that a line stands for.
struct BatchQuestion: Sendable {
    /// The question, as its answer shows it.
    var input: JSON
    /// What is wrong with it; `nil` when it can be answered.
    var fault: String?
}

/// Where in a file of questions the next one is.
struct BatchPosition: Sendable, Equatable {
    /// Where its line begins.
    var offset = 0
    /// How many of the questions that the line stands for are done.
    var expanded = 0
}

/// Whom a line stands for that asks for all: `{"allUsers": true}`, or `{"allItems": true}` where items are asked about.
struct BatchCrowd: Sendable {
    /// The member that asks for all.
    let member: String
    /// The member that holds one id.
    let idMember: String
    /// All that the training knew, in the order of their bytes.
    let ids: IDTable

    /// All users of a model.
    static func users(_ index: ModelIndex) -> BatchCrowd {
        BatchCrowd(member: "allUsers", idMember: "userId", ids: index.users)
    }

    /// All items of a model.
    static func items(_ index: ModelIndex) -> BatchCrowd {
        BatchCrowd(member: "allItems", idMember: "itemId", ids: index.items)
    }

    /// The question about one of them; the line's other members stay.
    func question(_ code: Int, _ line: JSON) -> BatchQuestion {
        var input: JSONObject = [idMember: .string(ids[UInt32(code)])]
        for (name, value) in line.object ?? [:] where name != member && name != idMember { input[name] = value }
        return BatchQuestion(input: .object(input))
    }
}

/// Reads the questions of a file, some at a time.
struct QuestionSource: ~Copyable, Sendable {
    private struct Line: Sendable {
        let question: BatchQuestion
        let end: Int
        /// Whether it stands for all.
        let isCrowd: Bool
    }

    /// Where the next question is.
    private(set) var position: BatchPosition
    private var lines: LineSource
    private var pending: [Line] = []
    private var index = 0
    private let crowd: BatchCrowd?

    /// The questions of a file from a position on.
    init(_ path: String, from position: BatchPosition, crowd: BatchCrowd?) throws(FileError) {
        self.position = position
        self.crowd = crowd
        lines = try LineSource(path, offset: position.offset)
    }

    /// The next questions, so many at most; none after the last.
    ///
    /// Empty lines are passed over.
    mutating func next(_ count: Int, threads: Int) throws -> [BatchQuestion] {
        var questions: [BatchQuestion] = []
        while questions.count < count {
            if index == pending.count {
                try read(count, threads: threads)
                if pending.isEmpty { break }
            }
            take(count - questions.count, into: &questions)
        }
        return questions
    }

    /// How many bytes of the file are done, the part of a line that stands for all counted in proportion.
    var bytesDone: Int {
        guard position.expanded > 0, index < pending.count, let total = crowd?.ids.count, total > 0 else {
            return position.offset
        }
        return position.offset + (pending[index].end - position.offset) * position.expanded / total
    }

    private mutating func take(_ count: Int, into questions: inout [BatchQuestion]) {
        let line = pending[index]
        guard line.isCrowd, let crowd else {
            questions.append(line.question)
            return finish(line)
        }
        let end = min(position.expanded + count, crowd.ids.count)
        for code in min(position.expanded, end)..<end {
            if crowd.ids.hidden.contains(UInt32(code)) { continue }
            questions.append(crowd.question(code, line.question.input))
        }
        position.expanded = end
        if end == crowd.ids.count { finish(line) }
    }

    private mutating func finish(_ line: Line) {
        position = BatchPosition(offset: line.end)
        index += 1
    }

    private mutating func read(_ count: Int, threads: Int) throws {
        var raw: [FileLine] = []
        var size = 0
        while raw.count < count, size < LineSource.questionLimit, let line = try lines.next() {
            guard line.isTooLong || !line.isBlank else { continue }
            size += line.bytes.count
            raw.append(line)
        }
        let member = crowd?.member
        pending = try Parallel.mapBlocks(count: raw.count, blockSize: 256, threads: threads) { [raw] block in
            raw[block].map { Self.parse($0, member) }
        }
        .flatMap(\.self)
        index = 0
    }

    private static func parse(_ line: FileLine, _ crowdMember: String?) -> Line {
        let question = BatchQuestion(line)
        let isCrowd = question.fault == nil && crowdMember.flatMap { question.input[$0] } == true
        return Line(question: question, end: line.end, isCrowd: isCrowd)
    }
}

extension BatchQuestion {
    /// How much of a line that is no JSON its answer repeats, in bytes.
    private static let shownLength = 1000

    /// Reads a line.
    fileprivate init(_ line: FileLine) {
        guard !line.isTooLong else {
            self.init(input: .null, fault: "the line is longer than \(LineSource.questionLimit) bytes; split it")
            return
        }
        do throws(JSONError) {
            let value = try JSON(parsing: line.bytes)
            let isObject = value.object != nil
            self.init(input: value, fault: isObject ? nil : "the line must be a JSON object, as {\"userId\": \"1\"}")
        } catch {
            let shown = String(decoding: line.bytes.prefix(Self.shownLength), as: UTF8.self)
            self.init(input: .string(shown), fault: "the line is no JSON: column \(error.column): \(error.message)")
        }
    }
}

extension FileLine {
    fileprivate var isBlank: Bool { bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d } }
}
