extension Parser {
    /// What stands where an operand is expected; the token itself was taken.
    mutating func operand(_ token: Token) throws(JSONataError) -> Node {
        let position = token.position
        switch token.kind {
        case .name(let name): return .path(step: Node(kind: .name(name), position: position))
        case .variable(let name): return Node(kind: .variable(name), position: position)
        case .string(let text): return Node(kind: .string(text), position: position)
        case .number(let number): return Node(kind: .number(number), position: position)
        case .bigInteger(let number): return Node(kind: .bigInteger(number), position: position)
        case .value(.null): return Node(kind: .null, position: position)
        case .value(let constant): return Node(kind: .bool(constant == .yes), position: position)
        case .regex(let pattern, let flags):
            return try regularExpression(pattern, flags, at: position)
        case .symbol(let symbol): return try operand(symbol, at: position)
        case .end: throw JSONataError("S0207", at: position, "the expression ends too early")
        }
    }

    private func regularExpression(_ pattern: String, _ flags: String, at position: Int) throws(JSONataError) -> Node {
        do {
            return Node(kind: .regex(try RegularExpression(pattern, flags: flags)), position: position)
        } catch {
            let fact = "the regular expression /\(pattern)/\(flags) cannot be read: \(error.fact)"
            throw JSONataError("S0303", at: position, fact, token: pattern)
        }
    }

    private mutating func operand(_ symbol: String, at position: Int) throws(JSONataError) -> Node {
        switch symbol {
        case "and", "or", "in": return .path(step: Node(kind: .name(symbol), position: position))
        case "*": return Node(kind: .wildcard, position: position)
        case "**": return Node(kind: .descendants, position: position)
        case "%":
            parentCount += 1
            return Node(kind: .parent, position: position)
        case "-": return try negation(at: position)
        case "(": return try block(at: position)
        case "[":
            let earlierParents = parentCount
            let elements = try list(until: "]") { (parser) throws(JSONataError) in try parser.expression() }
            return Node(kind: .array(elements), position: position, mentionsParent: parentCount > earlierParents)
        case "{": return Node(kind: .object(try pairs()), position: position)
        case "|": return try transform(at: position)
        default:
            throw JSONataError("S0211", at: position, "\"\(symbol)\" cannot stand before its operand", token: symbol)
        }
    }

    private mutating func negation(at position: Int) throws(JSONataError) -> Node {
        let operand = try expression(above: 70)
        switch operand.kind {
        case .number(let number) where operand.predicates.isEmpty:
            return Node(kind: .number(-number), position: position)
        case .bigInteger(let number): return Node(kind: .bigInteger(-number), position: position)
        default: return Node(kind: .negation(operand), position: position)
        }
    }

    private mutating func block(at position: Int) throws(JSONataError) -> Node {
        var expressions: [Node] = []
        while !token.isSymbol(")") {
            expressions.append(try expression())
            guard try take(";") else { break }
        }
        try expect(")")
        return Node(kind: .block(expressions), position: position)
    }

    /// The members of `{…}`; the opening bracket was taken.
    mutating func pairs() throws(JSONataError) -> [Node.Pair] {
        try list(until: "}") { (parser) throws(JSONataError) in
            let key = try parser.expression()
            try parser.expect(":", thenOperand: true)
            return Node.Pair(key: key, value: try parser.expression())
        }
    }

    private mutating func transform(at position: Int) throws(JSONataError) -> Node {
        let pattern = try expression()
        try expect("|", thenOperand: true)
        let update = try expression()
        let deletion = try take(",") ? try expression() : nil
        try expect("|")
        let transform = Node.Transform(pattern: pattern, update: update, deletion: deletion)
        return Node(kind: .transform(transform), position: position)
    }
}

extension Node {
    /// A path of one step.
    static func path(step: Node) -> Node {
        Node(kind: .path(Path(steps: [Step(node: step)])), position: step.position)
    }
}
