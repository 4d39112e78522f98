import JSON

/// Writes values as `$string` has them: numbers of 15 digits, functions empty, optionally indented by two.
struct JSONWriter {
    private(set) var text = ""
    /// A number on the way that JSON cannot say.
    private(set) var badNumber: Double?
    private let isPretty: Bool
    private var depth = 0

    init(isPretty: Bool) { self.isPretty = isPretty }

    mutating func write(_ value: Value) {
        switch value {
        case .number(let number):
            if number.isInfinite { badNumber = number }
            text += number.isFinite ? number.jsonataText : "null"
        case .array(let array): write(array.items, "[", "]") { writer, item in writer.write(item) }
        case .object(let object):
            write(object.members, "{", "}") { writer, member in
                writer.text += JSON.string(member.key).text + (writer.isPretty ? ": " : ":")
                writer.write(member.value)
            }
        default: text += value.json.text
        }
    }

    private mutating func write<Element>(
        _ elements: [Element],
        _ open: String,
        _ close: String,
        _ body: (inout JSONWriter, Element) -> Void
    ) {
        text += open
        depth += 1
        for (index, element) in elements.enumerated() {
            if index > 0 { text += "," }
            breakLine()
            body(&self, element)
        }
        depth -= 1
        if !elements.isEmpty { breakLine() }
        text += close
    }

    private mutating func breakLine() {
        if isPretty { text += "\n" + String(repeating: "  ", count: depth) }
    }
}
