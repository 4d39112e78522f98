import JSON

/// Reads the text of a path: `$.a['b'][0]`, `$$.Map.Item.Value`, `$name.field`, `$..price`, `$.items[?(@.n > 1)].name`.
struct JSONPathParser {
    let characters: [Character]
    var position: Int
    /// How many brackets of filters and functions are open.
    var depth = 0

    /// Filters and functions may be nested this deep.
    static let maximumDepth = 50

    /// Reads a whole text as one path.
    static func parse(_ text: String) throws(PathError) -> JSONPath {
        var parser = JSONPathParser(characters: Array(text), position: 0)
        let path = try parser.parsePath()
        guard parser.position == parser.characters.count else { throw parser.unexpected() }
        return path
    }

    /// Reads the path within a longer text, such as an intrinsic's arguments, and says where it ends.
    static func parse(
        _ characters: [Character],
        from start: Int
    ) throws(PathError) -> (path: JSONPath, end: Int) {
        var parser = JSONPathParser(characters: characters, position: start)
        return (try parser.parsePath(), parser.position)
    }

    private mutating func parsePath() throws(PathError) -> JSONPath {
        let start = position
        guard take("$") else { throw fault("a path must start with \"$\"") }
        let root: JSONPath.Root = take("$") ? .context : takeVariable().map { .variable($0) } ?? .input
        let (segments, function) = try parseSegments()
        let text = String(characters[start..<position])
        return JSONPath(text: text, root: root, segments: segments, function: function)
    }

    /// Reads the name of a variable, should there be one behind the dollar sign.
    mutating func takeVariable() -> String? {
        guard let first = current, first.isLetter || first == "_" else { return nil }
        let start = position
        while let character = current, character.isLetter || character.isNumber || character == "_" { position += 1 }
        return String(characters[start..<position])
    }

    mutating func parseSegments() throws(PathError) -> ([JSONPath.Segment], JSONPath.FunctionCall?) {
        var segments: [JSONPath.Segment] = []
        while let character = current {
            if character == "[" {
                segments.append(JSONPath.Segment(selectors: try parseBrackets()))
            } else if character == "." {
                position += 1
                let isDescendant = take(".")
                if current == "[" {
                    segments.append(JSONPath.Segment(isDescendant: isDescendant, selectors: try parseBrackets()))
                } else if take("*") {
                    segments.append(JSONPath.Segment(isDescendant: isDescendant, selectors: [.wildcard]))
                } else {
                    let name = try parseName()
                    if take("(") { return (segments, try parseFunction(name)) }
                    segments.append(JSONPath.Segment(isDescendant: isDescendant, selectors: [.name(name)]))
                }
            } else {
                break
            }
        }
        return (segments, nil)
    }

    private mutating func parseFunction(_ name: String) throws(PathError) -> JSONPath.FunctionCall {
        guard let function = JSONPath.Function(rawValue: name) else {
            throw fault("\"\(name)()\" is not a function of paths")
        }
        try enter()
        defer { depth -= 1 }
        var call = JSONPath.FunctionCall(name: function)
        skipSpace()
        if take(")") { return call }
        while true {
            call.arguments.append(try parseOperand())
            skipSpace()
            if take(")") { return call }
            guard take(",") else { throw unexpected() }
        }
    }

    mutating func enter() throws(PathError) {
        depth += 1
        guard depth <= Self.maximumDepth else {
            throw fault("brackets are nested deeper than \(Self.maximumDepth) levels")
        }
    }

    private mutating func parseName() throws(PathError) -> String {
        let start = position
        while let character = current, Self.isNamePart(character) { position += 1 }
        guard position > start else { throw unexpected() }
        return String(characters[start..<position])
    }

    private static func isNamePart(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_" || character == "-" || character == ":"
            || (!character.isASCII && !character.isWhitespace)
    }

    // MARK: Brackets

    private mutating func parseBrackets() throws(PathError) -> [JSONPath.Selector] {
        position += 1
        var selectors: [JSONPath.Selector] = []
        while true {
            skipSpace()
            selectors.append(try parseSelector())
            skipSpace()
            if take("]") { return selectors }
            guard take(",") else { throw unexpected() }
        }
    }

    private mutating func parseSelector() throws(PathError) -> JSONPath.Selector {
        switch current {
        case "*":
            position += 1
            return .wildcard
        case "'", "\"":
            return .name(try parseQuoted())
        case "?":
            position += 1
            skipSpace()
            return .filter(try parseFilter())
        default:
            return try parseIndexOrSlice()
        }
    }

    private mutating func parseIndexOrSlice() throws(PathError) -> JSONPath.Selector {
        let first = try parseInteger()
        skipSpace()
        guard take(":") else {
            guard let first else { throw unexpected() }
            return .index(first)
        }
        skipSpace()
        let end = try parseInteger()
        skipSpace()
        let step = take(":") ? try parseInteger() ?? 1 : 1
        guard step > 0 else { throw fault("the step of a slice must be 1 or more") }
        return .slice(start: first, end: end, step: step)
    }

    private mutating func parseInteger() throws(PathError) -> Int? {
        let start = position
        if current == "-" { position += 1 }
        while let character = current, character.isASCII, character.isNumber { position += 1 }
        guard position > start else { return nil }
        guard let value = Int(String(characters[start..<position])) else { throw unexpected() }
        return value
    }

    mutating func parseQuoted() throws(PathError) -> String {
        guard let quote = current else { throw unexpected() }
        position += 1
        var value = ""
        while let character = current {
            position += 1
            if character == quote { return value }
            if character == "\\", let escaped = current {
                value.append(escaped)
                position += 1
            } else {
                value.append(character)
            }
        }
        throw fault("a quoted name is not closed")
    }

    // MARK: Characters

    var current: Character? { position < characters.count ? characters[position] : nil }

    mutating func take(_ character: Character) -> Bool {
        guard current == character else { return false }
        position += 1
        return true
    }

    mutating func skipSpace() {
        while current == " " { position += 1 }
    }

    func unexpected() -> PathError {
        fault(current.map { "unexpected \"\($0)\" at character \(position + 1)" } ?? "unexpected end")
    }

    func fault(_ message: String) -> PathError {
        PathError(message: message)
    }
}
