extension Expression {
    /// The places where variables are read that come from outside, in their order; functions of the library left out.
    ///
    /// - Parameter library: The functions that the expression finds without being given them.
    /// - Returns: The places.
    public func variableReferences(
        library: EvaluationOptions.Library = .standard
    ) -> [VariableReference] {
        var finder = ReferenceFinder(library: library)
        finder.visit(node, in: Scope())
        return finder.references
    }

    /// The names of the variables that come from outside, each once, in the order of their first places.
    ///
    /// - Parameter library: The functions that the expression finds without being given them.
    /// - Returns: The names, without the dollar sign.
    public func freeVariables(library: EvaluationOptions.Library = .standard) -> [String] {
        var seen: Set<String> = []
        return variableReferences(library: library).map(\.name).filter { seen.insert($0).inserted }
    }

    /// The places where the expression looks at its input: by a field's name, `$`, `$$`, `*` or `**`.
    public var inputReferences: [Int] {
        var finder = ReferenceFinder(library: .standard)
        finder.visit(node, in: Scope())
        return finder.inputPositions
    }
}

/// Which variables are bound where, and whether the context is still the input.
private final class Scope {
    private var names: Set<String> = []
    private let outer: Scope?
    let looksAtInput: Bool

    init() {
        outer = nil
        looksAtInput = true
    }

    init(in outer: Scope, looksAtInput: Bool) {
        self.outer = outer
        self.looksAtInput = looksAtInput
    }

    func bind(_ name: String) { names.insert(name) }

    func binds(_ name: String) -> Bool { names.contains(name) || outer?.binds(name) ?? false }

    /// A scope of its own.
    var inner: Scope { Scope(in: self, looksAtInput: looksAtInput) }

    /// A scope that looks at something found in the input.
    var further: Scope { Scope(in: self, looksAtInput: false) }
}

/// Walks through the tree of an expression and notes what it reads from outside.
private struct ReferenceFinder {
    private(set) var references: [VariableReference] = []
    private(set) var inputPositions: [Int] = []
    private let library: EvaluationOptions.Library

    init(library: EvaluationOptions.Library) { self.library = library }

    mutating func visit(_ node: Node, in scope: Scope) {
        visitKind(of: node, in: scope)
        for predicate in node.predicates { visit(predicate, in: scope.further) }
        if case .path = node.kind { return }
        visit(node.group ?? [], in: scope.further)
    }

    private mutating func visitKind(of node: Node, in scope: Scope) {
        switch node.kind {
        case .name, .wildcard, .descendants, .parent: noteInput(node, in: scope)
        case .variable(let name): note(name, member: nil, node, in: scope)
        case .path(let path): visit(path, group: node.group ?? [], in: scope)
        case .bind(let name, let value):
            if case .lambda = value.kind { scope.bind(name) }
            visit(value, in: scope)
            scope.bind(name)
        case .block(let expressions): visit(expressions, in: scope.inner)
        case .lambda(let lambda):
            let inner = scope.inner
            for parameter in lambda.parameters { inner.bind(parameter) }
            visit(lambda.body, in: inner)
        case .transform(let transform):
            for part in [transform.pattern, transform.update] { visit(part, in: scope.further) }
            if let deletion = transform.deletion { visit(deletion, in: scope.further) }
        case .sort(let terms): visit(terms.map(\.expression), in: scope.further)
        default: visit(node.parts, in: scope)
        }
    }

    private mutating func visit(_ nodes: [Node], in scope: Scope) {
        for node in nodes { visit(node, in: scope) }
    }

    private mutating func visit(_ pairs: [Node.Pair], in scope: Scope) {
        for pair in pairs { visit([pair.key, pair.value], in: scope) }
    }

    private mutating func visit(_ path: Node.Path, group: [Node.Pair], in scope: Scope) {
        let inner = scope.further
        for (index, step) in path.steps.enumerated() {
            if index == 0, case .variable(let name) = step.node.kind {
                note(name, member: path.firstMember, step.node, in: scope)
            } else {
                visit(step.node, in: index == 0 ? scope : inner)
            }
            for name in [step.focus, step.index] { if let name { inner.bind(name) } }
            for stage in step.stages {
                switch stage {
                case .filter(let predicate): visit(predicate, in: inner)
                case .index(let name): inner.bind(name)
                }
            }
        }
        visit(group, in: inner)
    }

    private mutating func note(_ name: String, member: String?, _ node: Node, in scope: Scope) {
        switch name {
        case "": noteInput(node, in: scope)
        case "$": inputPositions.append(node.position)
        default:
            guard !scope.binds(name), Builtin.named(name, in: library) == nil else { return }
            references.append(VariableReference(name: name, member: member, position: node.position))
        }
    }

    private mutating func noteInput(_ node: Node, in scope: Scope) {
        if scope.looksAtInput { inputPositions.append(node.position) }
    }
}

extension Node.Path {
    /// The name of the second step.
    fileprivate var firstMember: String? {
        guard steps.count > 1, case .name(let name) = steps[1].node.kind else { return nil }
        return name
    }
}

extension Node {
    /// The parts of a node that makes no scope.
    fileprivate var parts: [Node] {
        switch kind {
        case .binary(_, let left, let right), .and(let left, let right), .or(let left, let right),
            .fallback(let left, let right), .coalescing(let left, let right), .chain(let left, let right):
            [left, right]
        case .negation(let operand): [operand]
        case .array(let elements): elements
        case .object(let pairs): pairs.flatMap { [$0.key, $0.value] }
        case .condition(let condition, let then, let otherwise): [condition, then] + (otherwise.map { [$0] } ?? [])
        case .call(let procedure, let arguments): [procedure] + arguments
        case .partial(let procedure, let arguments): [procedure] + arguments.compactMap(\.self)
        default: []
        }
    }
}
