/// What is done with what a program writes.
///
/// Everything is read as it comes, so that the program never waits for long.
public enum ProcessOutput: Sendable {
    /// It is read and forgotten.
    case discarded
    /// Each line goes to a function, on a thread of the process; what exceeds `longest` bytes of a line is dropped.
    ///
    /// The function must be quick: the program waits for it.
    case lines(longest: Int, @Sendable (ProcessLine) -> Void)
    /// The bytes go to a function in pieces as they come, on a thread of the process; it must be quick.
    case chunks(@Sendable ([UInt8]) -> Void)
}

/// A line that a program wrote, without its end.
public struct ProcessLine: Sendable, Equatable {
    /// The text; bytes that are no UTF-8 are replaced.
    public let text: String
    /// How many bytes of it were dropped, since it was too long.
    public let droppedBytes: Int

    /// A line.
    public init(text: String, droppedBytes: Int = 0) {
        self.text = text
        self.droppedBytes = droppedBytes
    }
}

/// Makes lines of pieces, in constant memory.
struct LineSplitter {
    let longest: Int
    private var line: [UInt8] = []
    private var dropped = 0
    private var isOpen = false

    init(longest: Int) { self.longest = longest }

    /// Takes a piece and gives the lines that end in it.
    mutating func take(_ bytes: ArraySlice<UInt8>, _ body: (ProcessLine) -> Void) {
        var rest = bytes
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            append(rest[rest.startIndex..<end])
            finish(body)
            rest = rest[(end + 1)...]
        }
        append(rest)
        if !rest.isEmpty { isOpen = true }
    }

    /// Gives the last line, if it had no end.
    mutating func end(_ body: (ProcessLine) -> Void) {
        if isOpen { finish(body) }
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) {
        let kept = bytes.prefix(max(longest - line.count, 0))
        line.append(contentsOf: kept)
        dropped += bytes.count - kept.count
    }

    private mutating func finish(_ body: (ProcessLine) -> Void) {
        if line.last == UInt8(ascii: "\r"), dropped == 0 { line.removeLast() }
        body(ProcessLine(text: String(decoding: line, as: UTF8.self), droppedBytes: dropped))
        line.removeAll(keepingCapacity: true)
        dropped = 0
        isOpen = false
    }
}
