/// A value with what each of its elements was found in.
struct Traced {
    var value: Value?
    /// One for each element of an array, or one for a single value; missing where nobody asks for parents.
    var origins: [Origin?]?

    init(_ value: Value?, origins: [Origin?]? = nil) {
        self.value = value
        self.origins = origins
    }

    /// The elements as items that carry on the variables of the item in which they were found.
    func items(bindings: Bindings?) -> [Item] {
        guard let value else { return [] }
        return value.elements.enumerated().map { index, element in
            Item(value: element, origin: origins?[index], bindings: bindings)
        }
    }
}

extension Evaluator {
    /// The results of a path, one after the other, or grouped.
    func evaluate(_ path: Node.Path, group: [Node.Pair]?, _ context: Context) throws(JSONataError) -> Traced {
        if path.isLoneVariable { return try traced(path.steps[0].node, context) }
        var state = PathState(items: initialItems(of: path, context))
        for (index, step) in path.steps.enumerated() {
            state.bindsVariables = state.bindsVariables || step.bindsVariables
            try advance(&state, by: step, isFirst: index == 0, isLast: index == path.steps.count - 1, context)
            if state.items.isEmpty { break }
        }
        if let group { return Traced(try self.group(state.items, by: group, context)) }
        return state.result(keepsSingleton: path.keepsSingleton)
    }

    /// An array is walked through, unless a variable stands first or it is the whole input.
    private func initialItems(of path: Node.Path, _ context: Context) -> [Item] {
        var item = context.item
        item.bindings = nil
        if case .variable = path.steps[0].node.kind { return [item] }
        guard case .array(let array) = item.value, !item.isWholeInput else {
            item.isWholeInput = false
            return [item]
        }
        return array.items.map { Item(value: $0, origin: item.origin) }
    }

    private func advance(
        _ state: inout PathState,
        by step: Node.Step,
        isFirst: Bool,
        isLast: Bool,
        _ context: Context
    ) throws(JSONataError) {
        if case .sort(let terms) = step.node.kind {
            state.items = try sort(state.items, by: terms, context)
            if let index = step.index { state.items = bindIndices(of: state.items, to: index) }
            try applyToAll(step.stages, &state.items, context)
        } else if state.bindsVariables {
            state.items = try bindingResults(of: step, state.items, context)
            try applyToAll(step.stages, &state.items, context)
        } else if isFirst, case .array = step.node.kind {
            let array = try results(of: step, context, at: context.item)
            state.items = array.items(bindings: nil)
            state.whole = isLast ? array : nil
        } else {
            try walk(&state, step, isLast: isLast, context)
        }
    }

    /// A step that makes no variables: its stages see the results of each item by themselves.
    private func walk(
        _ state: inout PathState,
        _ step: Node.Step,
        isLast: Bool,
        _ context: Context
    ) throws(JSONataError) {
        var found: [Item] = []
        var whole: Traced?
        var count = 0
        for item in state.items {
            let traced = try results(of: step, context, at: item)
            guard let value = traced.value else { continue }
            count += 1
            if case .array(let array) = value, !array.isConstructed {
                if !array.isSequence { whole = traced }
                found += traced.items(bindings: nil)
            } else {
                if case .array = value { whole = traced }
                found.append(Item(value: value, origin: traced.origins?.first ?? nil))
            }
        }
        state.items = found
        state.whole = isLast && count == 1 ? whole : nil
    }

    private func results(of step: Node.Step, _ context: Context, at item: Item) throws(JSONataError) -> Traced {
        let inner = context.looking(at: item)
        var traced = try self.traced(step.node, inner)
        if case .array = step.node.kind, !step.node.mentionsParent, case .array(var array) = traced.value {
            array.isConstructed = true
            traced.value = .array(array)
        }
        for case .filter(let predicate) in step.stages { traced = try filter(traced, by: predicate, inner) }
        return traced
    }

    // MARK: - Variables on the way

    private func bindingResults(
        of step: Node.Step,
        _ items: [Item],
        _ context: Context
    ) throws(JSONataError) -> [Item] {
        var results: [Item] = []
        for item in items {
            let traced = try self.traced(step.node, context.looking(at: item))
            for (index, found) in traced.items(bindings: item.bindings).enumerated() {
                var result = found
                if let focus = step.focus {
                    result = item
                    result.origin = found.origin
                    result.bindings = Bindings(focus, found.value, after: item.bindings)
                }
                if let name = step.index {
                    result.bindings = Bindings(name, .number(Double(index)), after: result.bindings)
                }
                results.append(result)
            }
        }
        return results
    }

    private func bindIndices(of items: [Item], to name: String) -> [Item] {
        items.enumerated().map { index, item in
            var item = item
            item.bindings = Bindings(name, .number(Double(index)), after: item.bindings)
            return item
        }
    }

    private func applyToAll(
        _ stages: [Node.Stage],
        _ items: inout [Item],
        _ context: Context
    ) throws(JSONataError) {
        for stage in stages {
            switch stage {
            case .index(let name): items = bindIndices(of: items, to: name)
            case .filter(let predicate):
                let positions = try self.positions(in: items, of: predicate, context)
                items = positions.map { items[$0] }
            }
        }
    }
}

/// How far a path has come.
private struct PathState {
    var items: [Item]
    /// Whether some step so far made variables, so that each item carries its own.
    var bindsVariables = false
    /// The one array that the last step found: the result as it is, not a sequence.
    var whole: Traced?

    init(items: [Item]) { self.items = items }

    func result(keepsSingleton: Bool) -> Traced {
        if let whole, case .array(var array) = whole.value {
            guard keepsSingleton else { return whole }
            if array.isConstructed, !array.isSequence { array = .sequence([.array(array)]) }
            array.keepsSingleton = true
            return Traced(.array(array), origins: array.items.count == whole.origins?.count ? whole.origins : nil)
        }
        var array = ValueArray.sequence(items.compactMap(\.value))
        array.keepsSingleton = keepsSingleton
        return Traced(.array(array), origins: items.map(\.origin))
    }
}

// MARK: - Predicates

extension Evaluator {
    /// The elements that a predicate lets through: by position when it is a number or numbers, else by truth.
    func filter(_ traced: Traced, by predicate: Node, _ context: Context) throws(JSONataError) -> Traced {
        guard let value = traced.value else { return traced }
        let elements = value.elements
        let items = elements.indices.map { Item(value: elements[$0], origin: traced.origins?[$0]) }
        let positions = try self.positions(in: items, of: predicate, context)
        if case .number = predicate.kind, let only = positions.first, case .array = elements[only] {
            let origins = traced.origins.map { Array(repeating: $0[only], count: elements[only].elements.count) }
            return Traced(elements[only], origins: origins)
        }
        let origins = traced.origins.map { origins in positions.map { origins[$0] } }
        return Traced(.array(.sequence(positions.map { elements[$0] })), origins: origins)
    }

    private func positions(
        in items: [Item],
        of predicate: Node,
        _ context: Context
    ) throws(JSONataError) -> [Int] {
        if case .number(let number) = predicate.kind, predicate.predicates.isEmpty {
            return Self.position(number, count: items.count).map { [$0] } ?? []
        }
        var positions: [Int] = []
        for (index, item) in items.enumerated() {
            let result = try evaluate(predicate, context.looking(at: item))
            if let numbers = result?.numbers {
                positions += numbers.filter { Self.position($0, count: items.count) == index }.map { _ in index }
            } else if result?.isTrue == true {
                positions.append(index)
            }
        }
        return positions
    }

    /// The index that a number means; negative ones count from the end.
    private static func position(_ number: Double, count: Int) -> Int? {
        guard let floor = Int(exactly: number.rounded(.down)) else { return nil }
        let index = floor < 0 ? count + floor : floor
        return (0..<count).contains(index) ? index : nil
    }

    // MARK: - Parents

    /// A value with its origins, as far as anybody asks for them.
    func traced(_ node: Node, _ context: Context) throws(JSONataError) -> Traced {
        guard usesParent else { return Traced(try evaluate(node, context)) }
        switch node.kind {
        case .path(let path) where node.group == nil:
            try enter(node)
            defer { leave() }
            return unwrapped(try evaluate(path, group: nil, context), by: node)
        case .block(let expressions) where node.group == nil:
            try enter(node)
            defer { leave() }
            let inner = Context(item: context.item, frame: Frame(in: context.frame))
            for expression in expressions.dropLast() { _ = try evaluate(expression, inner) }
            guard let last = expressions.last else { return Traced(nil) }
            var result = try traced(last, inner)
            for predicate in node.predicates { result = try filter(result, by: predicate, inner) }
            return unwrapped(result, by: node)
        case .parent: return try parent(node, context)
        default:
            let value = try evaluate(node, context)
            let origin = origin(ofResultsOf: node, context)
            return Traced(value, origins: Array(repeating: origin, count: value?.elements.count ?? 0))
        }
    }

    private func origin(ofResultsOf node: Node, _ context: Context) -> Origin? {
        switch node.kind {
        case .name, .wildcard: Origin(context.item)
        case .variable(""): context.item.origin
        default: nil
        }
    }

    private func unwrapped(_ traced: Traced, by node: Node) -> Traced {
        var result = traced
        result.value = node.unwrapping(traced.value)
        // A sequence of one array became that array: each of its elements was found where it was.
        if let origins = traced.origins, let count = result.value?.elements.count, origins.count != count {
            result.origins = Array(repeating: origins.first ?? nil, count: count)
        }
        return result
    }

    func parent(_ node: Node, _ context: Context) throws(JSONataError) -> Traced {
        guard let origin = context.item.origin else {
            throw JSONataError("S0217", at: node.position, "there is no parent here for %", token: "%")
        }
        let value = origin.item.value
        return Traced(value, origins: Array(repeating: origin.item.origin, count: value?.elements.count ?? 0))
    }
}

extension Value {
    /// The numbers, if this is a number or an array of nothing else.
    fileprivate var numbers: [Double]? {
        if let double { return [double] }
        guard case .array(let array) = self, !array.items.isEmpty else { return nil }
        let numbers = array.items.compactMap(\.double)
        return numbers.count == array.items.count ? numbers : nil
    }
}
