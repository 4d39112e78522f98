extension Resolver {
    /// What has parts, but is neither path nor step.
    mutating func resolveParts(of syntax: Syntax) throws(JSONataError) -> Syntax {
        let kind: Syntax.Kind
        var carriers: [Syntax] = []
        switch syntax.kind {
        case .binary(let sign, let left, let right):
            carriers = [try resolve(left), try resolve(right)]
            kind = .binary(sign, carriers[0], carriers[1])
        case .fallback(let left, let right):
            carriers = [try resolve(left), try resolve(right)]
            kind = .fallback(carriers[0], carriers[1])
        case .coalescing(let left, let right):
            carriers = [try resolve(left), try resolve(right)]
            kind = .coalescing(carriers[0], carriers[1])
        case .negation(let operand): return try negation(of: operand, syntax)
        case .array(let elements):
            carriers = try resolve(elements)
            kind = .array(carriers)
        case .object(let pairs):
            let resolved = try resolve(pairs)
            carriers = resolved.flatMap { [$0.key, $0.value] }
            kind = .object(resolved)
        case .bind(let name, let value):
            carriers = [try resolve(value)]
            kind = .bind(name, carriers[0])
        case .condition(let condition, let then, let otherwise):
            carriers = [try resolve(condition), try resolve(then)]
            if let otherwise { carriers.append(try resolve(otherwise)) }
            kind = .condition(carriers[0], then: carriers[1], otherwise: carriers.count > 2 ? carriers[2] : nil)
        default: return try resolveFunction(syntax)
        }
        return carrying(kind, carriers, syntax)
    }

    private mutating func resolveFunction(_ syntax: Syntax) throws(JSONataError) -> Syntax {
        switch syntax.kind {
        case .call(let procedure, let arguments):
            let carriers = try resolve(arguments)
            return carrying(.call(try resolve(procedure), carriers), carriers, syntax)
        case .partial(let procedure, let arguments):
            let carriers = try resolve(arguments)
            return carrying(.partial(try resolve(procedure), carriers), carriers, syntax)
        case .apply(let left, let right):
            let parts = [try resolve(left), try resolve(right)]
            let result = Syntax(.apply(parts[0], parts[1]), at: syntax.position)
            result.keepsArray = parts.contains(where: \.keepsArray)
            return result
        case .block(let expressions): return try block(expressions, syntax)
        case .lambda(let lambda):
            let body = try resolve(lambda.body)
            let resolved = Syntax.Lambda(parameters: lambda.parameters, signature: lambda.signature, body: body)
            return Syntax(.lambda(resolved), at: syntax.position)
        case .transform(let pattern, let update, let deletion):
            let parts = [try resolve(pattern), try resolve(update)]
            let removal = if let deletion { try resolve(deletion) } else { nil as Syntax? }
            return Syntax(.transform(pattern: parts[0], update: parts[1], deletion: removal), at: syntax.position)
        default: preconditionFailure("a part of this kind is resolved elsewhere")
        }
    }

    private mutating func resolve(_ list: [Syntax]) throws(JSONataError) -> [Syntax] {
        var resolved: [Syntax] = []
        for syntax in list { resolved.append(try resolve(syntax)) }
        return resolved
    }

    private mutating func resolve(_ pairs: [Syntax.Pair]) throws(JSONataError) -> [Syntax.Pair] {
        var resolved: [Syntax.Pair] = []
        for pair in pairs { resolved.append(Syntax.Pair(key: try resolve(pair.key), value: try resolve(pair.value))) }
        return resolved
    }

    private func carrying(_ kind: Syntax.Kind, _ parts: [Syntax], _ syntax: Syntax) -> Syntax {
        let result = Syntax(kind, at: syntax.position)
        for part in parts { pushAncestry(from: part, to: result) }
        return result
    }

    private mutating func negation(of operand: Syntax, _ syntax: Syntax) throws(JSONataError) -> Syntax {
        let resolved = try resolve(operand)
        switch resolved.kind {
        case .number(let number): resolved.kind = .number(-number)
        case .bigInteger(let number): resolved.kind = .bigInteger(-number)
        default: return carrying(.negation(resolved), [resolved], syntax)
        }
        return resolved
    }

    private mutating func block(_ expressions: [Syntax], _ syntax: Syntax) throws(JSONataError) -> Syntax {
        let resolved = try resolve(expressions)
        let result = carrying(.block(resolved), resolved, syntax)
        result.isConstructed = resolved.contains { $0.isConstructed || $0.steps?[0].isConstructed == true }
        return result
    }

    // MARK: - Parents

    /// Lets what stands around a part look for the parents that the part has not found.
    func pushAncestry(from part: Syntax, to result: Syntax) {
        guard part.seekingParents != nil || part.isParent else { return }
        var slots = part.seekingParents ?? []
        if case .parent(let slot?) = part.kind { slots.append(slot) }
        result.seekingParents = (result.seekingParents ?? []) + slots
    }

    /// Looks for the parents that the last step of a path has not found among the steps before it.
    func resolveAncestry(of path: Syntax) throws(JSONataError) {
        let steps = path.steps ?? []
        guard let last = steps.last else { return }
        var slots = last.seekingParents ?? []
        if case .parent(let slot?) = last.kind { slots.append(slot) }
        for slot in slots {
            var index = steps.count - 2
            while slot.level > 0 {
                guard index >= 0 else {
                    path.seekingParents = (path.seekingParents ?? []) + [slot]
                    break
                }
                var step = steps[index]
                index -= 1
                // Steps with a focus stay where they are, so they count as one.
                while index >= 0, step.focus != nil, steps[index].focus != nil {
                    step = steps[index]
                    index -= 1
                }
                try seekParent(from: step, slot)
            }
        }
    }

    func seekParent(from syntax: Syntax, _ slot: AncestorSlot) throws(JSONataError) {
        switch syntax.kind {
        case .name, .wildcard:
            slot.level -= 1
            guard slot.level == 0 else { return }
            if let ancestor = syntax.ancestor { slot.label = ancestor.label } else { syntax.ancestor = slot }
            syntax.isTuple = true
        case .parent: slot.level += 1
        case .block(let expressions):
            guard let last = expressions.last else { return }
            syntax.isTuple = true
            try seekParent(from: last, slot)
        case .path(let steps):
            syntax.isTuple = true
            var index = steps.count - 1
            repeat {
                try seekParent(from: steps[index], slot)
                index -= 1
            } while slot.level > 0 && index >= 0
        default: throw JSONataError("S0217", at: syntax.position, token: syntax.typeName)
        }
    }
}
