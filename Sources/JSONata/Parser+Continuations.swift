extension Parser {
    /// What an infix operator makes of the expression before it; the operator was taken.
    mutating func continuation(of left: Node, _ infix: Token) throws(JSONataError) -> Node {
        let position = infix.position
        switch infix.text {
        case ".": return try path(left, try expression(above: 75), at: position)
        case "[": return try bracket(after: left)
        case "(": return try call(left, at: position)
        case "{": return try grouping(left, at: position)
        case "^": return try ordering(left, at: position)
        case "@": return try focus(left, at: position)
        case "#": return try index(left, at: position)
        case "?": return try condition(left, at: position)
        case ":=": return try binding(left, at: position)
        case "?:": return Node(kind: .fallback(left, try expression()), position: position)
        case "??": return Node(kind: .coalescing(left, try expression()), position: position)
        case "and": return Node(kind: .and(left, try expression(above: 30)), position: position)
        case "or": return Node(kind: .or(left, try expression(above: 25)), position: position)
        case "~>": return Node(kind: .chain(left, try expression(above: 40)), position: position)
        default: return try binary(left, infix)
        }
    }

    private mutating func binary(_ left: Node, _ infix: Token) throws(JSONataError) -> Node {
        guard let sign = Node.Operator(rawValue: infix.text) else {
            throw JSONataError("S0204", at: infix.position, "\"\(infix.text)\" is not an operator", token: infix.text)
        }
        let power =
            switch sign {
            case .add, .subtract, .concatenate: 50
            case .multiply, .divide, .remainder: 60
            case .range: 20
            default: 40
            }
        return Node(kind: .binary(sign, left, try expression(above: power)), position: infix.position)
    }

    private mutating func condition(_ left: Node, at position: Int) throws(JSONataError) -> Node {
        let then = try expression()
        let otherwise = try take(":") ? try expression() : nil
        return Node(kind: .condition(left, then: then, otherwise: otherwise), position: position)
    }

    private mutating func binding(_ left: Node, at position: Int) throws(JSONataError) -> Node {
        guard case .variable(let name) = left.kind, left.predicates.isEmpty else {
            throw JSONataError("S0212", at: left.position, "the left side of := must be a variable, such as $x")
        }
        return Node(kind: .bind(name, try expression(above: 9)), position: position)
    }

    // MARK: - Calls

    private mutating func call(_ left: Node, at position: Int) throws(JSONataError) -> Node {
        var hasPlaceholder = false
        let arguments = try list(until: ")") { (parser) throws(JSONataError) -> Node? in
            if try parser.takePlaceholder() {
                hasPlaceholder = true
                return nil
            }
            return try parser.expression()
        }
        if left.isFunctionKeyword { return try lambda(parameters: arguments, at: left.position) }
        if hasPlaceholder { return Node(kind: .partial(left, arguments), position: position) }
        return Node(kind: .call(left, arguments.compactMap(\.self)), position: position)
    }

    /// Takes a `?` that stands for an argument to come.
    private mutating func takePlaceholder() throws(JSONataError) -> Bool {
        guard token.isSymbol("?") else { return false }
        try advance(expectsOperand: false)
        return true
    }

    private mutating func lambda(parameters: [Node?], at position: Int) throws(JSONataError) -> Node {
        var names: [String] = []
        for parameter in parameters {
            guard case .variable(let name) = parameter?.kind else {
                let place = parameter?.position ?? position
                throw JSONataError("S0208", at: place, "a parameter of a function must be a variable, such as $x")
            }
            names.append(name)
        }
        let signature = try signature()
        try expect("{", thenOperand: true)
        let body = try expression()
        try expect("}")
        return Node(
            kind: .lambda(Node.Lambda(parameters: names, signature: signature, body: body)),
            position: position
        )
    }

    private mutating func signature() throws(JSONataError) -> Signature? {
        guard token.isSymbol("<") else { return nil }
        let position = token.position
        let text = try lexer.balancedText(from: position)
        try advance(expectsOperand: false)
        return try Signature(parsing: text, at: position)
    }
}

// MARK: - Paths

extension Parser {
    private func path(_ left: Node, _ right: Node, at position: Int) throws(JSONataError) -> Node {
        var path = Node.Path(steps: [])
        for node in [left, right] {
            if case .path(let inner) = node.kind, node.group == nil, node.predicates.isEmpty {
                path.steps += inner.steps
                path.keepsSingleton = path.keepsSingleton || inner.keepsSingleton
            } else {
                path.steps.append(try step(of: node, isFirst: path.steps.isEmpty))
                path.keepsSingleton = path.keepsSingleton || node.keepsArray
            }
        }
        return Node(kind: .path(path), position: position)
    }

    private func step(of node: Node, isFirst: Bool) throws(JSONataError) -> Node.Step {
        var node = node
        switch node.kind {
        case .string(let text): node.kind = .name(text)
        case .number, .bigInteger, .bool, .null:
            throw JSONataError("S0213", at: node.position, "a literal value cannot be a step of a path")
        default: break
        }
        let stages = node.predicates.map(Node.Stage.filter)
        node.predicates = []
        return Node.Step(node: node, stages: stages)
    }

    /// A predicate `[…]`, or `[]`.
    private mutating func bracket(after left: Node) throws(JSONataError) -> Node {
        var left = left
        if try take("]", thenOperand: false) {
            left.keepsArray = true
            left.changePath { $0.keepsSingleton = true }
            return left
        }
        let predicate = try expression()
        try expect("]")
        guard left.group == nil else {
            throw JSONataError("S0209", at: predicate.position, "a predicate cannot follow a grouping, put it before")
        }
        if !left.changePath({ $0.steps[$0.steps.count - 1].stages.append(.filter(predicate)) }) {
            left.predicates.append(predicate)
        }
        return left
    }

    private mutating func grouping(_ left: Node, at position: Int) throws(JSONataError) -> Node {
        guard left.group == nil else {
            throw JSONataError("S0210", at: position, "an expression can have one grouping only")
        }
        var left = left
        left.group = try pairs()
        return left
    }

    private mutating func ordering(_ left: Node, at position: Int) throws(JSONataError) -> Node {
        try expect("(", thenOperand: true)
        let terms = try list(until: ")") { (parser) throws(JSONataError) in
            let isDescending = try parser.take(">")
            if !isDescending { _ = try parser.take("<") }
            return Node.SortTerm(expression: try parser.expression(), isDescending: isDescending)
        }
        var result = try asPath(left)
        result.changePath { $0.steps.append(Node.Step(node: Node(kind: .sort(terms), position: position))) }
        return result
    }

    private mutating func focus(_ left: Node, at position: Int) throws(JSONataError) -> Node {
        let name = try variableName(after: "@")
        var result = try asPath(left)
        guard case .path(let path) = result.kind, let step = path.steps.last, step.stages.isEmpty else {
            throw JSONataError("S0215", at: position, "@ must stand before the predicates of its step")
        }
        if case .sort = step.node.kind {
            throw JSONataError("S0216", at: position, "@ must stand before the order-by of its step")
        }
        result.changePath { $0.steps[$0.steps.count - 1].focus = name }
        return result
    }

    private mutating func index(_ left: Node, at position: Int) throws(JSONataError) -> Node {
        let name = try variableName(after: "#")
        var result = try asPath(left)
        result.changePath { path in
            let last = path.steps.count - 1
            if path.steps[last].stages.isEmpty {
                path.steps[last].index = name
            } else {
                path.steps[last].stages.append(.index(name))
            }
        }
        return result
    }

    private mutating func variableName(after sign: String) throws(JSONataError) -> String {
        guard case .variable(let name) = token.kind else {
            throw JSONataError(
                "S0214",
                at: token.position,
                "\(sign) must be followed by a variable, such as $x",
                token: sign
            )
        }
        try advance(expectsOperand: false)
        return name
    }

    private func asPath(_ node: Node) throws(JSONataError) -> Node {
        if case .path = node.kind, node.group == nil, node.predicates.isEmpty { return node }
        var path = Node.Path(steps: [try step(of: node, isFirst: true)])
        path.keepsSingleton = node.keepsArray
        return Node(kind: .path(path), position: node.position)
    }
}

extension Node {
    /// Changes the path that this is; `false` when it is none.
    @discardableResult
    fileprivate mutating func changePath(_ change: (inout Path) -> Void) -> Bool {
        guard case .path(var path) = kind, predicates.isEmpty else { return false }
        change(&path)
        kind = .path(path)
        return true
    }

    fileprivate var isFunctionKeyword: Bool {
        guard case .path(let path) = kind, path.steps.count == 1, case .name(let name) = path.steps[0].node.kind else {
            return false
        }
        return name == "function" || name == "λ"
    }
}
