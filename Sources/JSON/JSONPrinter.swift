extension JSON {
    /// The value as JSON text, compact and with keys in their order.
    public var text: String { String(decoding: utf8, as: UTF8.self) }

    /// The value as compact JSON text in UTF-8.
    public var utf8: [UInt8] {
        var printer = JSONPrinter(indentation: nil)
        printer.print(self)
        return printer.bytes
    }

    /// The value as JSON text for people: two spaces a level, a member a line.
    public var prettyText: String {
        var printer = JSONPrinter(indentation: 2)
        printer.print(self)
        return String(decoding: printer.bytes, as: UTF8.self)
    }

    /// The value as compact JSON text with the keys of every object sorted: equal values have equal text.
    public var canonicalText: String {
        var printer = JSONPrinter(indentation: nil)
        printer.sortsKeys = true
        printer.print(self)
        return String(decoding: printer.bytes, as: UTF8.self)
    }
}

extension JSON: CustomStringConvertible {
    /// Compact JSON text.
    public var description: String { text }
}

/// Writes values as UTF-8 text.
struct JSONPrinter {
    var bytes: [UInt8] = []
    var sortsKeys = false
    private let indentation: Int?
    private var level = 0

    init(indentation: Int?) {
        self.indentation = indentation
    }

    mutating func print(_ value: JSON) {
        switch value {
        case .null: write("null")
        case .bool(let value): write(value ? "true" : "false")
        case .integer(let value): write(value.description)
        case .double(let value): print(value)
        case .decimal(let text): write(text)
        case .string(let value): print(value)
        case .array(let values): print(values)
        case .object(let object): print(object)
        }
    }

    /// Writes a number as Java does: `3.0`, `0.001`, `1.0E-4`, `1.0E7`.
    mutating func print(_ value: Double) {
        guard value.isFinite else { return write("null") }
        let size = abs(value)
        if value == value.rounded(), size < 1e7 {
            if value.sign == .minus { write("-") }
            write(Int64(size).description)
            write(".0")
        } else if size >= 1e-3, size < 1e7 {
            write(value.description)
        } else {
            printScientific(value)
        }
    }

    /// Writes a number with one digit before the point and an exponent behind `E`.
    private mutating func printScientific(_ value: Double) {
        var text = abs(value).description
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 40) { digits in
            let (count, exponent) = text.withUTF8 { unsafe Self.significantDigits(of: $0.span, into: digits) }
            unsafe bytes.append(digits[0])
            bytes.append(UInt8(ascii: "."))
            unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[1..<max(count, 2)]))
            bytes.append(UInt8(ascii: "E"))
            write(exponent.description)
        }
    }

    /// The digits of a positive number from its first to its last that is not zero, at least two of them, and the power
    /// of ten of the first.
    private static func significantDigits(
        of text: Span<UInt8>,
        into digits: UnsafeMutableBufferPointer<UInt8>
    ) -> (count: Int, exponent: Int) {
        // The power of ten of the place before the first digit, and what stands behind `e`.
        var (exponent, power) = (0, 0)
        var (hasPoint, hasPower, isNegative) = (false, false, false)
        var (count, last) = (0, 0)
        for index in text.indices {
            switch text[index] {
            case UInt8(ascii: "."): hasPoint = true
            case UInt8(ascii: "e"): hasPower = true
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "+"): continue
            case let byte where hasPower: power = power * 10 + Int(byte - UInt8(ascii: "0"))
            case let byte:
                if !hasPoint { exponent += 1 }
                let isZero = byte == UInt8(ascii: "0")
                if count == 0 && isZero {
                    exponent -= 1
                } else {
                    unsafe digits[count] = byte
                    count += 1
                    if !isZero { last = count }
                }
            }
        }
        if last < 2 { unsafe digits[1] = UInt8(ascii: "0") }
        return (last, exponent + (isNegative ? -power : power) - 1)
    }

    private mutating func print(_ values: [JSON]) {
        guard !values.isEmpty else { return write("[]") }
        bytes.append(UInt8(ascii: "["))
        level += 1
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            breakLine()
            print(value)
        }
        level -= 1
        breakLine()
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func print(_ object: JSONObject) {
        guard !object.isEmpty else { return write("{}") }
        bytes.append(UInt8(ascii: "{"))
        level += 1
        var isFirst = true
        if sortsKeys {
            for key in object.keys.sorted() { print(key, object[key] ?? .null, isFirst: &isFirst) }
        } else {
            for (key, value) in object { print(key, value, isFirst: &isFirst) }
        }
        level -= 1
        breakLine()
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func print(_ key: String, _ value: JSON, isFirst: inout Bool) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        breakLine()
        print(key)
        bytes.append(UInt8(ascii: ":"))
        if indentation != nil { bytes.append(UInt8(ascii: " ")) }
        print(value)
    }

    mutating func print(_ string: String) {
        var string = string
        string.withUTF8 { unsafe print(utf8: $0.span) }
    }

    mutating func print(utf8: Span<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        // Most strings have nothing to escape and are copied whole.
        var isPlain = true
        for index in utf8.indices where Self.isEscaped(utf8[index]) { isPlain = false }
        if isPlain {
            unsafe utf8.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        } else {
            printEscaped(utf8)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func printEscaped(_ utf8: Span<UInt8>) {
        for index in utf8.indices {
            switch utf8[index] {
            case UInt8(ascii: "\""): write("\\\"")
            case UInt8(ascii: "\\"): write("\\\\")
            case 0x0A: write("\\n")
            case 0x0D: write("\\r")
            case 0x09: write("\\t")
            case 0x08: write("\\b")
            case 0x0C: write("\\f")
            case let byte where byte < 0x20:
                write("\\u00")
                bytes.append(Self.hexadecimal[Int(byte >> 4)])
                bytes.append(Self.hexadecimal[Int(byte & 15)])
            case let byte: bytes.append(byte)
            }
        }
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)

    private mutating func breakLine() {
        guard let indentation else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indentation * level))
    }

    private mutating func write(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }
}
