/// Makes the nodes of a resolved expression.
struct Compiler {
    /// The names that the expression binds anywhere; all others that a function of the library has mean that function.
    private let boundNames: Set<String>
    /// Whether the expression runs among variables of another one.
    private let isNested: Bool

    init(boundNames: Set<String>, isNested: Bool) {
        self.boundNames = boundNames
        self.isNested = isNested
    }

    func compile(_ syntax: Syntax) -> any Node {
        if case .path(let steps) = syntax.kind { return path(steps, syntax) }
        let node = compileKind(of: syntax)
        guard syntax.predicates != nil || syntax.group != nil else { return node }
        let filters = (syntax.predicates ?? []).compactMap { stage in
            if case .filter(let predicate) = stage { filter(predicate) } else { nil as Filter? }
        }
        let grouping = syntax.group.map { self.grouping($0, at: syntax.groupPosition) }
        return FilteredNode(node, filters, grouping, keepsArray: syntax.keepsArray, at: syntax.position)
    }

    private func compileKind(of syntax: Syntax) -> any Node {
        let keepsArray = syntax.keepsArray
        switch syntax.kind {
        case .name(let name), .word(let name): return NameNode(name)
        case .string(let text): return StringNode(text)
        case .number(let number): return NumberNode(number)
        case .bigInteger(let number): return BigIntegerNode(number)
        case .bool(let value): return ConstantNode(value)
        case .null: return ConstantNode(nil)
        case .regex(let expression): return PatternNode(expression)
        case .variable(""): return ContextNode(keepsArray: keepsArray)
        case .variable("$"): return RootNode(keepsArray: keepsArray)
        case .variable(let name): return VariableNode(name, keepsArray: keepsArray)
        case .wildcard: return WildcardNode(keepsArray: keepsArray)
        case .descendants: return DescendantsNode(keepsArray: keepsArray)
        case .parent(let slot): return VariableNode(slot?.label ?? "%", keepsArray: keepsArray)
        default: return compileParts(of: syntax)
        }
    }

    private func compileParts(of syntax: Syntax) -> any Node {
        let position = syntax.position
        switch syntax.kind {
        case .binary(let sign, let left, let right): return binary(sign, left, right, position)
        case .negation(let operand): return NegationNode(compile(operand), at: position)
        case .array(let elements):
            let nodes = elements.map { (node: compile($0), isArray: $0.isArray) }
            return ArrayNode(nodes, isConstructed: syntax.isConstructed, at: position)
        case .object(let pairs): return ObjectNode(grouping(pairs, at: position))
        case .block(let expressions):
            return BlockNode(
                expressions.map(compile),
                bindsVariables: isNested || expressions.contains(where: \.bindsHere),
                isTuple: syntax.isTuple,
                keepsArray: syntax.keepsArray,
                at: position
            )
        case .condition(let condition, let then, let otherwise):
            return ConditionNode(
                compile(condition),
                then: compile(then),
                otherwise: otherwise.map(compile),
                at: position
            )
        case .fallback(let left, let right):
            return AlternativeNode(compile(left), compile(right), asksForPresence: false, at: position)
        case .coalescing(let left, let right):
            return AlternativeNode(compile(left), compile(right), asksForPresence: true, at: position)
        case .bind(let name, let value): return BindNode(name, compile(value), at: position)
        default: return compileFunction(syntax)
        }
    }

    private func compileFunction(_ syntax: Syntax) -> any Node {
        let position = syntax.position
        switch syntax.kind {
        case .call(let procedure, let arguments):
            let nodes = arguments.map(compile)
            return CallNode(callee(procedure), nodes, keepsArray: syntax.keepsArray, at: position)
        case .partial(let procedure, let arguments):
            let nodes = arguments.map { $0.isPlaceholder ? nil : compile($0) }
            return PartialNode(callee(procedure), nodes, at: position)
        case .apply(let left, let right):
            // A call on the right takes the left side first, its predicates are not looked at.
            let right = if case .call = right.kind { compileKind(of: right) } else { compile(right) }
            return ApplyNode(compile(left), right, keepsArray: syntax.keepsArray, at: position)
        case .lambda(let lambda):
            return LambdaNode(lambda.parameters, lambda.signature, compile(lambda.body), at: position)
        case .transform(let pattern, let update, let deletion):
            return TransformNode(
                pattern: compile(pattern),
                update: (compile(update), update.position),
                deletion: deletion.map { (compile($0), $0.position) },
                at: position
            )
        default: return NothingNode()
        }
    }

    private func binary(_ sign: String, _ left: Syntax, _ right: Syntax, _ position: Int) -> any Node {
        if sign == "&" { return concatenation(left, right, position) }
        let left = compile(left)
        let right = compile(right)
        if let sign = Arithmetic(rawValue: sign) { return ArithmeticNode(sign, left, right, at: position) }
        if let sign = Comparison(rawValue: sign) { return ComparisonNode(sign, left, right, at: position) }
        return switch sign {
        case "and", "or": LogicNode(isConjunction: sign == "and", left, right, at: position)
        case "..": RangeNode(left, right, at: position)
        case "in": InclusionNode(left, right, at: position)
        default: EqualityNode(isNegated: sign == "!=", left, right, at: position)
        }
    }

    /// All texts of `a & b & c` at once.
    private func concatenation(_ left: Syntax, _ right: Syntax, _ position: Int) -> any Node {
        var parts = [compile(right)]
        var first = left
        while case .binary("&", let left, let right) = first.kind, first.predicates == nil, first.group == nil {
            parts.append(compile(right))
            first = left
        }
        return ConcatenationNode([compile(first)] + parts.reversed(), at: position)
    }

    private func callee(_ syntax: Syntax) -> Callee {
        var name = syntax.tokenText
        if let step = syntax.steps?.first { name = step.tokenText }
        let isVariable = if case .variable = syntax.kind { true } else { false }
        let isPlain = isVariable && syntax.predicates == nil && syntax.group == nil
        return Callee(
            node: compile(syntax),
            name: name,
            position: syntax.position,
            isPath: syntax.steps != nil,
            isVariable: isVariable,
            isBuiltinName: isPlain && !isNested && !boundNames.contains(name)
        )
    }

    private func grouping(_ pairs: [Syntax.Pair], at position: Int) -> Grouping {
        Grouping(pairs.map { (key: compile($0.key), value: compile($0.value)) }, at: position)
    }

    private func filter(_ predicate: Syntax) -> Filter { Filter(compile(predicate), at: predicate.position) }

    // MARK: - Paths

    private func path(_ steps: [Syntax], _ syntax: Syntax) -> any Node {
        let isAbsolute = if case .variable = steps[0].kind { true } else { false }
        let grouping = syntax.group.map { self.grouping($0, at: syntax.groupPosition) }
        // A name by itself needs no path around it.
        if steps.count == 1, case .name(let name) = steps[0].kind, grouping == nil, steps[0].isPlain,
            !syntax.keepsSingleton, !syntax.keepsArray
        {
            return FieldNode(name, at: syntax.position)
        }
        let compiled = steps.map(step)
        guard steps.contains(where: \.isTuple) else {
            return PathNode(
                compiled,
                keepsSingleton: syntax.keepsSingleton,
                keepsArray: syntax.keepsArray,
                isAbsolute: isAbsolute,
                grouping,
                at: syntax.position
            )
        }
        return TuplePathNode(
            compiled,
            keepsSingleton: syntax.keepsSingleton,
            keepsArray: syntax.keepsArray,
            isAbsolute: isAbsolute,
            isStream: syntax.isTuple,
            grouping,
            at: syntax.position
        )
    }

    private func step(_ syntax: Syntax) -> PathStep {
        var sorting: Sorting?
        if case .sort(let terms) = syntax.kind {
            let compiled = terms.map { (node: compile($0.expression), isDescending: $0.isDescending) }
            sorting = Sorting(compiled, at: syntax.position)
        }
        let stages = (syntax.stages ?? []).map { stage in
            switch stage {
            case .filter(let predicate): PathStep.Stage.filter(filter(predicate))
            case .index(let name): PathStep.Stage.index(name)
            }
        }
        return PathStep(
            sorting == nil ? compile(syntax) : NothingNode(),
            sorting: sorting,
            stages: stages,
            isConstructed: syntax.isConstructed,
            isTuple: syntax.isTuple,
            binding: (syntax.focus, syntax.index, syntax.ancestor?.label)
        )
    }
}

extension Syntax {
    fileprivate var isArray: Bool {
        if case .array = kind { true } else { false }
    }

    fileprivate var isPlaceholder: Bool {
        if case .placeholder = kind { true } else { false }
    }

    /// Whether a step has nothing to it but itself.
    fileprivate var isPlain: Bool { stages == nil && predicates == nil && !isTuple && !keepsArray }
}
