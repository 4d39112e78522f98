extension Builtin {
    static let truths: [Entry] = [
        ("boolean", "<x-:b>", { (call) throws(JSONataError) in call[0].map { .bool($0.isTrue) } }),
        ("not", "<x-:b>", { (call) throws(JSONataError) in call[0].map { .bool(!$0.isTrue) } }),
        ("exists", "<x:b>", { (call) throws(JSONataError) in .bool(call[0] != nil) }),
        ("type", "<x:s>", { (call) throws(JSONataError) in call[0].map { .string($0.typeName) } }),
        ("clone", "<(oa)-:o>", { (call) throws(JSONataError) in call[0]?.copy }),
        ("error", "<s?:x>", error),
        ("assert", "<bs?:x>", assert),
        ("eval", "<sx?:x>", eval),
    ]

    @Sendable private static func error(_ call: Invocation) throws(JSONataError) -> Value? {
        throw call.fault("D3137", call.string(0) ?? "$error() function evaluated")
    }

    @Sendable private static func assert(_ call: Invocation) throws(JSONataError) -> Value? {
        guard call[0] != .bool(true) else { return nil }
        throw call.fault("D3141", call.string(1) ?? "$assert() statement failed")
    }

    /// Reads and evaluates an expression that is itself a value, within the limits of the one around it.
    @Sendable private static func eval(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let source = call.string(0) else { return nil }
        let expression: Expression
        do {
            expression = try Expression(source, isNested: true)
        } catch {
            throw call.fault("D3120", "Syntax error in expression passed to function eval: \(error.message)")
        }
        try call.evaluator.enterCallback(call.site.position)
        defer { call.evaluator.leaveCallback() }
        do {
            let input = call.arguments.count > 1 ? call[1] ?? call.site.input : call.site.input
            return try expression.evaluate(input, call.site.frame, call.evaluator)
        } catch {
            guard error.code.hasPrefix("U") else {
                throw call.fault(
                    "D3121",
                    "Dynamic error evaluating the expression passed to function eval: \(error.message)"
                )
            }
            throw error
        }
    }
}
