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
            expression = try Expression(source)
        } catch {
            throw call.fault("D3120", "the expression given to $eval cannot be read: \(error)")
        }
        do {
            let item = Item(value: call[1] ?? call.site.input)
            let context = Context(item: item, frame: Frame(in: call.site.context.frame))
            return try expression.evaluate(with: call.evaluator, context)
        } catch {
            guard error.code.hasPrefix("U") else {
                throw call.fault("D3121", "the expression given to $eval failed: \(error)")
            }
            throw error
        }
    }
}
