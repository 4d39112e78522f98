internal import DurableFiles

/// One line of a file, without its end.
struct FileLine: Sendable {
    /// Its bytes; none when it is too long.
    let bytes: [UInt8]
    /// Where the next line begins.
    let end: Int
    let isTooLong: Bool
}

/// Cuts a file into lines, reading it once; memory does not grow with the file.
struct LineSource: ~Copyable, Sendable {
    /// The most bytes of a line of questions: 500 ids of the longest kind fit.
    static let questionLimit = 1 << 20
    private static let blockSize = 1 << 18

    private let limit: Int
    private var reader: FileReader
    private var buffer: [UInt8] = []
    /// Where in the buffer the next line begins, and where in the file.
    private var start = 0
    private var offset: Int
    private var isAtEnd = false

    /// The lines of a file from the one that begins at an offset.
    init(_ path: String, offset: Int = 0, limit: Int = questionLimit) throws(FileError) {
        reader = try FileReader(path, offset: offset)
        self.offset = offset
        self.limit = limit
    }

    /// The next line; `nil` after the last.
    mutating func next() throws(FileError) -> FileLine? {
        var scanned = start
        var isTooLong = false
        while true {
            if let newline = buffer[scanned...].firstIndex(of: UInt8(ascii: "\n")) {
                return take(upTo: newline, next: newline + 1, isTooLong)
            }
            scanned = buffer.count
            if scanned - start > limit {
                isTooLong = true
                skip()
                scanned = 0
            }
            if isAtEnd {
                return scanned > start || isTooLong ? take(upTo: scanned, next: scanned, isTooLong) : nil
            }
            scanned -= try fill()
        }
    }

    /// Reads on; answers by how much what is in the buffer has moved.
    private mutating func fill() throws(FileError) -> Int {
        let moved = start
        buffer.removeSubrange(..<start)
        start = 0
        isAtEnd = try reader.read(appendingTo: &buffer, count: Self.blockSize) < Self.blockSize
        return moved
    }

    /// Forgets what has been read of a line that is too long.
    private mutating func skip() {
        offset += buffer.count - start
        buffer.removeAll(keepingCapacity: true)
        start = 0
    }

    private mutating func take(upTo end: Int, next: Int, _ isTooLong: Bool) -> FileLine {
        let isTooLong = isTooLong || end - start > limit
        var bytes = isTooLong ? [] : buffer[start..<end]
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        offset += next - start
        start = next
        return FileLine(bytes: Array(bytes), end: offset, isTooLong: isTooLong)
    }
}
