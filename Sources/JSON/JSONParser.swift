/// Why a text is not JSON, and where.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, as a clause: `unexpected end of text`.
    public let message: String
    /// The line, from 1.
    public let line: Int
    /// The column in characters, from 1.
    public let column: Int
    /// The offset in bytes from the start of the text.
    public let offset: Int

    /// Place and fault: `line 3, column 14: …`.
    public var description: String { "line \(line), column \(column): \(message)" }
}

extension JSON {
    /// Parses JSON text (RFC 8259); a byte order mark at the start is passed over.
    ///
    /// - Parameter text: The text of one value.
    /// - Throws: `JSONError` with line and column of the first fault.
    public init(parsing text: String) throws(JSONError) {
        try self.init(parsing: Array(text.utf8))
    }

    /// Parses JSON text in UTF-8 (RFC 8259); a byte order mark at the start is passed over.
    ///
    /// - Parameter utf8: The text of one value.
    /// - Throws: `JSONError` with line and column of the first fault.
    public init(parsing utf8: [UInt8]) throws(JSONError) {
        var parser = JSONParser(utf8)
        self = try parser.parseDocument()
    }
}

/// A parser over UTF-8 bytes that keeps the containers it is in on a stack of its own.
struct JSONParser {
    private let bytes: [UInt8]
    private var position = 0
    /// The arrays and objects that are not closed, outermost first.
    private var open: [Container] = []

    /// Deeper nesting than this is refused, as AWS does.
    private static let maximumDepth = 1_000

    /// An array or an object of which the end is to come.
    private struct Container {
        let isObject: Bool
        var values: [JSON] = []
        var object = JSONObject()
        /// The key whose value comes next.
        var key = ""
    }

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func parseDocument() throws(JSONError) -> JSON {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        skipSpace()
        let value = try parseValue()
        skipSpace()
        guard position == bytes.count else {
            throw error("unexpected \(describeCurrent()) after the end of the value")
        }
        return value
    }

    private mutating func parseValue() throws(JSONError) -> JSON {
        while true {
            guard var value = try parseScalarOrOpen() else { continue }
            // A value that ends a container is the value of the container around it.
            while let isObject = open.last?.isObject, try closes(isObject, after: value) { value = close() }
            if open.isEmpty { return value }
        }
    }

    /// Reads a value that holds no others; `nil` when it is a container, which is open now.
    private mutating func parseScalarOrOpen() throws(JSONError) -> JSON? {
        guard position < bytes.count else { throw error("unexpected end of text, expected a value") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try enterObject()
        case UInt8(ascii: "["): return try enterArray()
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", .null)
        default: throw error("unexpected \(describeCurrent()), expected a value")
        }
    }

    private mutating func parseWord(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        let text = Array("\(word)".utf8)
        guard bytes[position...].starts(with: text) else {
            throw error("unexpected \(describeCurrent()), expected a value")
        }
        position += text.count
        return value
    }

    // MARK: Containers

    private mutating func enterObject() throws(JSONError) -> JSON? {
        try enter()
        if take(UInt8(ascii: "}")) { return .object(JSONObject()) }
        open.append(Container(isObject: true))
        try parseKey()
        return nil
    }

    private mutating func enterArray() throws(JSONError) -> JSON? {
        try enter()
        if take(UInt8(ascii: "]")) { return .array([]) }
        open.append(Container(isObject: false))
        return nil
    }

    private mutating func enter() throws(JSONError) {
        guard open.count < Self.maximumDepth else { throw error("nested deeper than \(Self.maximumDepth) levels") }
        position += 1
        skipSpace()
    }

    private mutating func parseKey() throws(JSONError) {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            throw error("unexpected \(describeCurrent()), expected a key in double quotes")
        }
        let key = try parseString()
        skipSpace()
        guard take(UInt8(ascii: ":")) else {
            throw error("unexpected \(describeCurrent()), expected \":\" after the key \"\(key)\"")
        }
        skipSpace()
        open[open.count - 1].key = key
    }

    /// Puts a value into the innermost container and says whether that ends there.
    private mutating func closes(_ isObject: Bool, after value: JSON) throws(JSONError) -> Bool {
        if isObject {
            open[open.count - 1].object[open[open.count - 1].key] = value
        } else {
            open[open.count - 1].values.append(value)
        }
        skipSpace()
        if take(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) { return true }
        guard take(UInt8(ascii: ",")) else {
            throw error("unexpected \(describeCurrent()), expected \",\" or \"\(isObject ? "}" : "]")\"")
        }
        skipSpace()
        if isObject { try parseKey() }
        return false
    }

    private mutating func close() -> JSON {
        let container = open.removeLast()
        return container.isObject ? .object(container.object) : .array(container.values)
    }

    // MARK: Numbers

    private mutating func parseNumber() throws(JSONError) -> JSON {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if take(UInt8(ascii: "0")) {
            if currentIsDigit { throw error("a number must not start with 0") }
        } else {
            try takeDigits()
        }
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            try takeDigits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try takeDigits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger { return Int64(text).map(JSON.integer) ?? .decimal(text) }
        return Self.holds(text) ?? .decimal(text)
    }

    /// A fraction as a double; `nil` when the double has other digits than the text.
    private static func holds(_ text: String) -> JSON? {
        guard let value = Double(text), value.isFinite else { return nil }
        // So many digits are always told apart.
        if text.utf8.count <= 15, value.isNormal { return .double(value) }
        return DecimalDigits(text) == DecimalDigits(value.description) ? .double(value) : nil
    }

    private var currentIsDigit: Bool {
        position < bytes.count && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position])
    }

    private mutating func takeDigits() throws(JSONError) {
        guard currentIsDigit else { throw error("unexpected \(describeCurrent()), expected a digit") }
        while currentIsDigit { position += 1 }
    }

    // MARK: Strings

    private mutating func parseString() throws(JSONError) -> String {
        let opening = position
        position += 1
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                let text = try decode(bytes[start..<position], at: start)
                position += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { return try parseEscapedString(from: start, opening: opening) }
            if byte < 0x20 { throw error("a control character in a string must be escaped") }
            position += 1
        }
        throw error("a string is not closed", at: opening)
    }

    private mutating func parseEscapedString(from start: Int, opening: Int) throws(JSONError) -> String {
        var buffer = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return try decode(buffer[...], at: start)
            case UInt8(ascii: "\\"):
                try parseEscape(into: &buffer)
            case 0..<0x20:
                throw error("a control character in a string must be escaped")
            default:
                buffer.append(byte)
                position += 1
            }
        }
        throw error("a string is not closed", at: opening)
    }

    private mutating func parseEscape(into buffer: inout [UInt8]) throws(JSONError) {
        guard position + 1 < bytes.count else { throw error("a string is not closed") }
        let escaped = bytes[position + 1]
        switch escaped {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(escaped)
        case UInt8(ascii: "n"): buffer.append(0x0A)
        case UInt8(ascii: "r"): buffer.append(0x0D)
        case UInt8(ascii: "t"): buffer.append(0x09)
        case UInt8(ascii: "b"): buffer.append(0x08)
        case UInt8(ascii: "f"): buffer.append(0x0C)
        case UInt8(ascii: "u"): return try parseUnicodeEscape(into: &buffer)
        default: throw error("\"\\\(Character(Unicode.Scalar(escaped)))\" is not an escape of JSON")
        }
        position += 2
    }

    private mutating func parseUnicodeEscape(into buffer: inout [UInt8]) throws(JSONError) {
        let high = try parseHexadecimal()
        var code = high
        if (0xD800..<0xDC00).contains(high) {
            if position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                bytes[position + 1] == UInt8(ascii: "u")
            {
                let before = position
                let low = try parseHexadecimal()
                if (0xDC00..<0xE000).contains(low) {
                    code = 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
                } else {
                    position = before
                }
            }
        }
        let scalar = Unicode.Scalar(code) ?? JSON.loneSurrogate
        buffer.append(contentsOf: String(Character(scalar)).utf8)
    }

    /// Reads `\uXXXX` at the position and passes over it.
    private mutating func parseHexadecimal() throws(JSONError) -> UInt32 {
        guard position + 6 <= bytes.count, bytes[position + 2] != UInt8(ascii: "+"),
            let code = UInt32(String(decoding: bytes[position + 2..<position + 6], as: UTF8.self), radix: 16)
        else { throw error("\"\\u\" must be followed by four hexadecimal digits") }
        position += 6
        return code
    }

    private func decode(_ slice: ArraySlice<UInt8>, at start: Int) throws(JSONError) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw error("a string is not valid UTF-8", at: start)
        }
        return text
    }

    // MARK: Places

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private func describeCurrent() -> String {
        guard position < bytes.count else { return "end of text" }
        let text = String(decoding: bytes[position..<min(position + 4, bytes.count)], as: UTF8.self)
        return text.first.map { "\"\($0)\"" } ?? "byte"
    }

    private func error(_ message: String) -> JSONError {
        error(message, at: position)
    }

    private func error(_ message: String, at offset: Int) -> JSONError {
        let before = bytes[..<min(offset, bytes.count)]
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return JSONError(
            message: message,
            line: before.count { $0 == 0x0A } + 1,
            column: String(decoding: before[lineStart...], as: UTF8.self).count + 1,
            offset: offset
        )
    }
}

extension JSON {
    /// What stands in a string for half of a pair of surrogates, which has no UTF-8 form.
    ///
    /// It is one of the code points that are never a character, so that it is not taken for one.
    public static let loneSurrogate = Unicode.Scalar(0xFDD0 as UInt32) ?? "\u{FFFD}"
}
