extension Builtin {
    static let higherOrder: [Entry] = [
        ("map", "<af>", map),
        ("filter", "<af>", filter),
        ("single", "<af?>", single),
        ("reduce", "<afj?:j>", reduce),
    ]

    @Sendable private static func map(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let array = call[0], let function = call.function(1) else { return nil }
        var results: [Value] = []
        for (index, item) in array.elements.enumerated() {
            if let result = try call.apply(function, item, .number(Double(index)), array) { results.append(result) }
        }
        return .array(.sequence(results))
    }

    @Sendable private static func filter(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let array = call[0], let function = call.function(1) else { return nil }
        return .array(.sequence(try selected(from: array, by: function, call)))
    }

    private static func selected(
        from array: Value,
        by function: Function,
        _ call: Invocation
    ) throws(JSONataError) -> [Value] {
        var results: [Value] = []
        for (index, item) in array.elements.enumerated()
        where try call.apply(function, item, .number(Double(index)), array)?.isTrue == true {
            results.append(item)
        }
        return results
    }

    @Sendable private static func single(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let array = call[0] else { return nil }
        let matches = try call.function(1).map { (function) throws(JSONataError) in
            try selected(from: array, by: function, call)
        }
        let found = matches ?? array.elements
        if found.count > 1 { throw call.fault("D3138", "$single found \(found.count) matching items, expected one") }
        guard let only = found.first else { throw call.fault("D3139", "$single found no matching item") }
        return only
    }

    @Sendable private static func reduce(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let array = call[0], let function = call.function(1) else { return nil }
        guard function.arity >= 2 else {
            throw call.fault("D3050", "the function given to $reduce must take two arguments at least")
        }
        let items = array.elements
        var result = call[2] ?? items.first
        for index in items.indices.dropFirst(call[2] == nil ? 1 : 0) {
            result = try call.apply(function, result, items[index], .number(Double(index)), array)
        }
        return result
    }
}
