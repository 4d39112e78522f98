extension Parser {
    /// What an infix operator makes of the expression before it; the operator was taken.
    mutating func continuation(of left: Syntax, _ infix: Token) throws(JSONataError) -> Syntax {
        let position = infix.position
        switch infix.text {
        case "[": return try bracket(after: left, at: position)
        case "(": return try call(left, at: position)
        case "{":
            let pairs = try pairs()
            return Syntax(.grouping(left, pairs), at: position, depth: max(left.depth, pairs.depth) + 1)
        case "^": return try ordering(left, at: position)
        case "@":
            return Syntax(.focus(left, try variableName(after: "@")), at: position, depth: left.depth + 1)
        case "#":
            return Syntax(.index(left, try variableName(after: "#")), at: position, depth: left.depth + 1)
        case "?": return try condition(left, at: position)
        case ":=": return try binding(left, at: position)
        default: return try binary(left, infix.text, at: position)
        }
    }

    private mutating func binary(_ left: Syntax, _ sign: String, at position: Int) throws(JSONataError) -> Syntax {
        let power =
            switch sign {
            case "?:", "??": 0
            case ".": 75
            case "+", "-", "&": 50
            case "*", "/", "%": 60
            case "and": 30
            case "or": 25
            default: 40
            }
        let right = try expression(above: power)
        let kind: Syntax.Kind =
            switch sign {
            case "?:": .fallback(left, right)
            case "??": .coalescing(left, right)
            case "~>": .apply(left, right)
            default: .binary(sign, left, right)
            }
        return Syntax(kind, at: position, depth: max(left.depth, right.depth) + 1)
    }

    private mutating func condition(_ left: Syntax, at position: Int) throws(JSONataError) -> Syntax {
        let then = try expression()
        let otherwise = try take(":") ? try expression() : nil
        let depth = max(left.depth, then.depth, otherwise?.depth ?? 0) + 1
        return Syntax(.condition(left, then: then, otherwise: otherwise), at: position, depth: depth)
    }

    private mutating func binding(_ left: Syntax, at position: Int) throws(JSONataError) -> Syntax {
        guard case .variable(let name) = left.kind else {
            throw JSONataError("S0212", at: left.position, token: left.tokenText)
        }
        let value = try expression(above: 9)
        return Syntax(.bind(name, value), at: position, depth: value.depth + 1)
    }

    private mutating func bracket(after left: Syntax, at position: Int) throws(JSONataError) -> Syntax {
        if try take("]") {
            var base = left
            while case .predicate(let inner, _) = base.kind { base = inner }
            base.keepsArray = true
            return left
        }
        let predicate = try expression()
        try expect("]", allowsRegex: false)
        return Syntax(.predicate(left, predicate), at: position, depth: max(left.depth, predicate.depth) + 1)
    }

    private mutating func ordering(_ left: Syntax, at position: Int) throws(JSONataError) -> Syntax {
        try expect("(")
        let terms = try list(until: ")", allowsRegex: true, mayBeEmpty: false) { (parser) throws(JSONataError) in
            let isDescending = parser.token.isSymbol(">")
            if isDescending || parser.token.isSymbol("<") { try parser.advance() }
            return Syntax.SortTerm(expression: try parser.expression(), isDescending: isDescending)
        }
        let depth = max(left.depth, terms.map(\.expression).depth) + 1
        return Syntax(.ordering(left, terms), at: position, depth: depth)
    }

    private mutating func variableName(after sign: String) throws(JSONataError) -> String {
        let operand = try expression(above: 80)
        guard case .variable(let name) = operand.kind else {
            throw JSONataError("S0214", at: operand.position, token: sign)
        }
        return name
    }

    // MARK: - Calls

    private mutating func call(_ left: Syntax, at position: Int) throws(JSONataError) -> Syntax {
        var isPartial = false
        let arguments = try list(until: ")") { (parser) throws(JSONataError) in
            guard parser.token.isSymbol("?") else { return try parser.expression() }
            isPartial = true
            let placeholder = Syntax(.placeholder, at: parser.token.position)
            try parser.advance()
            return placeholder
        }
        if case .name(let name) = left.kind, name == "function" || name == "λ" {
            return try lambda(parameters: arguments, at: position)
        }
        let depth = max(left.depth, arguments.depth) + 1
        return Syntax(isPartial ? .partial(left, arguments) : .call(left, arguments), at: position, depth: depth)
    }

    private mutating func lambda(parameters: [Syntax], at position: Int) throws(JSONataError) -> Syntax {
        var names: [String] = []
        for (index, parameter) in parameters.enumerated() {
            guard case .variable(let name) = parameter.kind else {
                let number = Value.number(Double(index + 1))
                throw JSONataError("S0208", at: parameter.position, token: parameter.tokenText, value: number)
            }
            names.append(name)
        }
        let signature = try signature()
        try expect("{")
        let body = try expression()
        try expect("}")
        let lambda = Syntax.Lambda(parameters: names, signature: signature, body: body)
        return Syntax(.lambda(lambda), at: position, depth: body.depth + 1)
    }

    /// The text from `<` up to the `>` that closes it, read as a signature.
    private mutating func signature() throws(JSONataError) -> Signature? {
        guard token.isSymbol("<") else { return nil }
        let position = token.position
        var text = "<"
        var depth = 1
        while depth > 0, !token.isSymbol("{"), !token.isEnd {
            try advance()
            if token.isSymbol(">") { depth -= 1 }
            if token.isSymbol("<") { depth += 1 }
            text += token.text
        }
        try expect(">")
        return try Signature(parsing: text, at: position)
    }
}

extension Syntax {
    /// What errors quote of it.
    var tokenText: String {
        switch kind {
        case .name(let text), .variable(let text), .string(let text), .word(let text): text
        case .number(let number): number.jsonataText
        case .bigInteger(let number): "\(number)"
        case .bool(let value): "\(value)"
        case .null: "null"
        case .binary(let sign, _, _): sign
        case .predicate, .array: "["
        case .grouping, .object: "{"
        case .call, .partial, .block, .lambda: "("
        case .apply: "~>"
        case .ordering: "^"
        case .negation: "-"
        case .wildcard: "*"
        case .descendants: "**"
        case .parent: "%"
        case .bind: ":="
        case .condition: "?"
        case .focus: "@"
        case .index: "#"
        case .transform: "|"
        case .fallback: "?:"
        case .coalescing: "??"
        default: ""
        }
    }
}
