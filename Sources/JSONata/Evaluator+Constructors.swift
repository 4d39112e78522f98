extension Evaluator {
    // MARK: - Arrays and objects

    /// `[…]`: what a part finds is flattened into the array, save where the part is itself `[…]`.
    func array(_ elements: [Node], _ context: Context) throws(JSONataError) -> Value? {
        var items: [Value] = []
        for element in elements {
            guard let value = try evaluate(element, context) else { continue }
            if case .array = element.kind, element.predicates.isEmpty {
                items.append(value)
            } else {
                items += value.elements
            }
        }
        return .array(ValueArray(items))
    }

    /// `{…}`: an object for the context, or for the members of an array, grouped by key.
    func object(_ pairs: [Node.Pair], _ context: Context) throws(JSONataError) -> Value? {
        guard case .array(let array) = context.input, !context.item.isWholeInput else {
            return try group([context.item], by: pairs, context)
        }
        let items = array.items.map { Item(value: $0, origin: context.item.origin) }
        return try group(items.isEmpty ? [Item()] : items, by: pairs, context)
    }

    // MARK: - Grouping

    /// A value, or the members of an array, grouped by key.
    func group(_ value: Value?, by pairs: [Node.Pair], _ context: Context) throws(JSONataError) -> Value? {
        let items = value?.elements.map { Item(value: $0) } ?? []
        return try group(items.isEmpty ? [Item()] : items, by: pairs, context)
    }

    /// An object of which each key gathers the items that name it.
    func group(_ items: [Item], by pairs: [Node.Pair], _ context: Context) throws(JSONataError) -> Value? {
        var groups: [String: Group] = [:]
        var keys: [String] = []
        for item in items.isEmpty ? [Item()] : items {
            let inner = context.looking(at: item)
            for (index, pair) in pairs.enumerated() {
                guard let key = try key(pair.key, inner) else { continue }
                if groups[key] == nil {
                    keys.append(key)
                    groups[key] = Group(pair: index)
                }
                guard groups[key]?.pair == index else {
                    let fact = "the key \"\(key)\" is named by more than one pair of the object"
                    throw JSONataError("D1009", at: pair.key.position, fact, token: key)
                }
                groups[key]?.items.append(item)
            }
        }
        let object = ObjectValue()
        for key in keys {
            guard let group = groups[key] else { continue }
            object[key] = try evaluate(pairs[group.pair].value, context.looking(at: group.merged))
        }
        return .object(object)
    }

    private func key(_ node: Node, _ context: Context) throws(JSONataError) -> String? {
        switch try evaluate(node, context) {
        case nil: return nil
        case .string(let key): return key
        case let value?:
            let fact = "a key of an object must be a string, this one is of type \(value.typeName)"
            throw JSONataError("T1003", at: node.position, "\(fact); write $string(…)")
        }
    }

    // MARK: - Sorting

    /// Items in the order of the terms; equal ones keep theirs.
    func sort(_ items: [Item], by terms: [Node.SortTerm], _ context: Context) throws(JSONataError) -> [Item] {
        var keyed: [(index: Int, keys: [Value?])] = []
        for (index, item) in items.enumerated() {
            let inner = context.looking(at: item)
            var keys: [Value?] = []
            for term in terms { keys.append(try sortKey(term, inner)) }
            keyed.append((index, keys))
        }
        for (index, term) in terms.enumerated() { try checkTypes(keyed.compactMap { $0.keys[index] }, of: term) }
        keyed.sort { left, right in
            for (index, term) in terms.enumerated() {
                let order = Self.order(left.keys[index], right.keys[index], isDescending: term.isDescending)
                if order != 0 { return order < 0 }
            }
            return left.index < right.index
        }
        return keyed.map { items[$0.index] }
    }

    private func sortKey(_ term: Node.SortTerm, _ context: Context) throws(JSONataError) -> Value? {
        guard let value = try evaluate(term.expression, context) else { return nil }
        if value.double != nil { return value }
        if case .string = value { return value }
        let fact = "an order-by must give numbers or strings, this one gives type \(value.typeName)"
        throw JSONataError("T2008", at: term.expression.position, fact)
    }

    private func checkTypes(_ keys: [Value], of term: Node.SortTerm) throws(JSONataError) {
        guard let first = keys.first, keys.contains(where: { $0.typeSymbol != first.typeSymbol }) else { return }
        throw JSONataError("T2007", at: term.expression.position, "an order-by must give values of one type")
    }

    /// Items without a key come last, whatever the direction.
    private static func order(_ left: Value?, _ right: Value?, isDescending: Bool) -> Int {
        switch (left, right) {
        case (nil, nil): 0
        case (nil, _): 1
        case (_, nil): -1
        case (let left?, let right?): (left.order(to: right) ?? 0) * (isDescending ? -1 : 1)
        }
    }
}

/// The items that share a key.
private struct Group {
    /// The pair of the object that named the key.
    let pair: Int
    var items: [Item] = []

    init(pair: Int) { self.pair = pair }

    /// The one item, or one that holds all values, parents and variables.
    var merged: Item {
        guard items.count > 1 else { return items.first ?? Item() }
        var value: Value?
        var parent: Value?
        var variables: [(name: String, value: Value?)] = []
        for item in items {
            value = Value.appending(value, item.value)
            parent = Value.appending(parent, item.origin?.item.value)
            for (name, bound) in item.bindings?.all ?? [] {
                if let index = variables.firstIndex(where: { $0.name == name }) {
                    variables[index].value = Value.appending(variables[index].value, bound)
                } else {
                    variables.append((name, bound))
                }
            }
        }
        let bindings = variables.reduce(nil as Bindings?) { Bindings($1.name, $1.value, after: $0) }
        return Item(value: value, origin: parent.map { Origin(Item(value: $0)) }, bindings: bindings)
    }
}
