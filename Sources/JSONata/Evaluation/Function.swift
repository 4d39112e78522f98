/// What can be called.
final class Function {
    enum Kind {
        case builtin(Builtin)
        case lambda(LambdaNode, input: Value?, Frame)
        /// Some arguments are set, those to come are left open.
        case partial(Function, [Value??])
        /// One function after the other.
        case chain(Function, Function)
        case transform(TransformNode, Frame)
        case regex(RegularExpression)
    }

    let kind: Kind
    /// How deep functions and what they hold on to are nested.
    let depth: Int

    init(_ kind: Kind) {
        self.kind = kind
        depth =
            switch kind {
            case .builtin, .regex: 1
            case .lambda(_, let input, let frame): 1 + max(frame.depth, input?.depth ?? 0)
            case .transform(_, let frame): 1 + frame.depth
            case .partial(let inner, let arguments):
                1 + arguments.reduce(inner.depth) { max($0, ($1 ?? nil)?.depth ?? 0) }
            case .chain(let first, let second): 1 + max(first.depth, second.depth)
            }
    }

    /// Whether this is the same function as another one: functions of the library are by their names.
    func isSame(as other: Function) -> Bool {
        if case .builtin(let own) = kind, case .builtin(let others) = other.kind { return own.name == others.name }
        return self === other
    }

    /// How many arguments it looks at.
    var arity: Int {
        switch kind {
        case .builtin(let builtin): builtin.arity
        case .lambda(let lambda, _, _): lambda.parameters.count
        case .partial(_, let arguments): arguments.count { $0 == nil }
        case .chain, .transform: 1
        // The text, and where to begin.
        case .regex: 2
        }
    }
}

/// Where a function is called, for errors and for arguments taken from the context.
struct CallSite {
    let position: Int
    let name: String
    let input: Value?
    /// The variables seen from there.
    let frame: Frame

    init(_ position: Int, _ name: String, _ input: Value?, _ frame: Frame) {
        self.position = position
        self.name = name
        self.input = input
        self.frame = frame
    }

    /// The place from which a function calls another one, which has no context to take arguments from.
    var withoutContext: CallSite { CallSite(position, name, .null, frame) }
}
