/// Parses one block of whole records into columns; lines and codes are counted from the block's beginning.
struct BlockParser: Sendable {
    let layout: RecordLayout
    private(set) var columns: [ColumnBuilder]
    private(set) var faults: FaultCollector
    /// How many records there were.
    private(set) var rowCount = 0
    /// How many lines end in the block.
    private(set) var lineCount = 0
    /// For each field of a record, the index in `columns`, or -1.
    private let targets: [Int]
    private var checksUTF8 = false
    /// Whether the block ended within quotes, so that the last record cannot be told.
    private var isQuoteOpen = false

    init(_ layout: RecordLayout, faultLimit: Int) {
        self.layout = layout
        columns = layout.makeColumns()
        faults = FaultCollector(limit: faultLimit)
        targets = layout.targets.map { $0 ?? -1 }
    }

    mutating func parse(_ block: Span<UInt8>) {
        checksUTF8 = !ByteScanning.isASCII(block) && (try? UTF8Span(validating: block)) == nil
        var position = 0
        while position < block.count {
            if block[position] == Self.lineFeed {
                position += 1
                lineCount += 1
            } else if block[position] == Self.carriageReturn, Self.isLineEnd(block, position) {
                position += 1
            } else {
                position = parseRecord(block, from: position)
            }
        }
    }

    /// Parses a record and returns where the next one begins.
    private mutating func parseRecord(_ block: Span<UInt8>, from start: Int) -> Int {
        let line = lineCount + 1
        var position = start
        var field = 0
        while true {
            if position < block.count, block[position] == Self.quote {
                position = parseQuoted(block, field, from: position)
            } else {
                position = parsePlain(block, field, from: position)
            }
            field += 1
            guard position < block.count, block[position] == Self.comma else { break }
            position += 1
        }
        if position < block.count {
            lineCount += 1
            position += 1
        }
        rowCount += 1
        if field != targets.count, !isQuoteOpen { addFieldCountFault(field, line) }
        return position
    }

    /// Takes a field without quotes and returns the position of the comma or line feed after it.
    private mutating func parsePlain(_ block: Span<UInt8>, _ field: Int, from start: Int) -> Int {
        let next = Self.delimiter(in: block, from: start)
        var end = next
        let endsRecord = next == block.count || block[next] == Self.lineFeed
        if endsRecord, end > start, block[end - 1] == Self.carriageReturn { end -= 1 }
        take(block.extracting(start..<end), field, lineCount + 1)
        return next
    }

    /// Takes a field in quotes and returns the position of the comma or line feed after it.
    private mutating func parseQuoted(_ block: Span<UInt8>, _ field: Int, from start: Int) -> Int {
        let line = lineCount + 1
        guard let close = QuotedField.close(in: block, from: start + 1) else {
            let beginning = Self.excerpt(block.extracting(start + 1..<block.count))
            fault(line, field, "the quote that opens here, before \"\(beginning)\", is never closed")
            isQuoteOpen = true
            return block.count
        }
        let content = block.extracting(start + 1..<close)
        countLines(content)
        takeQuoted(content, field, line)
        let next = Self.delimiter(in: block, from: close + 1)
        let rest = block.extracting(close + 1..<next)
        if rest.count > 1 || rest.count == 1 && rest[0] != Self.carriageReturn {
            fault(
                line,
                field,
                "\"\(Self.excerpt(rest))\" follows the closing quote; write a quote within quotes as \"\""
            )
        }
        return next
    }

    private mutating func takeQuoted(_ content: Span<UInt8>, _ field: Int, _ line: Int) {
        guard QuotedField.isEscaped(content) else { return take(content, field, line) }
        let bytes = QuotedField.unescaped(content)
        take(bytes.span, field, line)
    }

    @inline(__always)
    private mutating func take(_ value: Span<UInt8>, _ field: Int, _ line: Int) {
        guard field < targets.count, targets[field] >= 0 else { return }
        if checksUTF8, (try? UTF8Span(validating: value)) == nil {
            return add(.invalidUTF8, value, field, line)
        }
        if let fault = columns[targets[field]].append(value) { add(fault, value, field, line) }
    }

    private mutating func add(_ fault: FieldFault, _ value: Span<UInt8>, _ field: Int, _ line: Int) {
        let column = columns[targets[field]].column
        self.fault(line, field, fault.message(value, column))
    }
}

// MARK: - Places

extension BlockParser {
    private static let comma = UInt8(ascii: ",")
    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// The position of the next comma or line feed, or the end.
    @inline(__always)
    private static func delimiter(in block: Span<UInt8>, from start: Int) -> Int {
        var position = start
        while position < block.count, block[position] != comma, block[position] != lineFeed { position += 1 }
        return position
    }

    private static func isLineEnd(_ block: Span<UInt8>, _ position: Int) -> Bool {
        position + 1 == block.count || block[position + 1] == lineFeed
    }

    private static func excerpt(_ bytes: Span<UInt8>) -> String {
        FieldFault.excerpt(FieldValue.text(bytes.extracting(first: 64)))
    }

    private mutating func countLines(_ bytes: Span<UInt8>) {
        for index in bytes.indices where bytes[index] == Self.lineFeed { lineCount += 1 }
    }

    private mutating func addFieldCountFault(_ count: Int, _ line: Int) {
        let fields = count == 1 ? "1 field" : "\(count) fields"
        faults.add(ImportFault(line: line, "\(fields) where the header has \(targets.count)"))
    }

    private mutating func fault(_ line: Int, _ field: Int, _ message: String) {
        let column = layout.header.indices.contains(field) ? layout.header[field] : nil
        faults.add(ImportFault(line: line, column: column, message))
    }
}

extension FieldFault {
    /// The fact about a value and the remedy.
    func message(_ field: Span<UInt8>, _ column: Schema.Column) -> String {
        let value = "\"\(Self.excerpt(FieldValue.text(field)))\""
        switch self {
        case .empty:
            return "empty, but the schema does not allow null; fill it in or make the type "
                + "[\"null\",\"\(column.type.rawValue)\"]"
        case .notInteger:
            return column.name.hasSuffix("TIMESTAMP")
                ? "\(value) is not a whole number of seconds since 1970" : "\(value) is not a whole number"
        case .outOfRange: return "\(value) is out of the range of type \(column.type.rawValue)"
        case .notNumber: return "\(value) is not a number"
        case .notBoolean: return "\(value) is not a boolean; write true or false"
        case .invalidUTF8: return "\(value) is not valid UTF-8; save the file in that encoding"
        case .tooLong(let limit):
            return "Length cannot be more than \(limit) characters for COL \(column.name): \(value)"
        }
    }

    /// The beginning of a text, on one line.
    static func excerpt(_ text: String) -> String {
        let line = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        let isCut = line.count > 40 || line.count < text.count
        return isCut ? "\(line.prefix(40))…" : String(line)
    }
}
