/// A word of an expression.
struct Token {
    enum Kind {
        case end
        case name(String)
        case variable(String)
        case string(String)
        case number(Double)
        /// An integer that a double cannot hold.
        case bigInteger(Int64)
        case constant(Constant)
        case regex(pattern: String, flags: String)
        case symbol(String)
    }

    enum Constant { case yes, no, null }

    let kind: Kind
    /// How many units of UTF-16 stand before its end: the place by which the language's errors name it.
    let position: Int

    /// Whether this is an operator or bracket of this spelling.
    func isSymbol(_ text: String) -> Bool {
        if case .symbol(let symbol) = kind { symbol == text } else { false }
    }

    var isEnd: Bool {
        if case .end = kind { true } else { false }
    }

    /// The token as a value, where errors quote it as one.
    var value: Value? {
        switch kind {
        case .number(let number): .number(number)
        case .bigInteger(let number): .bigInteger(number)
        case .constant(.yes): .bool(true)
        case .constant(.no): .bool(false)
        case .constant(.null): .null
        default: nil
        }
    }

    /// What the token says.
    var text: String {
        switch kind {
        case .end: "(end)"
        case .name(let text), .variable(let text), .string(let text), .symbol(let text): text
        case .number(let number): number.jsonataText
        case .bigInteger(let number): "\(number)"
        case .constant(.yes): "true"
        case .constant(.no): "false"
        case .constant(.null): "null"
        case .regex(let pattern, let flags): "/\(pattern)/\(flags)"
        }
    }
}
