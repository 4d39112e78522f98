extension Evaluator {
    /// A call such as `f(x)`.
    func call(
        _ procedure: Node,
        _ arguments: [Node],
        _ position: Int,
        _ context: Context
    ) throws(JSONataError) -> Value? {
        let function = try self.function(procedure, codes: ("T1005", "T1006"), context)
        let values = try evaluate(arguments, context)
        return try apply(function, values, CallSite(position, procedure.calledName, context))
    }

    /// A call that leaves arguments open, such as `f(?, 2)`.
    func partial(
        _ procedure: Node,
        _ arguments: [Node?],
        _ position: Int,
        _ context: Context
    ) throws(JSONataError) -> Value? {
        let function = try self.function(procedure, codes: ("T1007", "T1008"), context)
        var values: [Value??] = []
        for argument in arguments {
            if let argument { values.append(.some(try evaluate(argument, context))) } else { values.append(nil) }
        }
        return .function(Function(.partial(function, values)))
    }

    /// A value given to a function, `a ~> f`, or two functions made one, `f ~> g`.
    func chain(_ left: Node, _ right: Node, _ position: Int, _ context: Context) throws(JSONataError) -> Value? {
        let value = try evaluate(left, context)
        if case .call(let procedure, let arguments) = right.kind, right.predicates.isEmpty {
            let function = try self.function(procedure, codes: ("T1005", "T1006"), context)
            let values = [value] + (try evaluate(arguments, context))
            return try apply(function, values, CallSite(right.position, procedure.calledName, context))
        }
        guard case .function(let function) = try evaluate(right, context) else {
            throw JSONataError("T2006", at: position, "the right side of ~> must be a function", token: "~>")
        }
        if case .function(let first) = value { return .function(Function(.chain(first, function))) }
        return try apply(function, [value], CallSite(position, right.calledName, context))
    }

    private func evaluate(_ arguments: [Node], _ context: Context) throws(JSONataError) -> [Value?] {
        var values: [Value?] = []
        for argument in arguments { values.append(try evaluate(argument, context)) }
        return values
    }

    private func function(
        _ node: Node,
        codes: (forgotten: String, other: String),
        _ context: Context
    ) throws(JSONataError) -> Function {
        if !node.isParent, case .function(let function) = try evaluate(node, context) { return function }
        let name = node.calledName
        if case .path = node.kind, Builtin.named(name) != nil || context.frame.value(of: name) != nil {
            let fact = "\"\(name)\" is not a function, did you mean \"$\(name)\"?"
            throw JSONataError(codes.forgotten, at: node.position, fact, token: name)
        }
        throw JSONataError(codes.other, at: node.position, "what is called is not a function", token: name)
    }

    // MARK: - Applying

    /// Calls a function; tail calls among lambdas take no room on the stack.
    func apply(_ function: Function, _ arguments: [Value?], _ site: CallSite) throws(JSONataError) -> Value? {
        try enterCall(site)
        defer { leaveCall() }
        var function = function
        var arguments = arguments
        while true {
            switch function.kind {
            case .lambda(let lambda, let closure):
                switch try run(lambda, closure, arguments, site) {
                case .value(let value): return value
                case .call(let next, let nextArguments): (function, arguments) = (next, nextArguments)
                }
            case .builtin(let builtin):
                let checked = try builtin.signature.validated(
                    arguments,
                    context: site.input,
                    at: site.position,
                    function: builtin.name
                )
                let value = try builtin.body(Invocation(evaluator: self, arguments: checked, site: site))
                try checkNesting(of: value, site.position)
                return value
            case .partial(let inner, let given):
                (function, arguments) = (inner, Self.fill(given, with: arguments))
            case .chain(let first, let second):
                (function, arguments) = (second, [try apply(first, arguments, site)])
            case .transform(let transform, let closure):
                return try self.transform(arguments.first ?? nil, transform, closure, site)
            case .regex(let expression):
                return try match(arguments, expression, site)
            }
        }
    }

    private static func fill(_ given: [Value??], with arguments: [Value?]) -> [Value?] {
        var rest = arguments[...]
        return given.map { $0 ?? rest.popFirst() ?? nil } + rest
    }

    // MARK: - Lambdas

    private enum Outcome {
        case value(Value?)
        case call(Function, [Value?])
    }

    private func run(
        _ lambda: Node.Lambda,
        _ closure: Context,
        _ arguments: [Value?],
        _ site: CallSite
    ) throws(JSONataError) -> Outcome {
        var arguments = arguments
        if let signature = lambda.signature {
            arguments = try signature.validated(
                arguments,
                context: site.input,
                at: site.position,
                function: site.name
            )
        }
        let frame = Frame(in: closure.frame)
        for (index, name) in lambda.parameters.enumerated() {
            frame.bind(name, index < arguments.count ? arguments[index] : nil)
        }
        return try outcome(of: lambda.body, Context(item: closure.item, frame: frame))
    }

    /// Evaluates the body of a lambda up to a call in its last place, which is left to be done.
    private func outcome(of node: Node, _ context: Context) throws(JSONataError) -> Outcome {
        guard node.predicates.isEmpty, node.group == nil, !node.keepsArray else {
            return .value(try evaluate(node, context))
        }
        switch node.kind {
        case .condition(let condition, let then, let otherwise):
            if try isTrue(condition, context) { return try outcome(of: then, context) }
            guard let otherwise else { return .value(nil) }
            return try outcome(of: otherwise, context)
        case .block(let expressions):
            let inner = Context(item: context.item, frame: Frame(in: context.frame))
            for expression in expressions.dropLast() { _ = try evaluate(expression, inner) }
            guard let last = expressions.last else { return .value(nil) }
            return try outcome(of: last, inner)
        case .call(let procedure, let arguments):
            let function = try self.function(procedure, codes: ("T1005", "T1006"), context)
            let values = try evaluate(arguments, context)
            if case .lambda = function.kind { return .call(function, values) }
            let site = CallSite(node.position, procedure.calledName, context)
            return .value(node.unwrapping(try apply(function, values, site)))
        default: return .value(try evaluate(node, context))
        }
    }

    // MARK: - Transforms

    private func transform(
        _ value: Value?,
        _ transform: Node.Transform,
        _ closure: Context,
        _ site: CallSite
    ) throws(JSONataError) -> Value? {
        guard let value else { return nil }
        let copy = value.copy
        let context = Context(item: Item(value: copy), frame: closure.frame)
        for match in try evaluate(transform.pattern, context)?.elements ?? [] {
            guard case .object(let object) = match else { continue }
            let inner = Context(item: Item(value: match), frame: closure.frame)
            try update(object, transform.update, inner)
            if let deletion = transform.deletion { try delete(from: object, deletion, inner) }
        }
        return copy
    }

    private func update(_ object: ObjectValue, _ node: Node, _ context: Context) throws(JSONataError) {
        guard let update = try evaluate(node, context) else { return }
        guard case .object(let members) = update.copy else {
            throw JSONataError("T2011", at: node.position, "the update of a transform must be an object")
        }
        for (key, value) in members.members { object[key] = value }
    }

    private func delete(from object: ObjectValue, _ node: Node, _ context: Context) throws(JSONataError) {
        for key in try evaluate(node, context)?.elements ?? [] {
            guard case .string(let name) = key else {
                let fact = "the deletion of a transform must be a string or an array of strings"
                throw JSONataError("T2012", at: node.position, fact)
            }
            object[name] = nil
        }
    }
}

/// Where a function is called, for errors and for arguments taken from the context.
struct CallSite {
    let position: Int
    let name: String
    /// The context, and the variables seen from there.
    let context: Context

    init(_ position: Int, _ name: String, _ context: Context) {
        self.position = position
        self.name = name
        self.context = context
    }

    var input: Value? { context.input }
}

extension Node {
    fileprivate var isParent: Bool {
        if case .parent = kind { true } else { false }
    }

    /// The name under which this is called, if it has one.
    var calledName: String {
        switch kind {
        case .variable(let name): return name
        case .path(let path):
            guard path.steps.count == 1, case .name(let name) = path.steps[0].node.kind else { return "" }
            return name
        default: return ""
        }
    }
}
