internal import DurableFiles

/// Answers the questions of a batch job.
protocol BatchAnswerer: Sendable {
    /// Whom a line may stand for that asks for all.
    var crowd: BatchCrowd? { get }
    /// How many questions are answered at one time, so that memory does not grow with the job.
    var roundSize: Int { get }

    /// Answers questions.
    ///
    /// - Parameters:
    ///   - questions: The questions.
    ///   - threads: The most threads to work at once.
    /// - Returns: Lines of output, one a question, in their order, in as many pieces as come.
    /// - Throws: When no question can be answered.
    func answers(to questions: [BatchQuestion], threads: Int) throws -> [[UInt8]]
}

/// Answers files of questions, part by part; runs to its end on the thread that calls it.
///
/// Answers stand in the order of their questions, whatever the number of threads.
struct BatchRun: Sendable {
    let files: [BatchFile]
    let folder: BatchFolder
    let answerer: any BatchAnswerer
    let threads: Int
    /// How many questions make a part at least, which is not done again after a crash.
    let partSize: Int
    let progress: @Sendable (JobProgress) -> Void
    let isCancelled: @Sendable () -> Bool

    /// How many bytes of answers end a part before it has its questions.
    private static let partBytes = 64 << 20

    /// Does what is left to do.
    ///
    /// - Returns: How many questions were answered now; what was done before is not counted.
    func run() throws -> Int {
        var count = 0
        for (index, file) in files.enumerated() where !folder.isDone(index) {
            try answer(file, index, &count)
            try folder.assemble(index, to: file.output)
        }
        return count
    }

    private func answer(_ file: BatchFile, _ index: Int, _ count: inout Int) throws {
        let done = try folder.parts(of: index).last
        guard done?.isLast != true else { return }
        var source = try QuestionSource(file.path, from: done?.next ?? BatchPosition(), crowd: answerer.crowd)
        var number = done.map { $0.number + 1 } ?? 0
        var isLast = false
        while !isLast {
            var part = try folder.newPart()
            isLast = try fill(&part, from: &source, index, &count)
            try folder.finish(part, of: index, number: number, next: source.position, isLast: isLast)
            number += 1
        }
    }

    /// Answers as many questions as make a part; true when there are no more.
    private func fill(
        _ part: inout AtomicFile,
        from source: inout QuestionSource,
        _ index: Int,
        _ count: inout Int
    ) throws -> Bool {
        var (questionCount, byteCount) = (0, 0)
        while questionCount < partSize, byteCount < Self.partBytes {
            guard !isCancelled() else { throw CancellationError() }
            let questions = try source.next(min(answerer.roundSize, partSize), threads: threads)
            guard !questions.isEmpty else { return true }
            for lines in try answerer.answers(to: questions, threads: threads) {
                try part.write(lines)
                byteCount += lines.count
            }
            questionCount += questions.count
            count += questions.count
            report(index, source.bytesDone, count)
        }
        return false
    }

    private func report(_ index: Int, _ bytesDone: Int, _ count: Int) {
        let total = files.reduce(0) { $0 + $1.length }
        let done = files[..<index].reduce(0) { $0 + $1.length } + bytesDone
        let share = total == 0 ? 0 : min(Double(done) / Double(total), 1)
        progress(JobProgress(stage: "RECOMMENDING", share: share, rows: count))
    }
}
