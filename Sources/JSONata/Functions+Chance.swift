extension Builtin {
    static let chance: [Entry] = [
        ("random", "<:n>", { (call) throws(JSONataError) in .number(try call.randomNumber()) }),
        ("shuffle", "<a:a>", shuffle),
    ]

    /// The members in an order of which each is as likely as any other, after Fisher and Yates.
    @Sendable private static func shuffle(_ call: Invocation) throws(JSONataError) -> Value? {
        guard var items = call.array(0) else { return nil }
        for index in items.indices.dropFirst() {
            items.swapAt(index, min(index, Int(try call.randomNumber() * Double(index + 1))))
        }
        return .array(ValueArray(items))
    }
}

extension Invocation {
    func randomNumber() throws(JSONataError) -> Double {
        guard let random = evaluator.options.random else {
            throw unsupported("chance, which this place does not give,")
        }
        return random()
    }
}
