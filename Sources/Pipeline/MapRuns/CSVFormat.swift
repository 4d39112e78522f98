internal import StatesLanguage

/// Takes records of delimited text apart: RFC 4180 with a choice of delimiters.
struct CSVFormat {
    let delimiter: UInt8

    private static let delimiters: [String: UInt8] = [
        "COMMA": UInt8(ascii: ","), "PIPE": UInt8(ascii: "|"), "SEMICOLON": UInt8(ascii: ";"),
        "SPACE": UInt8(ascii: " "), "TAB": UInt8(ascii: "\t"),
    ]

    /// The format of a `CSVDelimiter`; commas unless given.
    init(delimiter name: String?) throws(StatesError) {
        guard let delimiter = Self.delimiters[name ?? "COMMA"] else {
            throw .itemReader("The CSVDelimiter \"\(name ?? "")\" is not known.")
        }
        self.delimiter = delimiter
    }

    /// The fields of the record at a position and where the next begins; `nil` when there is not all of it.
    func record(in bytes: borrowing [UInt8], at start: Int, isLast: Bool) -> (fields: [String], end: Int)? {
        var fields: [String] = []
        var position = start
        while true {
            guard let field = field(in: bytes, at: position, isLast: isLast) else { return nil }
            fields.append(field.text)
            position = field.end
            guard position < bytes.count else { return isLast ? (fields, position) : nil }
            switch bytes[position] {
            case delimiter: position += 1
            case Self.lineFeed: return (fields, position + 1)
            default:
                guard position + 1 < bytes.count || isLast else { return nil }
                let isPair = position + 1 < bytes.count && bytes[position + 1] == Self.lineFeed
                return (fields, position + (isPair ? 2 : 1))
            }
        }
    }

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let quote = UInt8(ascii: "\"")

    private func field(in bytes: borrowing [UInt8], at start: Int, isLast: Bool) -> (text: String, end: Int)? {
        guard start < bytes.count else { return isLast ? ("", start) : nil }
        if bytes[start] == Self.quote { return quotedField(in: bytes, at: start + 1, isLast: isLast) }
        var end = start
        while end < bytes.count {
            let byte = bytes[end]
            if byte == delimiter || byte == Self.lineFeed || byte == Self.carriageReturn { break }
            end += 1
        }
        guard end < bytes.count || isLast else { return nil }
        return (String(decoding: bytes[start..<end], as: UTF8.self), end)
    }

    private func quotedField(in bytes: borrowing [UInt8], at start: Int, isLast: Bool) -> (text: String, end: Int)? {
        var text: [UInt8] = []
        var position = start
        while position < bytes.count {
            guard bytes[position] == Self.quote else {
                text.append(bytes[position])
                position += 1
                continue
            }
            guard position + 1 < bytes.count || isLast else { return nil }
            guard position + 1 < bytes.count, bytes[position + 1] == Self.quote else {
                return rest(of: text, in: bytes, at: position + 1, isLast: isLast)
            }
            text.append(Self.quote)
            position += 2
        }
        return isLast ? (String(decoding: text, as: UTF8.self), position) : nil
    }

    /// What follows a closing quote belongs to the field.
    private func rest(
        of text: [UInt8],
        in bytes: borrowing [UInt8],
        at start: Int,
        isLast: Bool
    ) -> (text: String, end: Int)? {
        var text = text
        var position = start
        while position < bytes.count {
            let byte = bytes[position]
            if byte == delimiter || byte == Self.lineFeed || byte == Self.carriageReturn { break }
            text.append(byte)
            position += 1
        }
        guard position < bytes.count || isLast else { return nil }
        return (String(decoding: text, as: UTF8.self), position)
    }
}
