/// Cuts an expression into tokens, one at a time, since only the parser knows whether `/` begins a regular expression.
struct Lexer {
    let scalars: [Unicode.Scalar]
    var index = 0

    private static let symbols: Set<Unicode.Scalar> = [
        ".", "[", "]", "{", "}", "(", ")", ",", "@", "#", ";", ":", "?", "+", "-", "*", "/", "%", "|", "=", "<", ">",
        "^", "&", "!", "~",
    ]
    private static let pairs: Set<String> = ["..", ":=", "!=", ">=", "<=", "**", "~>", "?:", "??"]

    init(_ source: String) { scalars = Array(source.unicodeScalars) }

    /// The next token; where an operand is expected, `/` begins a regular expression.
    mutating func next(expectsOperand: Bool) throws(JSONataError) -> Token {
        try skipSpace()
        let start = index
        guard let first = peek() else { return Token(kind: .end, position: start) }
        if expectsOperand, first == "/" { return Token(kind: try regex(), position: start) }
        if let symbol = symbol(startingWith: first) {
            index += symbol.unicodeScalars.count
            return Token(kind: .symbol(symbol), position: start)
        }
        switch first {
        case "\"", "'": return Token(kind: .string(try string(quote: first)), position: start)
        case "`": return Token(kind: .name(try quotedName()), position: start)
        case "0"..."9": return Token(kind: try number(), position: start)
        default: return Token(kind: word(), position: start)
        }
    }

    /// The text from a place up to a closing bracket that fits, for the signature of a function.
    mutating func balancedText(from start: Int) throws(JSONataError) -> String {
        var depth = 0
        index = start
        while let scalar = peek(), scalar != "{" {
            index += 1
            if scalar == "<" { depth += 1 }
            if scalar == ">" { depth -= 1 }
            if depth == 0 { return text(from: start) }
        }
        throw JSONataError("S0202", at: start, "the signature of the function is not closed, write \">\" after it")
    }

    private func peek(_ offset: Int = 0) -> Unicode.Scalar? {
        index + offset < scalars.count ? scalars[index + offset] : nil
    }

    private func text(from start: Int) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[start..<index])
        return String(text)
    }

    private func symbol(startingWith first: Unicode.Scalar) -> String? {
        guard Self.symbols.contains(first) else { return nil }
        if let second = peek(1) {
            let pair = "\(first)\(second)"
            if Self.pairs.contains(pair) { return pair }
        }
        return String(first)
    }

    private mutating func skipSpace() throws(JSONataError) {
        while let scalar = peek() {
            if scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" || scalar == "\u{0B}" {
                index += 1
            } else if scalar == "/", peek(1) == "*" {
                try skipComment()
            } else {
                return
            }
        }
    }

    private mutating func skipComment() throws(JSONataError) {
        let start = index
        index += 2
        while let scalar = peek() {
            if scalar == "*", peek(1) == "/" {
                index += 2
                return
            }
            index += 1
        }
        throw JSONataError("S0106", at: start, "the comment is not closed, write */ at its end")
    }

    private mutating func word() -> Token.Kind {
        let start = index
        while let scalar = peek(), !Self.symbols.contains(scalar), !scalar.properties.isWhitespace { index += 1 }
        let word = text(from: start)
        if word.hasPrefix("$") { return .variable(String(word.dropFirst())) }
        switch word {
        case "and", "or", "in": return .symbol(word)
        case "true": return .value(.yes)
        case "false": return .value(.no)
        case "null": return .value(.null)
        default: return .name(word)
        }
    }

    private mutating func quotedName() throws(JSONataError) -> String {
        let start = index
        index += 1
        while let scalar = peek() {
            if scalar == "`" {
                defer { index += 1 }
                return String(text(from: start).dropFirst())
            }
            index += 1
        }
        throw JSONataError("S0105", at: start, "the quoted name is not closed, write ` at its end")
    }
}

// MARK: - Literals

extension Lexer {
    private mutating func number() throws(JSONataError) -> Token.Kind {
        let start = index
        skipDigits()
        if peek() == ".", let digit = peek(1), ("0"..."9").contains(digit) {
            index += 1
            skipDigits()
        }
        skipExponent()
        let text = text(from: start)
        guard let number = Double(text), number.isFinite else {
            throw JSONataError("S0102", at: start, "number \(text) is out of range", token: text)
        }
        if let integer = Int64(text), Int64(exactly: number) != integer { return .bigInteger(integer) }
        return .number(number)
    }

    private mutating func skipDigits() {
        while let digit = peek(), ("0"..."9").contains(digit) { index += 1 }
    }

    private mutating func skipExponent() {
        guard peek() == "e" || peek() == "E" else { return }
        let signLength = peek(1) == "+" || peek(1) == "-" ? 1 : 0
        guard let digit = peek(1 + signLength), ("0"..."9").contains(digit) else { return }
        index += 1 + signLength
        skipDigits()
    }

    private mutating func string(quote: Unicode.Scalar) throws(JSONataError) -> String {
        let start = index
        var units: [UInt16] = []
        index += 1
        while let scalar = peek() {
            index += 1
            if scalar == quote { return String(decoding: units, as: UTF16.self) }
            if scalar == "\\" {
                units.append(try escape())
            } else {
                units.append(contentsOf: UTF16.encode(scalar).map { Array($0) } ?? [])
            }
        }
        throw JSONataError("S0101", at: start, "the string is not closed, write \(quote) at its end")
    }

    private mutating func escape() throws(JSONataError) -> UInt16 {
        let start = index - 1
        guard let scalar = peek() else {
            throw JSONataError("S0101", at: start, "the string is not closed after its last \\")
        }
        index += 1
        switch scalar {
        case "\"", "'", "\\", "/": return UInt16(scalar.value)
        case "b": return 8
        case "f": return 12
        case "n": return 10
        case "r": return 13
        case "t": return 9
        case "u": return try hexadecimal(from: start)
        default:
            let fact = "\\\(scalar) is no escape sequence"
            throw JSONataError("S0103", at: start, "\(fact), write \\\\ for a backslash", token: String(scalar))
        }
    }

    private mutating func hexadecimal(from start: Int) throws(JSONataError) -> UInt16 {
        let end = min(index + 4, scalars.count)
        let digits = scalars[index..<end]
        guard digits.count == 4, digits.allSatisfy(\.properties.isASCIIHexDigit),
            let unit = UInt16(digits.map(String.init).joined(), radix: 16)
        else { throw JSONataError("S0104", at: start, "\\u must be followed by four hexadecimal digits") }
        index = end
        return unit
    }

    private mutating func regex() throws(JSONataError) -> Token.Kind {
        let start = index
        index += 1
        skipRegex()
        guard peek() == "/" else {
            throw JSONataError("S0302", at: start, "the regular expression is not closed, write / at its end")
        }
        let pattern = String(text(from: start).dropFirst())
        guard !pattern.isEmpty else {
            throw JSONataError("S0301", at: start, "an empty regular expression is not allowed")
        }
        index += 1
        let flagStart = index
        while let flag = peek(), flag == "i" || flag == "m" { index += 1 }
        return .regex(pattern: pattern, flags: text(from: flagStart))
    }
    /// Goes to the slash that ends a regular expression: one that is neither escaped nor in brackets.
    private mutating func skipRegex() {
        var depth = 0
        var isEscaped = false
        while let scalar = peek() {
            if scalar == "/", depth == 0, !isEscaped { return }
            // What follows a backslash is no bracket, even where that is escaped itself.
            if scalars[index - 1] != "\\" {
                if "([{".unicodeScalars.contains(scalar) { depth += 1 }
                if ")]}".unicodeScalars.contains(scalar) { depth -= 1 }
            }
            isEscaped = scalar == "\\" && !isEscaped
            index += 1
        }
    }
}
