import JSON

/// Writes values as `$string` has them: numbers of 15 digits, functions empty, optionally indented by two.
struct JSONWriter {
    private var bytes: [UInt8] = []
    /// A number on the way that JSON cannot say.
    private(set) var badNumber: Double?
    private let isPretty: Bool
    private var depth = 0

    init(isPretty: Bool) { self.isPretty = isPretty }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func write(_ value: Value) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .number(let number): write(number)
        case .bigInteger(let number): append("\(number)")
        case .string(let text): write(text)
        case .function: append("\"\"")
        case .array(let array):
            if let json = array.json { return write(.array(json)) }
            open("[")
            for (index, item) in array.items.enumerated() {
                separate(index)
                write(item)
            }
            close("]", isEmpty: array.count == 0)
        case .object(let object):
            if let json = object.source { return write(.object(json)) }
            open("{")
            for (index, member) in object.members.enumerated() {
                separate(index)
                write(key: member.key)
                write(member.value)
            }
            close("}", isEmpty: object.count == 0)
        }
    }

    /// Writes what came in as JSON without making values of it.
    private mutating func write(_ json: JSON) {
        switch json {
        case .array(let items):
            open("[")
            for (index, item) in items.enumerated() {
                separate(index)
                write(item)
            }
            close("]", isEmpty: items.isEmpty)
        case .object(let object):
            open("{")
            var index = 0
            for (key, value) in object {
                separate(index)
                write(key: key)
                write(value)
                index += 1
            }
            close("}", isEmpty: object.isEmpty)
        case .string(let text): write(text)
        default: write(Value(json))
        }
    }

    private mutating func write(_ number: Double) {
        if number.isInfinite { badNumber = number }
        append(number.isFinite ? number.jsonataText : "null")
    }

    private mutating func write(_ text: String) {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
            bytes.append(UInt8(ascii: "\""))
            bytes.append(contentsOf: text.utf8)
            return bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(contentsOf: JSON.string(text).utf8)
    }

    private mutating func write(key: String) {
        write(key)
        append(isPretty ? ": " : ":")
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func open(_ bracket: String) {
        append(bracket)
        depth += 1
    }

    private mutating func separate(_ index: Int) {
        if index > 0 { append(",") }
        breakLine()
    }

    private mutating func close(_ bracket: String, isEmpty: Bool) {
        depth -= 1
        if !isEmpty { breakLine() }
        append(bracket)
    }

    private mutating func breakLine() {
        guard isPretty else { return }
        append("\n")
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
    }
}
