extension Builtin {
    static let objects: [Entry] = [
        ("keys", "<x-:a<s>>", keys),
        ("lookup", "<x-s:x>", lookup),
        ("spread", "<x-:a<o>>", spread),
        ("merge", "<a<o>:o>", merge),
        ("each", "<o-f:a>", each),
        ("sift", "<o-f?:o>", sift),
    ]

    @Sendable private static func keys(_ call: Invocation) throws(JSONataError) -> Value? {
        var seen: Set<String> = []
        var keys: [Value] = []
        if let value = call[0] { collectKeys(of: value, into: &keys, &seen) }
        return .array(.sequence(keys))
    }

    private static func collectKeys(of value: Value, into keys: inout [Value], _ seen: inout Set<String>) {
        switch value {
        case .array(let array): for item in array.items { collectKeys(of: item, into: &keys, &seen) }
        case .object(let object):
            for key in object.keys where seen.insert(key).inserted { keys.append(.string(key)) }
        default: break
        }
    }

    @Sendable private static func lookup(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let key = call.string(1) else { return nil }
        return call.evaluator.lookup(key, in: call[0])
    }

    @Sendable private static func spread(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let value = call[0] else { return nil }
        switch value {
        case .array(let array) where !array.items.isEmpty: return .array(ValueArray(parts(of: value)))
        case .array, .object: return .array(.sequence(parts(of: value)))
        default: return value
        }
    }

    /// One object for each member of each object.
    private static func parts(of value: Value) -> [Value] {
        switch value {
        case .array(let array): return array.items.flatMap(parts)
        case .object(let object):
            return object.members.map { key, value in
                let part = ObjectValue()
                part[key] = value
                return .object(part)
            }
        default: return [value]
        }
    }

    @Sendable private static func merge(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let parts = call.array(0) else { return nil }
        let merged = ObjectValue()
        for case .object(let part) in parts {
            for (key, value) in part.members { merged[key] = value }
        }
        return .object(merged)
    }

    @Sendable private static func each(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let function = call.function(1), let value = call[0], case .object(let object) = value else { return nil }
        var results: [Value] = []
        for (key, member) in object.members {
            if let result = try call.apply(function, member, .string(key), value) { results.append(result) }
        }
        return .array(.sequence(results))
    }

    @Sendable private static func sift(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let function = call.function(1), let value = call[0], case .object(let object) = value else { return nil }
        let kept = ObjectValue()
        for (key, member) in object.members
        where try call.apply(function, member, .string(key), value)?.isTrue == true {
            kept[key] = member
        }
        return kept.count == 0 ? nil : .object(kept)
    }
}
