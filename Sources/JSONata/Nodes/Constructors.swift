/// `[…]`: what a part finds is flattened into the array, save where the part is itself `[…]`.
final class ArrayNode: Node {
    private let elements: [(node: any Node, isArray: Bool)]
    private let isConstructed: Bool
    private let position: Int

    init(_ elements: [(node: any Node, isArray: Bool)], isConstructed: Bool, at position: Int) {
        self.elements = elements
        self.isConstructed = isConstructed
        self.position = position
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        try run.enter(position)
        defer { run.leave() }
        var items: [Value] = []
        items.reserveCapacity(elements.count)
        for element in elements {
            guard let value = try element.node.evaluate(input, frame, run) else { continue }
            if !element.isArray, case .array(let array) = value {
                items += array.items
            } else {
                items.append(value)
            }
        }
        var array = ValueArray(items)
        array.isConstructed = isConstructed
        let value = Value.array(array)
        try run.build(value, position)
        try run.checkNesting(of: value, position)
        return value
    }
}

/// `{…}`: an object for the context, or for the members of an array, grouped by key.
final class ObjectNode: Node {
    private let grouping: Grouping

    init(_ grouping: Grouping) { self.grouping = grouping }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        try run.enter(grouping.position)
        defer { run.leave() }
        return try grouping.group(input, frame, run)
    }
}

/// The pairs of `{…}`.
final class Grouping: Sendable {
    private let pairs: [(key: any Node, value: any Node)]
    /// The keys, where all are plain texts and no two are the same.
    private let constantKeys: [String]?
    let position: Int

    init(_ pairs: [(key: any Node, value: any Node)], at position: Int) {
        self.pairs = pairs
        self.position = position
        let keys = pairs.compactMap { ($0.key as? StringNode)?.text }
        constantKeys = keys.count == pairs.count && Set(keys).count == keys.count ? keys : nil
    }

    /// An object of a value, or of the members of an array.
    func group(_ value: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value {
        guard case .array(let array)? = value else { return try single(value, frame, run) }
        switch array.count {
        case 0: return try single(nil, frame, run)
        case 1: return try single(array[0], frame, run)
        default: return try group(array.items.map { Tuple(value: $0) }, isStream: false, frame, run)
        }
    }

    /// An object of one item.
    private func single(_ item: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value {
        guard let constantKeys else { return try group([Tuple(value: item)], isStream: false, frame, run) }
        let object = ObjectValue()
        object.reserveCapacity(constantKeys.count)
        for (index, key) in constantKeys.enumerated() {
            if let value = try pairs[index].value.evaluate(item, frame, run) { object.append(key, value) }
        }
        return try checked(object, run)
    }

    private func checked(_ object: ObjectValue, _ run: Evaluator) throws(JSONataError) -> Value {
        let value = Value.object(object)
        try run.checkNesting(of: value, position)
        return value
    }

    /// An object of which each key gathers the items that name it.
    func group(
        _ items: [Tuple],
        isStream: Bool,
        _ frame: Frame,
        _ run: Evaluator
    ) throws(JSONataError) -> Value {
        var groups: [Group] = []
        var places: [String: Int] = [:]
        for item in items.isEmpty ? [Tuple()] : items {
            try run.step(position)
            let inner = item.frame(in: frame)
            for (index, pair) in pairs.enumerated() {
                guard let key = try key(pair.key, item.value, inner, run) else { continue }
                if let place = places[key] {
                    guard groups[place].pair == index else {
                        throw JSONataError("D1009", at: position, value: .string(key))
                    }
                    groups[place].items.append(item)
                } else {
                    places[key] = groups.count
                    groups.append(Group(key: key, pair: index, items: [item]))
                }
            }
        }
        let object = ObjectValue()
        for group in groups {
            let item = group.merged(isStream: isStream)
            let value = try pairs[group.pair].value.evaluate(item.value, item.frame(in: frame), run)
            if let value { object.append(group.key, value) }
        }
        return try checked(object, run)
    }

    private func key(
        _ node: any Node,
        _ input: Value?,
        _ frame: Frame,
        _ run: Evaluator
    ) throws(JSONataError) -> String? {
        switch try node.evaluate(input, frame, run) {
        case nil: return nil
        case .string(let key): return key
        case let value: throw JSONataError("T1003", at: position, value: value)
        }
    }
}

/// The items that share a key.
private struct Group {
    let key: String
    /// The pair of the object that named the key.
    let pair: Int
    var items: [Tuple]

    /// The one item, or one that holds all values and variables.
    func merged(isStream: Bool) -> Tuple {
        guard items.count > 1 else { return items[0] }
        guard isStream else { return Tuple(value: Self.joined(items.map(\.value))) }
        var names: [String] = []
        var variables: [String: [Value?]] = [:]
        for item in items {
            for (name, value) in item.bindings?.all ?? [] {
                if variables[name] == nil { names.append(name) }
                variables[name, default: []].append(value)
            }
        }
        let bindings = names.reduce(nil as Bindings?) { Bindings($1, Self.joined(variables[$1] ?? []), after: $0) }
        return Tuple(value: Self.joined(items.map(\.value)), bindings: bindings)
    }

    /// Values behind one another; arrays among them are flattened.
    private static func joined(_ values: [Value?]) -> Value? {
        let present = values.compactMap(\.self)
        guard present.count > 1 else { return present.first }
        return .array(ValueArray(present.flatMap(\.elements)))
    }
}
