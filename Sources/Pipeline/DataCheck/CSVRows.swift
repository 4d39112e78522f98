internal import Foundation

/// The rows of a CSV file, one after the other, in memory that does not grow with the file.
///
/// As the import reads them: commas, quotes that hold line ends, `""` and `\"` within quotes, LF or CRLF, an optional byte
/// order mark; empty lines are no rows.
struct CSVRows {
    /// One row: the line it begins in and its fields.
    struct Row {
        let line: Int
        let fields: [[UInt8]]
    }

    private let handle: FileHandle
    private var bytes: [UInt8] = []
    private var position = 0
    private var line = 1
    private var isAtEnd = false
    private static let blockSize = 1 << 20

    /// The rows of a file, the header among them; `nil` when it cannot be opened.
    init?(path: String) {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        self.handle = handle
    }

    /// The next row; `nil` after the last.
    mutating func next() throws -> Row? {
        while true {
            guard try peek() != nil else { return nil }
            if line == 1, position == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
            let start = line
            let fields = try record()
            if fields.count > 1 || fields.first?.isEmpty == false { return Row(line: start, fields: fields) }
        }
    }

    private mutating func record() throws -> [[UInt8]] {
        var fields: [[UInt8]] = []
        while true {
            fields.append(try field())
            switch try peek() {
            case UInt8(ascii: ",")?: position += 1
            case UInt8(ascii: "\n")?:
                position += 1
                line += 1
                return fields
            default: return fields
            }
        }
    }

    private mutating func field() throws -> [UInt8] {
        if try peek() == UInt8(ascii: "\"") { return try quotedField() }
        var field: [UInt8] = []
        while let byte = try peek(), byte != UInt8(ascii: ","), byte != UInt8(ascii: "\n") {
            field.append(byte)
            position += 1
        }
        if field.last == UInt8(ascii: "\r"), try peek() != UInt8(ascii: ",") { field.removeLast() }
        return field
    }

    private mutating func quotedField() throws -> [UInt8] {
        var field: [UInt8] = []
        position += 1
        while let byte = try peek() {
            position += 1
            if byte == UInt8(ascii: "\\"), let next = try peek(), [UInt8(ascii: "\""), byte].contains(next) {
                field.append(next)
                position += 1
            } else if byte != UInt8(ascii: "\"") {
                if byte == UInt8(ascii: "\n") { line += 1 }
                field.append(byte)
            } else if try peek() == byte {
                field.append(byte)
                position += 1
            } else {
                break
            }
        }
        // A line end of two characters may follow; anything else there the import refuses by itself.
        while let byte = try peek(), byte != UInt8(ascii: ","), byte != UInt8(ascii: "\n") { position += 1 }
        return field
    }

    /// The byte at the position, after more has been read where needed.
    private mutating func peek() throws -> UInt8? {
        if position < bytes.count { return bytes[position] }
        guard !isAtEnd else { return nil }
        bytes = Array(try handle.read(upToCount: Self.blockSize) ?? Data())
        position = 0
        isAtEnd = bytes.isEmpty
        return bytes.first
    }
}
