/// What is wrong with a text that should be JSON, in the words of the parser that the service uses.
///
/// Only texts that were already refused come here, so it looks for the first fault and for nothing else.
struct JSONComplaint {
    private let scalars: [Unicode.Scalar]
    private var next = 0
    private var depth = 0

    /// The words for a text; `nil` when this finds nothing wrong with it.
    static func text(for text: String) -> String? {
        var complaint = JSONComplaint(scalars: Array(text.unicodeScalars))
        do throws(Fault) {
            try complaint.value(else: expectedValue)
            return nil
        } catch {
            return error.message
        }
    }

    private struct Fault: Error { let message: String }

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    private mutating func skipSpace() {
        while let scalar = current, " \n\r\t".unicodeScalars.contains(scalar) { next += 1 }
    }

    private var current: Unicode.Scalar? { next < scalars.count ? scalars[next] : nil }

    private func unexpected(_ expected: String, within closing: String) -> Fault {
        guard let scalar = current else {
            return Fault(message: "Unexpected end-of-input: expected close marker for \(closing)")
        }
        return Fault(message: "Unexpected character ('\(scalar)' (code \(scalar.value))): \(expected)")
    }

    private mutating func value(else expected: String, within closing: String = "value") throws(Fault) {
        skipSpace()
        guard depth < 1000 else {
            throw Fault(message: "Document nesting depth (1001) exceeds the maximum allowed (1000)")
        }
        guard let scalar = current else { throw unexpected(expected, within: closing) }
        switch scalar {
        case "{": try object()
        case "[": try array()
        case "\"": try string()
        case "-", "0"..."9": number()
        case _ where scalar.properties.isAlphabetic || scalar == "_" || scalar == "$": try word()
        default: throw unexpected(expected, within: closing)
        }
    }

    private mutating func object() throws(Fault) {
        next += 1
        depth += 1
        defer { depth -= 1 }
        skipSpace()
        guard current != "}" else { return next += 1 }
        while true {
            skipSpace()
            guard current == "\"" else {
                throw unexpected("was expecting double-quote to start field name", within: "Object")
            }
            try string()
            skipSpace()
            guard current == ":" else {
                throw unexpected("was expecting a colon to separate field name and value", within: "Object")
            }
            next += 1
            try value(else: Self.expectedValue, within: "Object")
            skipSpace()
            if current == "}" { return next += 1 }
            guard current == "," else {
                throw unexpected("was expecting comma to separate Object entries", within: "Object")
            }
            next += 1
        }
    }

    private mutating func array() throws(Fault) {
        next += 1
        depth += 1
        defer { depth -= 1 }
        skipSpace()
        guard current != "]" else { return next += 1 }
        while true {
            try value(else: Self.expectedValue, within: "Array")
            skipSpace()
            if current == "]" { return next += 1 }
            guard current == "," else {
                throw unexpected("was expecting comma to separate Array entries", within: "Array")
            }
            next += 1
        }
    }

    private mutating func string() throws(Fault) {
        next += 1
        while let scalar = current, scalar != "\"" {
            if scalar.value < 32 {
                throw Fault(
                    message: "Illegal unquoted character ((CTRL-CHAR, code \(scalar.value))): has to be escaped using "
                        + "backslash to be included in string value"
                )
            }
            next += scalar == "\\" ? 2 : 1
        }
        guard next < scalars.count else {
            throw Fault(message: "Unexpected end-of-input: was expecting closing quote for a string value")
        }
        next += 1
    }

    private mutating func number() {
        while let scalar = current, "+-.eE0123456789".unicodeScalars.contains(scalar) { next += 1 }
    }

    private mutating func word() throws(Fault) {
        let start = next
        while let scalar = current, scalar.properties.isAlphabetic || "_$0123456789".unicodeScalars.contains(scalar) {
            next += 1
        }
        var word = String.UnicodeScalarView()
        word.append(contentsOf: scalars[start..<min(next, start + 256)])
        guard !["null", "true", "false"].contains(String(word)) else { return }
        throw Fault(
            message: "Unrecognized token '\(String(word))': was expecting (JSON String, Number, Array, Object or token "
                + "'null', 'true' or 'false')"
        )
    }

    private static let expectedValue =
        "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
}
