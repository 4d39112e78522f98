/// A word of an expression, with how many characters stand before it.
struct Token: Equatable {
    enum Kind: Equatable {
        case end
        case name(String)
        case variable(String)
        case string(String)
        case number(Double)
        /// An integer that a double cannot hold.
        case bigInteger(Int64)
        case value(Constant)
        case regex(pattern: String, flags: String)
        case symbol(String)
    }

    enum Constant: Equatable { case yes, no, null }

    let kind: Kind
    let position: Int

    /// Whether this is an operator or bracket of this spelling.
    func isSymbol(_ text: String) -> Bool { kind == .symbol(text) }

    /// The token as an author would write it.
    var text: String {
        switch kind {
        case .end: "(end)"
        case .name(let name): name
        case .variable(let name): "$\(name)"
        case .string(let text): "\"\(text)\""
        case .number(let number): number.jsonataText
        case .bigInteger(let number): "\(number)"
        case .value(.yes): "true"
        case .value(.no): "false"
        case .value(.null): "null"
        case .regex(let pattern, let flags): "/\(pattern)/\(flags)"
        case .symbol(let text): text
        }
    }
}
