import JSON

/// Reads the text of a path: `$.a['b'][0]`, `$$.Map.Item.Value`, `$..price`, `$.items[?(@.n > 1)].name`.
struct JSONPathParser {
    private let text: String
    private let characters: [Character]
    private var position = 0

    private init(_ text: String) {
        self.text = text
        characters = Array(text)
    }

    /// Reads a whole text as one path.
    static func parse(_ text: String) throws(PathError) -> JSONPath {
        var parser = JSONPathParser(text)
        let path = try parser.parsePath()
        guard parser.position == parser.characters.count else { throw parser.unexpected() }
        return path
    }

    /// Reads the path at the start of a longer text, such as an intrinsic's arguments, and says how long it is.
    static func parsePrefix(_ text: String) throws(PathError) -> (path: JSONPath, length: Int) {
        var parser = JSONPathParser(text)
        let path = try parser.parsePath()
        let prefix = String(parser.characters[..<parser.position])
        let trimmed = JSONPath(text: prefix, root: path.root, segments: path.segments, function: path.function)
        return (trimmed, parser.position)
    }

    private mutating func parsePath() throws(PathError) -> JSONPath {
        guard take("$") else { throw fault("a path must start with \"$\"") }
        let root: JSONPath.Root = take("$") ? .context : .input
        let (segments, function) = try parseSegments()
        return JSONPath(text: text, root: root, segments: segments, function: function)
    }

    private mutating func parseSegments() throws(PathError) -> ([JSONPath.Segment], JSONPath.Function?) {
        var segments: [JSONPath.Segment] = []
        while let character = current {
            if character == "[" {
                segments.append(JSONPath.Segment(selectors: try parseBrackets()))
            } else if character == "." {
                position += 1
                let isDescendant = take(".")
                if isDescendant, current == "[" {
                    segments.append(JSONPath.Segment(isDescendant: true, selectors: try parseBrackets()))
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

    private mutating func parseFunction(_ name: String) throws(PathError) -> JSONPath.Function {
        skipSpace()
        guard let function = JSONPath.Function(rawValue: name) else {
            throw fault("\"\(name)()\" is not a function of paths")
        }
        guard take(")") else { throw unexpected() }
        return function
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
            guard take("(") else { throw unexpected() }
            let filter = try parseOr()
            skipSpace()
            guard take(")") else { throw unexpected() }
            return .filter(filter)
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

    private mutating func parseQuoted() throws(PathError) -> String {
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

    // MARK: Filters

    private mutating func parseOr() throws(PathError) -> JSONPath.Filter {
        var filter = try parseAnd()
        while takeWord("||") { filter = .or(filter, try parseAnd()) }
        return filter
    }

    private mutating func parseAnd() throws(PathError) -> JSONPath.Filter {
        var filter = try parseTerm()
        while takeWord("&&") { filter = .and(filter, try parseTerm()) }
        return filter
    }

    private mutating func parseTerm() throws(PathError) -> JSONPath.Filter {
        skipSpace()
        if take("!") { return .not(try parseTerm()) }
        if take("(") {
            let filter = try parseOr()
            skipSpace()
            guard take(")") else { throw unexpected() }
            return filter
        }
        let left = try parseOperand()
        for symbol in ["==", "!=", "<=", ">=", "<", ">", "=~", "in ", "nin "] where takeWord(symbol) {
            let name = symbol.last == " " ? String(symbol.dropLast()) : symbol
            guard let comparison = JSONPath.Comparison(rawValue: name) else { throw unexpected() }
            guard comparison != .matches else { throw fault("\"=~\" is not supported in this version") }
            return .compare(left, comparison, try parseOperand())
        }
        return .exists(left)
    }

    private mutating func parseOperand() throws(PathError) -> JSONPath.Operand {
        skipSpace()
        switch current {
        case "@", "$":
            let fromItem = current == "@"
            position += 1
            let (segments, function) = try parseSegments()
            return .path(fromItem: fromItem, segments: segments, function: function)
        case "'", "\"":
            return .literal(.string(try parseQuoted()))
        case "[":
            return .literal(try parseList())
        default:
            return .literal(try parseLiteral())
        }
    }

    private mutating func parseList() throws(PathError) -> JSON {
        position += 1
        var values: [JSON] = []
        while true {
            skipSpace()
            if take("]") { return .array(values) }
            guard case .literal(let value) = try parseOperand() else { throw unexpected() }
            values.append(value)
            skipSpace()
            if take("]") { return .array(values) }
            guard take(",") else { throw unexpected() }
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

    // MARK: Characters

    private var current: Character? { position < characters.count ? characters[position] : nil }

    private mutating func take(_ character: Character) -> Bool {
        guard current == character else { return false }
        position += 1
        return true
    }

    private mutating func takeWord(_ word: String) -> Bool {
        skipSpace()
        guard characters[position...].starts(with: word) else { return false }
        position += word.count
        return true
    }

    private mutating func skipSpace() {
        while current == " " { position += 1 }
    }

    private func unexpected() -> PathError {
        fault(current.map { "unexpected \"\($0)\" at character \(position + 1)" } ?? "unexpected end")
    }

    private func fault(_ message: String) -> PathError {
        PathError(message: message)
    }
}
