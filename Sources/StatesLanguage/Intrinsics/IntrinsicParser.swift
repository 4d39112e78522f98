import JSON

/// Reads the text of an intrinsic call.
struct IntrinsicParser {
    private let characters: [Character]
    private var position = 0

    /// Calls may be nested this deep.
    private static let maximumDepth = 10

    static func parse(_ text: String) throws(PathError) -> Intrinsic {
        var parser = IntrinsicParser(characters: Array(text))
        let call = try parser.parseCall(depth: 1)
        parser.skipSpace()
        guard parser.position == parser.characters.count else { throw parser.unexpected() }
        return call
    }

    private mutating func parseCall(depth: Int) throws(PathError) -> Intrinsic {
        guard depth <= Self.maximumDepth else {
            throw PathError(message: "intrinsic functions are nested deeper than \(Self.maximumDepth) levels")
        }
        let start = position
        let name = takeName()
        guard name.hasPrefix("States."), let function = IntrinsicFunction(rawValue: String(name.dropFirst(7))) else {
            throw PathError(message: "\"\(name)\" is not an intrinsic function")
        }
        guard take("(") else { throw unexpected() }
        let arguments = try parseArguments(depth: depth)
        guard function.arity.contains(arguments.count) else {
            throw PathError(message: "\(name) does not take \(arguments.count) arguments")
        }
        return Intrinsic(
            text: String(characters[start..<position]),
            function: function,
            arguments: arguments
        )
    }

    private mutating func parseArguments(depth: Int) throws(PathError) -> [Intrinsic.Argument] {
        var arguments: [Intrinsic.Argument] = []
        skipSpace()
        if take(")") { return arguments }
        while true {
            skipSpace()
            arguments.append(try parseArgument(depth: depth))
            skipSpace()
            if take(")") { return arguments }
            guard take(",") else { throw unexpected() }
        }
    }

    private mutating func parseArgument(depth: Int) throws(PathError) -> Intrinsic.Argument {
        switch current {
        case "'":
            return .template(try parseQuoted())
        case "$":
            let (path, end) = try JSONPathParser.parse(characters, from: position)
            position = end
            return .path(path)
        case "S":
            return .call(try parseCall(depth: depth + 1))
        default:
            return .literal(try parseLiteral())
        }
    }

    private mutating func parseLiteral() throws(PathError) -> JSON {
        let start = position
        while let character = current,
            character.isLetter || character.isNumber || character == "-" || character == "." || character == "+"
        {
            position += 1
        }
        guard let value = try? JSON(parsing: String(characters[start..<position])) else {
            position = start
            throw unexpected()
        }
        return value
    }

    /// Reads `'…'`.
    private mutating func parseQuoted() throws(PathError) -> [Intrinsic.TemplatePart] {
        position += 1
        var parts: [Intrinsic.TemplatePart] = []
        var text = ""
        while let character = current {
            position += 1
            switch character {
            case "'":
                if !text.isEmpty { parts.append(.text(text)) }
                return parts
            case "\\":
                guard let escaped = current else { throw unexpected() }
                text += Self.unescaped(escaped)
                position += 1
            case "{":
                if !text.isEmpty { parts.append(.text(text)) }
                parts.append(take("}") ? .placeholder : .openBrace)
                text = ""
            default:
                text.append(character)
            }
        }
        throw PathError(message: "a string is not closed")
    }

    /// What a character behind a backslash stands for: a letter for itself or for white space, as on AWS.
    private static func unescaped(_ character: Character) -> String {
        switch character {
        case "n": "\n"
        case "t": "\t"
        case "r": "\r"
        case "'", "\"", "{", "}", "\\": String(character)
        default: character.isLetter ? String(character) : "\\\(character)"
        }
    }

    private mutating func takeName() -> String {
        let start = position
        while let character = current, character.isLetter || character.isNumber || character == "." { position += 1 }
        return String(characters[start..<position])
    }

    private var current: Character? { position < characters.count ? characters[position] : nil }

    private mutating func take(_ character: Character) -> Bool {
        guard current == character else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let character = current, character.isWhitespace { position += 1 }
    }

    private func unexpected() -> PathError {
        PathError(message: current.map { "unexpected \"\($0)\" at character \(position + 1)" } ?? "unexpected end")
    }
}
