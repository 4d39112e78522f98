/// A piece of an expression.
struct FilterToken: Equatable {
    enum Kind: Equatable {
        case word
        case text(String)
        case number(Double)
        case parameter(String)
        case symbol
        case end
    }

    let kind: Kind
    /// As it was written.
    let source: String
    /// Its first character, counted from 1.
    let position: Int

    /// Whether it is this keyword, in any case.
    func isWord(_ keyword: String) -> Bool { kind == .word && source.uppercased() == keyword }

    func isSymbol(_ symbol: String) -> Bool { kind == .symbol && source == symbol }
}

/// Cuts an expression into tokens.
struct FilterLexer {
    private let scalars: [Unicode.Scalar]
    private var index = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    /// All tokens, the last of which is the end.
    static func tokens(of text: String) throws(FilterFault) -> [FilterToken] {
        var lexer = FilterLexer(text)
        var tokens: [FilterToken] = []
        while tokens.last?.kind != .end { tokens.append(try lexer.next()) }
        return tokens
    }

    private mutating func next() throws(FilterFault) -> FilterToken {
        while index < scalars.count, scalars[index].properties.isWhitespace { index += 1 }
        guard index < scalars.count else {
            return FilterToken(kind: .end, source: "end of text", position: scalars.count + 1)
        }
        let scalar = scalars[index]
        if scalar == "\"" { return try text() }
        if scalar == "$" { return try parameter() }
        if Self.isDigit(scalar) || (scalar == "-" && Self.isDigit(peek(1))) { return try number() }
        if Self.isNamePart(scalar) { return word() }
        return try symbol()
    }

    private func peek(_ distance: Int) -> Unicode.Scalar? {
        index + distance < scalars.count ? scalars[index + distance] : nil
    }

    private mutating func take(_ isPart: (Unicode.Scalar) -> Bool) -> String {
        var view = String.UnicodeScalarView()
        while index < scalars.count, isPart(scalars[index]) {
            view.append(scalars[index])
            index += 1
        }
        return String(view)
    }

    private mutating func word() -> FilterToken {
        let position = index + 1
        return FilterToken(kind: .word, source: take(Self.isNamePart), position: position)
    }

    private mutating func parameter() throws(FilterFault) -> FilterToken {
        let position = index + 1
        index += 1
        let name = take(Self.isNamePart)
        guard (1...50).contains(name.utf8.count) else {
            throw FilterFault(
                position: position,
                symbol: "$\(name)",
                fact: "A parameter has a name of 1 to 50 letters, digits and _."
            )
        }
        return FilterToken(kind: .parameter(name), source: "$\(name)", position: position)
    }

    private mutating func number() throws(FilterFault) -> FilterToken {
        let position = index + 1
        var text = ""
        if scalars[index] == "-" {
            text = "-"
            index += 1
        }
        text += take(Self.isDigit)
        if peek(0) == ".", Self.isDigit(peek(1)) {
            index += 1
            text += "." + take(Self.isDigit)
        }
        text += exponent()
        guard let value = Double(text), value.isFinite, !(peek(0).map(Self.isNamePart) ?? false) else {
            let rest = take(Self.isNamePart)
            throw FilterFault(position: position, symbol: text + rest, fact: "It is no finite number.")
        }
        return FilterToken(kind: .number(value), source: text, position: position)
    }

    private mutating func exponent() -> String {
        guard peek(0) == "e" || peek(0) == "E" else { return "" }
        let isSigned = peek(1) == "-" || peek(1) == "+"
        guard Self.isDigit(peek(isSigned ? 2 : 1)) else { return "" }
        var text = "e"
        if isSigned { text.unicodeScalars.append(scalars[index + 1]) }
        index += isSigned ? 2 : 1
        return text + take(Self.isDigit)
    }

    private mutating func text() throws(FilterFault) -> FilterToken {
        let start = index
        var view = String.UnicodeScalarView()
        index += 1
        while index < scalars.count, scalars[index] != "\"" {
            if scalars[index] == "\\", let next = peek(1), next == "\"" || next == "\\" { index += 1 }
            view.append(scalars[index])
            index += 1
        }
        guard index < scalars.count else {
            throw FilterFault(position: start + 1, symbol: "\"", fact: "The text that begins here has no end.")
        }
        index += 1
        let source = String(String.UnicodeScalarView(scalars[start..<index]))
        return FilterToken(kind: .text(String(view)), source: source, position: start + 1)
    }

    private mutating func symbol() throws(FilterFault) -> FilterToken {
        let position = index + 1
        for symbol in ["<=", ">=", "!="] where scalars[index...].starts(with: symbol.unicodeScalars) {
            index += 2
            return FilterToken(kind: .symbol, source: symbol, position: position)
        }
        let symbol = String(scalars[index])
        guard "().,|*=<>".contains(symbol) else {
            throw FilterFault(
                position: position,
                symbol: symbol.debugSymbol,
                fact: "It has no meaning in a filter expression; texts stand in double quotes."
            )
        }
        index += 1
        return FilterToken(kind: .symbol, source: symbol, position: position)
    }

    private static func isDigit(_ scalar: Unicode.Scalar?) -> Bool {
        scalar.map { ("0"..."9").contains($0) } ?? false
    }

    private static func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_" || isDigit(scalar)
    }
}

extension String {
    /// Itself, with what cannot be seen as its number: a message must show it.
    fileprivate var debugSymbol: String {
        unicodeScalars.map { $0.properties.generalCategory == .control ? $0.escaped(asASCII: true) : String($0) }
            .joined()
    }
}
