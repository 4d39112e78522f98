/// Makes the tree of an expression, by operator precedence after Pratt.
struct Parser {
    var lexer: Lexer
    var token: Token
    /// How often the parent operator occurred; only with one, results remember where they come from.
    var parentCount = 0
    private var depth = 0

    /// How deep brackets and operators may be nested.
    private static let maximumDepth = 200

    private static let bindingPowers: [String: Int] = [
        ".": 75, "[": 80, "{": 70, "(": 80, "@": 80, "#": 80, "?": 20, "+": 50, "-": 50, "*": 60, "/": 60, "%": 60,
        "=": 40, "<": 40, ">": 40, "^": 40, "..": 20, ":=": 10, "!=": 40, "<=": 40, ">=": 40, "~>": 40, "?:": 40,
        "??": 40, "and": 30, "or": 25, "in": 40, "&": 50,
    ]

    init(_ source: String) throws(JSONataError) {
        lexer = Lexer(source)
        token = Token(kind: .end, position: 0)
        token = try lexer.next(expectsOperand: true)
    }

    /// The whole expression.
    mutating func parse() throws(JSONataError) -> Node {
        let node = try expression()
        guard token.kind == .end else {
            throw JSONataError(
                "S0201",
                at: token.position,
                "syntax error: \"\(token.text)\" does not belong here",
                token: token.text
            )
        }
        return node
    }

    /// An expression whose operators all bind more strongly than a power.
    mutating func expression(above power: Int = 0) throws(JSONataError) -> Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else {
            throw JSONataError(
                "U1001",
                at: token.position,
                "the expression is nested too deep, bind parts to variables"
            )
        }
        let first = token
        try advance(expectsOperand: Self.isPrefixOperator(first))
        var left = try operand(first)
        while let next = infixPower, next > power {
            let infix = token
            try advance(expectsOperand: true)
            left = try continuation(of: left, infix)
        }
        return left
    }

    private var infixPower: Int? {
        guard case .symbol(let text) = token.kind else { return nil }
        return Self.bindingPowers[text]
    }

    /// Whether an operand follows this token, when it stands where an operand is expected.
    private static func isPrefixOperator(_ token: Token) -> Bool {
        guard case .symbol(let text) = token.kind else { return false }
        return ["-", "(", "[", "{", "|"].contains(text)
    }

    // MARK: - Tokens

    mutating func advance(expectsOperand: Bool) throws(JSONataError) {
        token = try lexer.next(expectsOperand: expectsOperand)
        guard token.isSymbol("!") || token.isSymbol("~") else { return }
        throw JSONataError("S0204", at: token.position, "\"\(token.text)\" is not an operator", token: token.text)
    }

    /// Takes a token that has to be there.
    mutating func expect(_ symbol: String, thenOperand: Bool = false) throws(JSONataError) {
        guard token.isSymbol(symbol) else {
            if token.kind == .end {
                throw JSONataError("S0203", at: token.position, "expected \"\(symbol)\" before the end", token: symbol)
            }
            throw JSONataError(
                "S0202",
                at: token.position,
                "expected \"\(symbol)\", found \"\(token.text)\"",
                token: token.text
            )
        }
        try advance(expectsOperand: thenOperand)
    }

    /// Takes a token if it is there.
    mutating func take(_ symbol: String, thenOperand: Bool = true) throws(JSONataError) -> Bool {
        guard token.isSymbol(symbol) else { return false }
        try advance(expectsOperand: thenOperand)
        return true
    }

    /// Expressions divided by commas up to a closing bracket, which is taken.
    mutating func list<Element>(
        until close: String,
        _ element: (inout Parser) throws(JSONataError) -> Element
    ) throws(JSONataError) -> [Element] {
        var elements: [Element] = []
        if !token.isSymbol(close) {
            repeat { elements.append(try element(&self)) } while try take(",")
        }
        try expect(close)
        return elements
    }
}
