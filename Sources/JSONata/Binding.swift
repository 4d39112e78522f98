public import JSON

/// What a variable is bound to from outside.
public struct Binding: Sendable {
    /// The body of a function from outside; a missing argument, and no result, are `nil`.
    public typealias Body = @Sendable (_ arguments: [JSON?]) throws(JSONataError) -> JSON?

    private enum Kind: Sendable {
        case json(JSON)
        case function(Builtin)
    }

    private let kind: Kind

    /// A value.
    public init(_ json: JSON) { kind = .json(json) }

    /// A function.
    ///
    /// - Parameters:
    ///   - name: Its name in errors, without the dollar sign.
    ///   - signature: What it takes, as in `<s-n?:s>`.
    ///   - body: What it does; errors that it throws get the place of the call if they have none.
    /// - Throws: `JSONataError` with `S0401` or `S0402` where the signature cannot be read.
    public init(
        function name: String,
        signature: String,
        body: @escaping Body
    ) throws(JSONataError) {
        let signature = try Signature(parsing: signature, at: 0)
        kind = .function(
            Builtin(name: name, signature: signature) { (call) throws(JSONataError) in
                try body(call.arguments.map { $0?.json }).map(Value.init)
            }
        )
    }

    var value: Value {
        switch kind {
        case .json(let json): Value(json)
        case .function(let builtin): .function(Function(.builtin(builtin)))
        }
    }
}
