import DurableFiles
import FoundationEssentials
import JSON
import Synchronization
import TestSupport
import Testing

@testable import Personalize

@Suite struct BatchRunTests {
    private struct Crash: Error {}

    /// Answers each question with itself, and fails after so many.
    private final class Echo: BatchAnswerer {
        let left: Mutex<Int>

        init(failingAfter count: Int = .max) { left = Mutex(count) }

        var crowd: BatchCrowd? { nil }
        var roundSize: Int { 2 }

        func answers(to questions: [BatchQuestion], threads: Int) throws -> [[UInt8]] {
            try left.withLock { left in
                guard left >= questions.count else { throw Crash() }
                left -= questions.count
            }
            return questions.map { $0.input.utf8 + [10] }
        }
    }

    private static func files(_ directory: TemporaryDirectory, _ counts: [Int]) throws -> [BatchFile] {
        try counts.enumerated().map { index, count in
            let text = lines(index, count)
            return BatchFile(
                path: try directory.write(text, to: "in/\(index).json"),
                length: text.utf8.count,
                output: directory.file("\(index).json.out")
            )
        }
    }

    private static func lines(_ file: Int, _ count: Int) -> String {
        (0..<count).map { #"{"userId":"\#(file)-\#($0)"}"# + "\n" }.joined()
    }

    private static func run(_ directory: TemporaryDirectory, _ files: [BatchFile], _ echo: Echo) throws -> Int {
        let folder = try BatchFolder(directory.file("job"), files)
        return try BatchRun(
            files: files,
            folder: folder,
            answerer: echo,
            threads: 2,
            partSize: 4,
            progress: { _ in },
            isCancelled: { false }
        )
        .run()
    }

    private static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    /// A crash at every round; what was finished before is not asked again.
    @Test(arguments: 0..<20)
    func `finished parts are not done again`(crash: Int) throws {
        let directory = try TemporaryDirectory()
        let files = try Self.files(directory, [9, 0, 8, 3])
        #expect(throws: Crash.self) { try Self.run(directory, files, Echo(failingAfter: crash)) }
        let again = try Self.run(directory, files, Echo())
        // A part holds four questions; the round that failed was begun with up to three of its part done.
        let finished = 20 - again
        #expect(finished <= crash && finished > crash - 5, "\(finished) of \(crash)")
        for (index, count) in [9, 0, 8, 3].enumerated() {
            #expect(try Self.text(files[index].output) == Self.lines(index, count))
        }
        #expect(try Self.run(directory, files, Echo(failingAfter: 0)) == 0)
    }

    /// A crash while the parts are put together: the parts are there, the answers are not or nobody knows that they are.
    @Test(arguments: [false, true])
    func `answers that were being put together are put together again`(isWhole: Bool) throws {
        let directory = try TemporaryDirectory()
        let files = try Self.files(directory, [9])
        #expect(throws: Crash.self) { try Self.run(directory, files, Echo(failingAfter: 8)) }
        // The last part is done, and its file is being written beside where it belongs.
        let folder = try BatchFolder(directory.file("job"), files)
        var part = try folder.newPart()
        try part.write(Self.lines(0, 9).split(separator: "\n").dropFirst(8).joined() + "\n")
        try folder.finish(
            part,
            of: 0,
            number: 2,
            next: BatchPosition(offset: files[0].length),
            isLast: true
        )
        var unfinished = try AtomicFile(at: files[0].output)
        try unfinished.write("half")
        let beside = try AtomicFile(at: files[0].output + ".other")
        if isWhole { try AtomicFile.write(Array(Self.lines(0, 9).utf8), to: files[0].output) }

        #expect(try Self.run(directory, files, Echo(failingAfter: 0)) == 0)
        #expect(try Self.text(files[0].output) == Self.lines(0, 9))
        let hidden = try DataFiles.names(in: directory.path).filter { $0.hasPrefix(".") }
        #expect(hidden.count == 1 && hidden[0].contains(".out.other."))
        try beside.commit()
    }

    @Test func `other files than before are answered from their beginning`() throws {
        let directory = try TemporaryDirectory()
        let before = try Self.files(directory, [9])
        #expect(throws: Crash.self) { try Self.run(directory, before, Echo(failingAfter: 6)) }
        let after = try Self.files(directory, [7])
        #expect(try Self.run(directory, after, Echo()) == 7)
        #expect(try Self.text(after[0].output) == Self.lines(0, 7))
    }

    @Test func `lines are cut the same wherever blocks end`() throws {
        let directory = try TemporaryDirectory()
        let lines = (0..<400).map { String(repeating: "é", count: $0 * 17 % 3001) }
        let path = try directory.write(lines.joined(separator: "\r\n"), to: "lines")
        var source = try LineSource(path)
        var ends: [Int] = []
        var read: [String] = []
        while let line = try source.next() {
            read.append(String(decoding: line.bytes, as: UTF8.self))
            ends.append(line.end)
        }
        #expect(read == lines)
        var rest = try LineSource(path, offset: ends[299])
        #expect(try rest.next()?.bytes == Array(lines[300].utf8))
        var short = try LineSource(path, limit: 100)
        var longOnes = 0
        while let line = try short.next() { longOnes += line.isTooLong ? 1 : 0 }
        #expect(longOnes > 0)
    }
}
