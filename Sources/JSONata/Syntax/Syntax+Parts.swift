extension Syntax {
    /// All parts, in the order of the text.
    var parts: [Syntax] {
        var parts: [Syntax] = ownParts
        for case .filter(let predicate) in (predicates ?? []) + (stages ?? []) { parts.append(predicate) }
        for pair in group ?? [] { parts += [pair.key, pair.value] }
        return parts
    }

    /// The parts without predicates and grouping.
    var ownParts: [Syntax] {
        switch kind {
        case .path(let steps): steps
        case .binary(_, let left, let right), .fallback(let left, let right), .coalescing(let left, let right),
            .apply(let left, let right), .predicate(let left, let right):
            [left, right]
        case .negation(let part), .bind(_, let part), .focus(let part, _), .index(let part, _): [part]
        case .array(let parts), .block(let parts): parts
        case .object(let pairs): pairs.flatMap { [$0.key, $0.value] }
        case .condition(let condition, let then, let otherwise): [condition, then] + (otherwise.map { [$0] } ?? [])
        case .call(let procedure, let arguments), .partial(let procedure, let arguments): [procedure] + arguments
        case .lambda(let lambda): [lambda.body]
        case .transform(let pattern, let update, let deletion): [pattern, update] + (deletion.map { [$0] } ?? [])
        case .sort(let terms): terms.map(\.expression)
        case .grouping(let part, let pairs): [part] + pairs.flatMap { [$0.key, $0.value] }
        case .ordering(let part, let terms): [part] + terms.map(\.expression)
        default: []
        }
    }

    /// The names of the variables that are bound anywhere in it.
    var boundNames: Set<String> {
        var names: Set<String> = []
        collectBoundNames(into: &names)
        return names
    }

    private func collectBoundNames(into names: inout Set<String>) {
        switch kind {
        case .bind(let name, _): names.insert(name)
        case .lambda(let lambda): names.formUnion(lambda.parameters)
        default: break
        }
        for case let name? in [focus, index] { names.insert(name) }
        for case .index(let name) in stages ?? [] { names.insert(name) }
        for part in parts { part.collectBoundNames(into: &names) }
    }

    /// Whether a variable is bound in it, and not in a block or function within it.
    var bindsHere: Bool {
        switch kind {
        case .bind: true
        case .block, .lambda: (predicates != nil || group != nil) && parts.contains(where: \.bindsHere)
        default: parts.contains(where: \.bindsHere)
        }
    }
}
