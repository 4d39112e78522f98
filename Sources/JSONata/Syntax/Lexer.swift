import JSON

/// Cuts an expression into tokens, one at a time, since only the parser knows whether `/` begins a regular expression.
struct Lexer {
    private typealias Unit = UInt16

    let units: [UInt16]
    private(set) var index = 0

    private static let pairs: Set<String> = ["..", ":=", "!=", ">=", "<=", "**", "~>", "?:", "??"]
    private static let isSymbol: [Bool] = {
        var table = Array(repeating: false, count: 128)
        for byte in ".[]{}(),@#;:?+-*/%|=<>^&!~".utf8 { table[Int(byte)] = true }
        return table
    }()

    init(_ source: String) { units = Array(source.utf16) }

    /// The next token; where an operand may stand, `/` begins a regular expression.
    mutating func next(allowsRegex: Bool) throws(JSONataError) -> Token {
        try skipSpace()
        guard let first = peek() else { return Token(kind: .end, position: units.count) }
        if allowsRegex, first == Self.slash { return try regex() }
        if let symbol = symbol(startingWith: first) {
            index += symbol.utf8.count
            return token(.symbol(symbol))
        }
        switch first {
        case 0x22, 0x27: return try string(quote: first)
        case 0x60: return try quotedName()
        case 0x30...0x39: return try number()
        default: return word()
        }
    }

    private static let slash = Unit(0x2F)
    private static let backslash = Unit(0x5C)
    private static let star = Unit(0x2A)

    private func token(_ kind: Token.Kind) -> Token { Token(kind: kind, position: index) }

    private func peek(_ offset: Int = 0) -> Unit? { index + offset < units.count ? units[index + offset] : nil }

    private func text(from start: Int, to end: Int) -> String { String(decoding: units[start..<end], as: UTF16.self) }

    private func symbol(startingWith first: Unit) -> String? {
        guard Self.endsWord(first), !Self.isSpace(first) else { return nil }
        if index + 1 < units.count {
            let pair = text(from: index, to: index + 2)
            if Self.pairs.contains(pair) { return pair }
        }
        return text(from: index, to: index + 1)
    }

    private static func isSpace(_ unit: Unit) -> Bool { unit == 0x20 || (9...11).contains(unit) || unit == 13 }

    private static func endsWord(_ unit: Unit) -> Bool { unit < 128 && isSymbol[Int(unit)] || isSpace(unit) }

    private mutating func skipSpace() throws(JSONataError) {
        while let unit = peek() {
            if Self.isSpace(unit) {
                index += 1
            } else if unit == Self.slash, peek(1) == Self.star {
                try skipComment()
            } else {
                return
            }
        }
    }

    private mutating func skipComment() throws(JSONataError) {
        let start = index
        index += 2
        while index + 1 < units.count {
            if units[index] == Self.star, units[index + 1] == Self.slash {
                index += 2
                return
            }
            index += 1
        }
        throw JSONataError("S0106", at: start)
    }

    private mutating func word() -> Token {
        let start = index
        while let unit = peek(), !Self.endsWord(unit) { index += 1 }
        let word = text(from: start, to: index)
        if word.hasPrefix("$") { return token(.variable(String(word.dropFirst()))) }
        switch word {
        case "and", "or", "in": return token(.symbol(word))
        case "true": return token(.constant(.yes))
        case "false": return token(.constant(.no))
        case "null": return token(.constant(.null))
        default: return token(.name(word))
        }
    }

    private mutating func quotedName() throws(JSONataError) -> Token {
        let start = index + 1
        guard let end = units[start...].firstIndex(of: 0x60) else { throw JSONataError("S0105", at: units.count) }
        index = end + 1
        return token(.name(text(from: start, to: end)))
    }
}

// MARK: - Literals

extension Lexer {
    private mutating func number() throws(JSONataError) -> Token {
        let start = index
        if peek() == 0x30 { index += 1 } else { skipDigits() }
        if peek() == 0x2E, isDigit(1) {
            index += 1
            skipDigits()
        }
        skipExponent()
        let text = text(from: start, to: index)
        guard let number = Double(text), number.isFinite else {
            throw JSONataError("S0102", at: start, token: text)
        }
        if let integer = Int64(text), Int64(exactly: number) != integer { return token(.bigInteger(integer)) }
        return token(.number(number))
    }

    private func isDigit(_ offset: Int) -> Bool { peek(offset).map { (0x30...0x39).contains($0) } ?? false }

    private mutating func skipDigits() {
        while isDigit(0) { index += 1 }
    }

    private mutating func skipExponent() {
        guard let unit = peek(), unit | 0x20 == 0x65 else { return }
        let signLength = peek(1) == 0x2B || peek(1) == 0x2D ? 1 : 0
        guard isDigit(1 + signLength) else { return }
        index += 1 + signLength
        skipDigits()
    }

    private mutating func string(quote: UInt16) throws(JSONataError) -> Token {
        index += 1
        var content: [UInt16] = []
        while let unit = peek() {
            index += 1
            if unit == quote { return token(.string(Self.text(of: content))) }
            content.append(unit == Self.backslash ? try escape() : unit)
        }
        throw JSONataError("S0101", at: units.count)
    }

    /// A text of units of which some may be surrogates without the other half.
    private static func text(of units: [UInt16]) -> String {
        var text = String.UnicodeScalarView()
        var decoder = UTF16()
        var iterator = units.makeIterator()
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): text.append(scalar)
            case .error: text.append(JSON.loneSurrogate)
            case .emptyInput: return String(text)
            }
        }
    }

    private mutating func escape() throws(JSONataError) -> UInt16 {
        guard let unit = peek() else { throw JSONataError("S0103", at: index, token: "") }
        defer { index += 1 }
        switch unit {
        case 0x22, Self.backslash, Self.slash: return unit
        case 0x62: return 8
        case 0x66: return 12
        case 0x6E: return 10
        case 0x72: return 13
        case 0x74: return 9
        case 0x75: return try hexadecimal()
        default: throw JSONataError("S0103", at: index, token: text(from: index, to: index + 1))
        }
    }

    private mutating func hexadecimal() throws(JSONataError) -> UInt16 {
        let end = min(index + 5, units.count)
        let digits = text(from: index + 1, to: end)
        guard digits.utf8.count == 4, digits.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let unit = UInt16(digits, radix: 16)
        else { throw JSONataError("S0104", at: index) }
        index += 4
        return unit
    }

    /// A regular expression up to the `/` that stands outside of its brackets.
    private mutating func regex() throws(JSONataError) -> Token {
        index += 1
        let start = index
        var depth = 0
        var isEscaped = false
        while let unit = peek() {
            if unit == Self.slash, depth == 0, !isEscaped { return try regex(from: start) }
            // What follows a backslash is no bracket, even where that is escaped itself.
            if units[index - 1] != Self.backslash {
                if [0x28, 0x5B, 0x7B].contains(unit) { depth += 1 }
                if [0x29, 0x5D, 0x7D].contains(unit) { depth -= 1 }
            }
            isEscaped = unit == Self.backslash && !isEscaped
            index += 1
        }
        throw JSONataError("S0302", at: index)
    }

    private mutating func regex(from start: Int) throws(JSONataError) -> Token {
        guard index > start else { throw JSONataError("S0301", at: index) }
        let pattern = text(from: start, to: index)
        index += 1
        let flagStart = index
        while let flag = peek(), flag == 0x69 || flag == 0x6D { index += 1 }
        return token(.regex(pattern: pattern, flags: text(from: flagStart, to: index)))
    }
}
