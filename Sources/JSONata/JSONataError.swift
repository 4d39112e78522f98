/// What is wrong with an expression, or went wrong in its evaluation.
///
/// The codes are JSONata's own: `S…` syntax, `T…` types, `D…` dynamic, `U…` limits. `X0001` marks what a place does not
/// give to an evaluation, such as the time.
public struct JSONataError: Error, Sendable, Equatable, CustomStringConvertible {
    /// In a box, since each call that may throw keeps room for an error on the stack.
    private final class Storage: Sendable {
        let code: String
        let message: String
        let position: Int
        let token: String?

        init(code: String, message: String, position: Int, token: String?) {
            self.code = code
            self.message = message
            self.position = position
            self.token = token
        }
    }

    private let storage: Storage

    /// An error at a place of an expression.
    public init(_ code: String, at position: Int, _ message: String, token: String? = nil) {
        storage = Storage(code: code, message: message, position: position, token: token)
    }

    /// An error whose text follows from its code and what it quotes.
    init(
        _ code: String,
        at position: Int = 0,
        token: String? = nil,
        quoting quoted: Value? = nil,
        value: Value? = nil,
        other: Value? = nil
    ) {
        let quoted = quoted ?? token.map(Value.string)
        let message = ErrorText.message(code, token: token, quoted: quoted, value: value, other: other)
        storage = Storage(code: code, message: message, position: position, token: token)
    }

    /// The code, such as `T2001`.
    public var code: String { storage.code }
    /// Fact and remedy.
    public var message: String { storage.message }
    /// The place as the language names it: how many units of UTF-16 stand before the end of the token at fault.
    public var position: Int { storage.position }
    /// The operator, name or function at fault, where there is one.
    public var token: String? { storage.token }

    /// Two errors are equal when all they say is.
    public static func == (left: JSONataError, right: JSONataError) -> Bool {
        (left.code, left.message, left.position, left.token) == (right.code, right.message, right.position, right.token)
    }

    /// Code, place and message.
    public var description: String { "\(code) at character \(max(position, 1)): \(message)" }

    static func unsupported(_ what: String, at position: Int) -> JSONataError {
        JSONataError("X0001", at: position, "\(what) is not supported here", token: what)
    }

    /// The same error at another place, and with a token where it had none.
    func moved(to position: Int, token: String?) -> JSONataError {
        JSONataError(code, at: position, message, token: self.token ?? token)
    }

    /// The same error at the place of a call, and with its name where it had no token; `~>` is no such place.
    func moved(to site: CallSite) -> JSONataError {
        site.name.isEmpty ? self : moved(to: site.position, token: site.name)
    }

    /// The same error at another place and with another token.
    func replaced(position: Int, token: String) -> JSONataError {
        guard self.token != token, let text = ErrorText.refilled(code, token: token) else {
            return JSONataError(code, at: position, message, token: token)
        }
        return JSONataError(code, at: position, text, token: token)
    }
}
