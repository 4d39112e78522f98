extension Builtin {
    static let arrays: [Entry] = [
        ("count", "<a:n>", { (call) throws(JSONataError) in .number(Double(call.array(0)?.count ?? 0)) }),
        ("append", "<xx:a>", append),
        ("reverse", "<a:a>", reverse),
        ("distinct", "<x:x>", distinct),
        ("zip", "<a+>", zip),
        ("sort", "<af?:a>", sort),
    ]

    @Sendable private static func append(_ call: Invocation) throws(JSONataError) -> Value? {
        guard case .array(var array) = Value.appending(call[0], call[1]), call[0] != nil, call[1] != nil else {
            return call[0] ?? call[1]
        }
        array.isSequence = false
        return .array(array)
    }

    @Sendable private static func reverse(_ call: Invocation) throws(JSONataError) -> Value? {
        call.array(0).map { .array(ValueArray($0.reversed())) }
    }

    @Sendable private static func distinct(_ call: Invocation) throws(JSONataError) -> Value? {
        guard case .array(let array) = call[0], array.count > 1 else { return call[0] }
        var seen: Set<String> = []
        var result = ValueArray(array.items.filter { seen.insert($0.distinctText).inserted })
        result.isSequence = array.isSequence
        return .array(result)
    }

    @Sendable private static func zip(_ call: Invocation) throws(JSONataError) -> Value? {
        let columns = call.arguments.map { $0?.elements ?? [] }
        let length = columns.map(\.count).min() ?? 0
        return .array(
            ValueArray((0..<length).map { row in .array(ValueArray(columns.map { $0[row] })) })
        )
    }

    @Sendable private static func sort(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let items = call.array(0) else { return nil }
        guard items.count > 1 else { return .array(ValueArray(items)) }
        if let comparator = call.function(1) {
            return .array(
                ValueArray(
                    try items.merged { (left, right) throws(JSONataError) in
                        try call.apply(comparator, toAll: [left, right])?.isTrue ?? false
                    }
                )
            )
        }
        let types = Set(items.map(\.typeSymbol))
        guard types == ["n"] || types == ["s"] else {
            throw call.fault("D3070", "$sort without a function takes numbers or strings only, give it a function")
        }
        return .array(ValueArray(try items.merged { (a, b) throws(JSONataError) in (a.order(to: b) ?? 0) > 0 }))
    }
}

extension Value {
    /// A text that two values share when they are equal.
    fileprivate var distinctText: String {
        if case .string(let text) = self { return "=\(text)" }
        var writer = JSONWriter(isPretty: false)
        writer.write(withSortedKeys)
        return writer.text
    }

    /// The same value with the keys of all objects sorted, so that equal values print alike.
    fileprivate var withSortedKeys: Value {
        switch self {
        case .array(var array):
            array.items = array.items.map(\.withSortedKeys)
            return .array(array)
        case .object(let object):
            let sorted = ObjectValue()
            for (key, value) in object.members.sorted(by: { $0.key < $1.key }) { sorted[key] = value.withSortedKeys }
            return .object(sorted)
        default: return self
        }
    }
}
