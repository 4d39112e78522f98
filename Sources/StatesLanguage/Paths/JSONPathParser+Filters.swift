import JSON
import JSONata

extension JSONPathParser {
    /// Reads `(…)` behind the question mark.
    mutating func parseFilter() throws(PathError) -> JSONPath.Filter {
        guard take("(") else { throw unexpected() }
        try enter()
        defer { depth -= 1 }
        let filter = try parseOr()
        skipSpace()
        guard take(")") else { throw unexpected() }
        return filter
    }

    private mutating func parseOr() throws(PathError) -> JSONPath.Filter {
        var filters = [try parseAnd()]
        while takeSymbol("||") { filters.append(try parseAnd()) }
        return filters.count == 1 ? filters[0] : .or(filters)
    }

    private mutating func parseAnd() throws(PathError) -> JSONPath.Filter {
        var filters = [try parseTerm()]
        while takeSymbol("&&") { filters.append(try parseTerm()) }
        return filters.count == 1 ? filters[0] : .and(filters)
    }

    private mutating func parseTerm() throws(PathError) -> JSONPath.Filter {
        skipSpace()
        if take("!") {
            try enter()
            defer { depth -= 1 }
            return .not(try parseTerm())
        }
        if current == "(" { return try parseFilter() }
        let left = try parseOperand()
        if takeSymbol("=~") { return .matches(left, try parsePattern()) }
        guard let comparison = takeComparison() else { return .exists(left) }
        return .compare(left, comparison, try parseOperand())
    }

    private mutating func takeComparison() -> JSONPath.Comparison? {
        skipSpace()
        let start = position
        while let character = current, character.isLetter { position += 1 }
        if position > start {
            let word = String(characters[start..<position]).lowercased()
            if let comparison = JSONPath.Comparison(rawValue: word) { return comparison }
            position = start
            return nil
        }
        return JSONPath.Comparison.allCases.first { takeSymbol($0.rawValue) }
    }

    /// Reads what a filter compares, or an argument of a function.
    mutating func parseOperand() throws(PathError) -> JSONPath.Operand {
        skipSpace()
        switch current {
        case "@", "$":
            let start = takeStart()
            let (segments, function) = try parseSegments()
            return .path(from: start, segments: segments, function: function)
        case "'", "\"":
            return .literal(.string(try parseQuoted()))
        case "[":
            return .literal(try parseList())
        default:
            return .literal(try parseLiteral())
        }
    }

    private mutating func takeStart() -> JSONPath.Start {
        if take("@") { return .item }
        position += 1
        if take("$") { return .context }
        return takeVariable().map(JSONPath.Start.variable) ?? .root
    }

    private mutating func parseList() throws(PathError) -> JSON {
        try enter()
        defer { depth -= 1 }
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

    /// Reads `/…/` and the flags behind it.
    private mutating func parsePattern() throws(PathError) -> TextPattern {
        skipSpace()
        guard take("/") else { throw unexpected() }
        var pattern = ""
        while let character = current, character != "/" {
            position += 1
            pattern.append(character)
            if character == "\\", let escaped = current {
                pattern.append(escaped)
                position += 1
            }
        }
        guard take("/") else { throw fault("a regular expression is not closed") }
        var flags = ""
        while let flag = current, flag.isLetter {
            flags.append(flag)
            position += 1
        }
        do {
            return try TextPattern(pattern, flags: flags)
        } catch {
            throw fault(error.message)
        }
    }

    private mutating func takeSymbol(_ symbol: String) -> Bool {
        skipSpace()
        guard characters[position...].starts(with: symbol) else { return false }
        position += symbol.count
        return true
    }
}
