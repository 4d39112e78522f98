internal import ChildProcesses
internal import DurableFiles
internal import Glibc
internal import Synchronization

/// What a program prints: the last of it in a file, and the last lines in memory for whoever tells of its end.
///
/// When the file has its full size it is moved to the name with `.1` behind it, and a new one begins.
final class ProgramLog: Sendable {
    private struct State {
        var size = 0
        var last: [String] = []
    }

    private static let largest = 10 << 20
    /// So much of a line is kept.
    static let longestLine = 8192
    private static let lastCount = 5

    private let path: String
    private let state = Mutex(State())

    /// A log that goes on with the file of an earlier run; its directory must exist.
    init(_ path: String) {
        self.path = path
        let length = (try? FileReader(path))?.length ?? 0
        state.withLock { $0.size = length }
    }

    /// Takes a line.
    func append(_ line: ProcessLine) {
        let dropped = line.droppedBytes > 0 ? " … (\(line.droppedBytes) more bytes)" : ""
        append(line.text + dropped)
    }

    /// Takes a line.
    func append(_ text: String) {
        state.withLock { state in
            state.last.append(String(text.prefix(300)))
            if state.last.count > Self.lastCount { state.last.removeFirst() }
            let bytes = Array("\(text)\n".utf8)
            if state.size + bytes.count > Self.largest {
                _ = unsafe rename(path, "\(path).1")
                state.size = 0
            }
            state.size += bytes.count
            // A log that cannot be written must not end what it is of.
            try? AppendedFile.append(bytes, to: path)
        }
    }

    /// The last lines, each with its beginning.
    var lastLines: [String] { state.withLock(\.last) }

    /// The last line that says something, in words for an error; empty when there is none.
    var lastWords: String {
        guard let line = lastLines.last(where: { !$0.allSatisfy(\.isWhitespace) }) else { return "" }
        return "; it last wrote: \(line)"
    }
}
