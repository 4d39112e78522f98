/// Makes paths of a parsed expression, puts predicates to their steps and finds the parents that `%` means.
struct Resolver {
    private var slotCount = 0

    /// The whole expression, resolved.
    mutating func resolveAll(_ syntax: Syntax) throws(JSONataError) -> Syntax {
        let resolved = try resolve(syntax)
        if resolved.isParent || resolved.seekingParents != nil {
            throw JSONataError("S0217", at: resolved.errorPosition, token: resolved.typeName)
        }
        return resolved
    }

    mutating func resolve(_ syntax: Syntax) throws(JSONataError) -> Syntax {
        let result = try resolveKind(of: syntax)
        if syntax.keepsArray { result.keepsArray = true }
        return result
    }

    private mutating func resolveKind(of syntax: Syntax) throws(JSONataError) -> Syntax {
        switch syntax.kind {
        case .end: throw JSONataError("S0207", at: syntax.position, token: "(end)")
        case .name, .word: return namePath(syntax)
        case .parent:
            slotCount += 1
            return Syntax(.parent(AncestorSlot(label: "%\(slotCount)")), at: syntax.position)
        case .string, .number, .bigInteger, .bool, .null, .regex, .variable, .wildcard, .descendants, .placeholder:
            return syntax
        case .binary(".", let left, let right): return try dot(left, right, syntax)
        case .predicate(let left, let predicate): return try self.predicate(left, predicate, syntax)
        case .grouping(let left, let pairs): return try grouping(left, pairs, syntax)
        case .ordering(let left, let terms): return try ordering(left, terms, syntax)
        case .focus(let left, let name): return try focus(left, name, syntax)
        case .index(let left, let name): return try index(left, name)
        default: return try resolveParts(of: syntax)
        }
    }

    private func namePath(_ syntax: Syntax) -> Syntax {
        if case .word(let word) = syntax.kind { syntax.kind = .name(word) }
        let path = Syntax(.path([syntax]), at: syntax.position)
        path.keepsSingleton = syntax.keepsArray
        return path
    }

    // MARK: - Paths

    private mutating func dot(_ left: Syntax, _ right: Syntax, _ syntax: Syntax) throws(JSONataError) -> Syntax {
        let first = try resolve(left)
        let path = first.steps == nil ? Syntax(.path([first]), at: first.position) : first
        if case .parent(let slot?) = first.kind { path.seekingParents = [slot] }
        let rest = try resolve(right)
        if let steps = rest.steps {
            path.steps?.append(contentsOf: steps)
        } else {
            if let predicates = rest.predicates {
                rest.stages = predicates
                rest.predicates = nil
            }
            path.steps?.append(rest)
        }
        try finish(path)
        return path
    }

    private func finish(_ path: Syntax) throws(JSONataError) {
        let steps = path.steps ?? []
        for step in steps {
            switch step.kind {
            case .number, .bigInteger, .bool, .null:
                throw JSONataError("S0213", at: step.position, value: step.literal)
            case .string(let text): step.kind = .name(text)
            default: break
            }
        }
        if steps.contains(where: \.keepsArray) { path.keepsSingleton = true }
        for end in [steps.first, steps.last] {
            if let end, case .array = end.kind { end.isConstructed = true }
        }
        try resolveAncestry(of: path)
    }

    private mutating func predicate(
        _ left: Syntax,
        _ predicate: Syntax,
        _ syntax: Syntax
    ) throws(JSONataError) -> Syntax {
        let result = try resolve(left)
        let step = result.steps?.last ?? result
        guard step.group == nil else { throw JSONataError("S0209", at: syntax.position) }
        let filter = try resolve(predicate)
        if let slots = filter.seekingParents {
            for slot in slots {
                if slot.level == 1 { try seekParent(from: step, slot) } else { slot.level -= 1 }
            }
            pushAncestry(from: filter, to: step)
        }
        if result.steps == nil {
            step.predicates = (step.predicates ?? []) + [.filter(filter)]
        } else {
            step.stages = (step.stages ?? []) + [.filter(filter)]
        }
        return result
    }

    private mutating func grouping(
        _ left: Syntax,
        _ pairs: [Syntax.Pair],
        _ syntax: Syntax
    ) throws(JSONataError) -> Syntax {
        let result = try resolve(left)
        guard result.group == nil else { throw JSONataError("S0210", at: syntax.position) }
        var resolved: [Syntax.Pair] = []
        for pair in pairs { resolved.append(Syntax.Pair(key: try resolve(pair.key), value: try resolve(pair.value))) }
        result.group = resolved
        result.groupPosition = syntax.position
        return result
    }

    private mutating func ordering(
        _ left: Syntax,
        _ terms: [Syntax.SortTerm],
        _ syntax: Syntax
    ) throws(JSONataError) -> Syntax {
        let first = try resolve(left)
        let path = first.steps == nil ? Syntax(.path([first]), at: first.position) : first
        let sort = Syntax(.sort([]), at: syntax.position)
        var resolved: [Syntax.SortTerm] = []
        for term in terms {
            let expression = try resolve(term.expression)
            pushAncestry(from: expression, to: sort)
            resolved.append(Syntax.SortTerm(expression: expression, isDescending: term.isDescending))
        }
        sort.kind = .sort(resolved)
        path.steps?.append(sort)
        try resolveAncestry(of: path)
        return path
    }

    private mutating func focus(_ left: Syntax, _ name: String, _ syntax: Syntax) throws(JSONataError) -> Syntax {
        let result = try resolve(left)
        let step = result.steps?.last ?? result
        guard step.stages == nil, step.predicates == nil else { throw JSONataError("S0215", at: syntax.position) }
        if case .sort = step.kind { throw JSONataError("S0216", at: syntax.position) }
        if syntax.keepsArray { step.keepsArray = true }
        step.focus = name
        step.isTuple = true
        return result
    }

    private mutating func index(_ left: Syntax, _ name: String) throws(JSONataError) -> Syntax {
        var result = try resolve(left)
        if result.steps == nil {
            result = Syntax(.path([result]), at: result.position)
            if let step = result.steps?[0], let predicates = step.predicates {
                step.stages = predicates
                step.predicates = nil
            }
        }
        guard let step = result.steps?.last else { return result }
        if step.stages == nil { step.index = name } else { step.stages?.append(.index(name)) }
        step.isTuple = true
        return result
    }
}

extension Syntax {
    /// The steps, if this is a path.
    var steps: [Syntax]? {
        get { if case .path(let steps) = kind { steps } else { nil } }
        set { if let newValue { kind = .path(newValue) } }
    }

    var isParent: Bool {
        if case .parent = kind { true } else { false }
    }

    /// A path has no place of its own in errors.
    fileprivate var errorPosition: Int { steps == nil && !isParent ? position : 0 }

    fileprivate var literal: Value? {
        switch kind {
        case .number(let number): .number(number)
        case .bigInteger(let number): .bigInteger(number)
        case .bool(let value): .bool(value)
        default: .null
        }
    }
}
