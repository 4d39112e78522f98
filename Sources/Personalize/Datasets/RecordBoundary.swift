/// Finds where records end in a block of CSV, so that blocks can be parsed apart.
///
/// Reads quotes as `BlockParser` does: one opens only at the beginning of a field, `""` and `\"` do not close it.
struct RecordBoundary: Equatable {
    /// After the last line end that ends a record; `nil` when no record ends in the block.
    let end: Int?
    /// Whether the block ends within quotes.
    let isQuoteOpen: Bool

    /// Looks through a block that begins where a record begins.
    init(in block: Span<UInt8>) {
        if ByteScanning.contains(UInt8(ascii: "\""), block) {
            self.init(quoted: block)
        } else {
            self.init(end: Self.afterLastLineFeed(block), isQuoteOpen: false)
        }
    }

    private init(end: Int?, isQuoteOpen: Bool) {
        self.end = end
        self.isQuoteOpen = isQuoteOpen
    }

    private init(quoted block: Span<UInt8>) {
        var end: Int?
        var position = 0
        while position < block.count {
            if block[position] == UInt8(ascii: "\"") {
                guard let close = QuotedField.close(in: block, from: position + 1) else {
                    self.init(end: end, isQuoteOpen: true)
                    return
                }
                position = close + 1
            }
            while position < block.count, block[position] != UInt8(ascii: ","), block[position] != UInt8(ascii: "\n") {
                position += 1
            }
            if position < block.count, block[position] == UInt8(ascii: "\n") { end = position + 1 }
            position += 1
        }
        self.init(end: end, isQuoteOpen: false)
    }

    private static func afterLastLineFeed(_ block: Span<UInt8>) -> Int? {
        var position = block.count
        while position > 0 {
            if block[position - 1] == UInt8(ascii: "\n") { return position }
            position -= 1
        }
        return nil
    }
}

/// What lies between quotes.
enum QuotedField {
    /// The position of the quote that closes a field, looked for from the byte after the one that opened it.
    static func close(in bytes: Span<UInt8>, from start: Int) -> Int? {
        var position = start
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\\") where isEscape(bytes, position): position += 2
            case UInt8(ascii: "\"") where position + 1 < bytes.count && bytes[position + 1] == UInt8(ascii: "\""):
                position += 2
            case UInt8(ascii: "\""): return position
            default: position += 1
            }
        }
        return nil
    }

    /// The bytes between quotes with `""`, `\"` and `\\` replaced by what they stand for.
    static func unescaped(_ content: Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(content.count)
        var position = 0
        while position < content.count {
            let isPair = content[position] == UInt8(ascii: "\"") || isEscape(content, position)
            if isPair, position + 1 < content.count { position += 1 }
            bytes.append(content[position])
            position += 1
        }
        return bytes
    }

    /// Whether unescaping changes anything.
    static func isEscaped(_ content: Span<UInt8>) -> Bool {
        ByteScanning.contains(UInt8(ascii: "\""), content) || ByteScanning.contains(UInt8(ascii: "\\"), content)
    }

    private static func isEscape(_ bytes: Span<UInt8>, _ position: Int) -> Bool {
        guard bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count else { return false }
        return bytes[position + 1] == UInt8(ascii: "\"") || bytes[position + 1] == UInt8(ascii: "\\")
    }
}
