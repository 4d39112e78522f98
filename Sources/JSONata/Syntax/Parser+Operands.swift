extension Parser {
    /// What stands where an operand is expected; the token itself was taken.
    mutating func operand(_ token: Token) throws(JSONataError) -> Syntax {
        let position = token.position
        return switch token.kind {
        case .name(let name): Syntax(.name(name), at: position)
        case .variable(let name): Syntax(.variable(name), at: position)
        case .string(let text): Syntax(.string(text), at: position)
        case .number(let number): Syntax(.number(number), at: position)
        case .bigInteger(let number): Syntax(.bigInteger(number), at: position)
        case .constant(.null): Syntax(.null, at: position)
        case .constant(let constant): Syntax(.bool(constant == .yes), at: position)
        case .regex(let pattern, let flags): try regularExpression(pattern, flags, at: position)
        case .symbol(let symbol): try operand(symbol, at: position)
        // Whether something is missing before the end is known to whoever looks for it.
        case .end: Syntax(.end, at: position)
        }
    }

    private func regularExpression(_ pattern: String, _ flags: String, at position: Int) throws(JSONataError) -> Syntax
    {
        do {
            return Syntax(.regex(try RegularExpression(pattern, flags: flags)), at: position)
        } catch {
            let fact = "the regular expression /\(pattern)/\(flags) cannot be read: \(error.fact)"
            throw JSONataError("S0303", at: position, fact, token: pattern)
        }
    }

    private mutating func operand(_ symbol: String, at position: Int) throws(JSONataError) -> Syntax {
        switch symbol {
        case "and", "or", "in": return Syntax(.word(symbol), at: position)
        case "*": return Syntax(.wildcard, at: position)
        case "**": return Syntax(.descendants, at: position)
        case "%": return Syntax(.parent(nil), at: position)
        case "-":
            let operand = try expression(above: 70)
            return Syntax(.negation(operand), at: position, depth: operand.depth + 1)
        case "(": return try block(at: position)
        case "[":
            let elements = try list(until: "]") { (parser) throws(JSONataError) in try parser.element() }
            return Syntax(.array(elements), at: position, depth: elements.depth + 1)
        case "{":
            let pairs = try pairs()
            return Syntax(.object(pairs), at: position, depth: pairs.depth + 1)
        case "|": return try transform(at: position)
        default: throw JSONataError("S0211", at: position, token: symbol)
        }
    }

    /// A member of `[…]`, which may be a range.
    private mutating func element() throws(JSONataError) -> Syntax {
        let first = try expression()
        let position = token.position
        guard try take("..") else { return first }
        let last = try expression()
        return Syntax(.binary("..", first, last), at: position, depth: [first, last].depth + 1)
    }

    private mutating func block(at position: Int) throws(JSONataError) -> Syntax {
        var expressions: [Syntax] = []
        while !token.isSymbol(")") {
            expressions.append(try expression())
            guard try take(";") else { break }
        }
        try expect(")", allowsRegex: false)
        return Syntax(.block(expressions), at: position, depth: expressions.depth + 1)
    }

    /// The members of `{…}`; the opening bracket was taken.
    mutating func pairs() throws(JSONataError) -> [Syntax.Pair] {
        try list(until: "}") { (parser) throws(JSONataError) in
            let key = try parser.expression()
            try parser.expect(":")
            return Syntax.Pair(key: key, value: try parser.expression())
        }
    }

    private mutating func transform(at position: Int) throws(JSONataError) -> Syntax {
        let pattern = try expression()
        try expect("|")
        let update = try expression()
        let deletion = try take(",") ? try expression() : nil
        try expect("|")
        let depth = [pattern, update].depth + (deletion?.depth ?? 0) + 1
        return Syntax(.transform(pattern: pattern, update: update, deletion: deletion), at: position, depth: depth)
    }
}

extension [Syntax] {
    /// The depth of the deepest.
    var depth: Int { reduce(0) { Swift.max($0, $1.depth) } }
}

extension [Syntax.Pair] {
    /// The depth of the deepest.
    var depth: Int { reduce(0) { Swift.max($0, $1.key.depth, $1.value.depth) } }
}
