/// Makes the tree of an expression, by operator precedence after Pratt.
struct Parser {
    private var lexer: Lexer
    var token: Token
    private var depth = 0

    /// How deep brackets and operators may be nested.
    private static let maximumDepth = 250
    /// How deep the tree may be, operators in a row counted too.
    private static let maximumHeight = 1_000

    private static let bindingPowers: [String: Int] = [
        ".": 75, "[": 80, "{": 70, "(": 80, "@": 80, "#": 80, "?": 20, "+": 50, "-": 50, "*": 60, "/": 60, "%": 60,
        "=": 40, "<": 40, ">": 40, "^": 40, ":=": 10, "!=": 40, "<=": 40, ">=": 40, "~>": 40, "?:": 40, "??": 40,
        "and": 30, "or": 25, "in": 40, "&": 50,
    ]

    init(_ source: String) throws(JSONataError) {
        lexer = Lexer(source)
        token = Token(kind: .end, position: 0)
        try advance()
    }

    /// The whole expression.
    mutating func parse() throws(JSONataError) -> Syntax {
        let syntax = try expression()
        guard token.isEnd else {
            throw JSONataError("S0201", at: token.position, token: token.text, quoting: token.value)
        }
        return syntax
    }

    /// An expression whose operators all bind more strongly than a power.
    mutating func expression(above power: Int = 0) throws(JSONataError) -> Syntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw tooDeep() }
        let first = token
        try advance(allowsRegex: false)
        var left = try operand(first)
        while let next = infixPower, next > power {
            let infix = token
            try advance()
            left = try continuation(of: left, infix)
            guard left.depth <= Self.maximumHeight else { throw tooDeep() }
        }
        return left
    }

    private func tooDeep() -> JSONataError {
        JSONataError("U1001", at: token.position, "the expression is nested too deep, bind parts to variables")
    }

    private var infixPower: Int? {
        guard case .symbol(let text) = token.kind else { return nil }
        return Self.bindingPowers[text]
    }

    // MARK: - Tokens

    mutating func advance(allowsRegex: Bool = true) throws(JSONataError) {
        token = try lexer.next(allowsRegex: allowsRegex)
        guard token.isSymbol("!") || token.isSymbol("~") else { return }
        throw JSONataError("S0204", at: token.position, token: token.text)
    }

    /// Takes a token that has to be there.
    mutating func expect(_ symbol: String, allowsRegex: Bool = true) throws(JSONataError) {
        guard token.isSymbol(symbol) else {
            let code = token.isEnd ? "S0203" : "S0202"
            throw JSONataError(
                code,
                at: token.position,
                token: token.text,
                quoting: token.value,
                value: .string(symbol)
            )
        }
        try advance(allowsRegex: allowsRegex)
    }

    /// Takes a token if it is there.
    mutating func take(_ symbol: String) throws(JSONataError) -> Bool {
        guard token.isSymbol(symbol) else { return false }
        try advance()
        return true
    }

    /// Expressions divided by commas up to a closing bracket, which is taken.
    mutating func list<Element>(
        until close: String,
        allowsRegex: Bool = false,
        mayBeEmpty: Bool = true,
        _ element: (inout Parser) throws(JSONataError) -> Element
    ) throws(JSONataError) -> [Element] {
        var elements: [Element] = []
        if !mayBeEmpty || !token.isSymbol(close) {
            repeat { elements.append(try element(&self)) } while try take(",")
        }
        try expect(close, allowsRegex: allowsRegex)
        return elements
    }
}
