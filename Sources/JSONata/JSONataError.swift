/// What is wrong with an expression, or went wrong in its evaluation.
///
/// The codes are JSONata's own: `S…` syntax, `T…` types, `D…` dynamic, `U…` limits. `X0001` marks what the language
/// has and this implementation does not yet support.
public struct JSONataError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The code, such as `T2001`.
    public let code: String
    /// Fact and remedy.
    public let message: String
    /// How many characters of the expression stand before the place.
    public let position: Int
    /// The operator, name or function at fault, where there is one.
    public let token: String?

    /// An error at a place of an expression.
    public init(_ code: String, at position: Int, _ message: String, token: String? = nil) {
        self.code = code
        self.message = message
        self.position = position
        self.token = token
    }

    /// Code, place and message.
    public var description: String { "\(code) at character \(position + 1): \(message)" }

    static func unsupported(_ what: String, at position: Int) -> JSONataError {
        JSONataError("X0001", at: position, "\(what) is not supported yet", token: what)
    }
}
