extension Evaluator {
    /// Calls a function; tail calls among lambdas take no room on the stack.
    func apply(_ function: Function, _ arguments: [Value?], _ site: CallSite) throws(JSONataError) -> Value? {
        try step(site.position)
        let outcome: TailOutcome
        do throws(JSONataError) {
            guard case .lambda(let lambda, let input, let frame) = function.kind else {
                return try applyPlain(function, arguments, site)
            }
            let inner = Frame(lambda.parameters, try lambda.checked(arguments, site), in: frame)
            outcome = try lambda.body.evaluateTail(input, inner, self)
        } catch {
            throw error.moved(to: site)
        }
        return try finish(outcome, site)
    }

    /// Calls a function of three arguments at most, of which it gets as many as it looks at.
    func apply(
        _ function: Function,
        _ first: Value?,
        _ second: Value?,
        _ third: Value?,
        count: Int,
        _ site: CallSite
    ) throws(JSONataError) -> Value? {
        guard case .lambda(let lambda, let input, let frame) = function.kind, lambda.signature == nil else {
            var arguments = [first]
            let length = max(1, min(function.arity, count))
            if length > 1 { arguments.append(second) }
            if length > 2 { arguments.append(third) }
            return try apply(function, arguments, site)
        }
        try step(site.position)
        let inner = Frame(lambda.parameters, first, second, third, in: frame)
        let outcome: TailOutcome
        do throws(JSONataError) {
            outcome = try lambda.body.evaluateTail(input, inner, self)
        } catch {
            throw error.moved(to: site)
        }
        return try finish(outcome, site)
    }

    /// Makes the calls that the body of a function left to be done.
    private func finish(_ outcome: TailOutcome, _ site: CallSite) throws(JSONataError) -> Value? {
        var outcome = outcome
        while true {
            let call: TailCall
            switch outcome {
            case .value(let value): return value
            case .failure(let error): throw error
            case .call(let next): call = next
            }
            try step(site.position)
            do throws(JSONataError) {
                guard case .lambda(let lambda, let input, let frame) = call.function.kind else {
                    return try applyPlain(call.function, call.arguments, site)
                }
                let checked = try lambda.checked(call.arguments, site)
                let inner = Frame(lambda.parameters, checked, in: frame)
                outcome = try lambda.body.evaluateTail(input, inner, self)
            } catch {
                throw error.moved(to: call.position, token: call.name)
            }
        }
    }

    /// Calls what is no lambda.
    private func applyPlain(
        _ function: Function,
        _ arguments: [Value?],
        _ site: CallSite
    ) throws(JSONataError) -> Value? {
        switch function.kind {
        case .lambda: return try apply(function, arguments, site)
        case .builtin(let builtin): return try call(builtin, arguments, site)
        case .partial(let inner, let given): return try applyPartial(inner, Self.fill(given, with: arguments), site)
        case .chain(let first, let second):
            let site = site.withoutContext
            let value = try apply(first, [arguments.first ?? nil], site).finished()
            return try apply(second, [value], site)
        case .transform(let transform, let frame):
            return try transform.apply(to: arguments.first ?? nil, frame, self, site)
        case .regex(let expression): return try match(arguments, expression, site)
        }
    }

    /// Calls a function of which some arguments were set before; a lambda does not look at their types again.
    private func applyPartial(
        _ function: Function,
        _ arguments: [Value?],
        _ site: CallSite
    ) throws(JSONataError) -> Value? {
        guard case .lambda(let lambda, let input, let frame) = function.kind else {
            return try apply(function, arguments, site)
        }
        let inner = Frame(lambda.parameters, arguments, in: frame)
        return try finish(lambda.body.evaluateTail(input, inner, self), site)
    }

    /// Calls a function of the library.
    func call(_ builtin: Builtin, _ arguments: [Value?], _ site: CallSite) throws(JSONataError) -> Value? {
        let checked =
            if let fitting = builtin.fitting(arguments) {
                fitting
            } else {
                try builtin.signature.validated(
                    arguments,
                    context: site.input,
                    at: site.position,
                    function: builtin.name
                )
            }
        let value = try builtin.body(Invocation(evaluator: self, arguments: checked, site: site))
        try build(value, site.position)
        try checkNesting(of: value, site.position)
        return value
    }

    private static func fill(_ given: [Value??], with arguments: [Value?]) -> [Value?] {
        var rest = arguments[...]
        return given.map { $0 ?? rest.popFirst() ?? nil }
    }
}
