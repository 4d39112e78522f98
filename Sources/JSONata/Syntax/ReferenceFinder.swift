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

/// Walks through an expression and notes what it reads from outside.
struct ReferenceFinder {
    private(set) var references: [VariableReference] = []
    private(set) var inputReferences: [InputReference] = []

    init(_ syntax: Syntax) { visit(syntax, in: Scope()) }

    private mutating func visit(_ syntax: Syntax, in scope: Scope) {
        visitKind(of: syntax, in: scope)
        for case .filter(let predicate) in syntax.predicates ?? [] { visit(predicate, in: scope.further) }
        if syntax.steps == nil { visit(syntax.group ?? [], in: scope.further) }
    }

    private mutating func visitKind(of syntax: Syntax, in scope: Scope) {
        switch syntax.kind {
        case .name(let name): noteInput(syntax, name, in: scope)
        case .word, .wildcard, .descendants: noteInput(syntax, syntax.tokenText, in: scope)
        case .variable(let name): note(name, member: nil, syntax, in: scope)
        case .path(let steps): visit(steps, group: syntax.group ?? [], in: scope)
        case .bind(let name, let value):
            if case .lambda = value.kind { scope.bind(name) }
            visit(value, in: scope)
            scope.bind(name)
        case .block(let expressions): visit(expressions, in: scope.inner)
        case .lambda(let lambda):
            let inner = scope.inner
            for parameter in lambda.parameters { inner.bind(parameter) }
            visit(lambda.body, in: inner)
        case .transform(let pattern, let update, let deletion):
            visit([pattern, update] + (deletion.map { [$0] } ?? []), in: scope.further)
        case .sort(let terms): visit(terms.map(\.expression), in: scope.further)
        case .call, .partial, .binary, .fallback, .coalescing, .apply, .negation, .array, .object, .condition:
            visit(syntax.ownParts, in: scope)
        default: break
        }
    }

    private mutating func visit(_ list: [Syntax], in scope: Scope) {
        for syntax in list { visit(syntax, in: scope) }
    }

    private mutating func visit(_ pairs: [Syntax.Pair], in scope: Scope) {
        for pair in pairs { visit([pair.key, pair.value], in: scope) }
    }

    private mutating func visit(_ steps: [Syntax], group: [Syntax.Pair], in scope: Scope) {
        let inner = scope.further
        for (index, step) in steps.enumerated() {
            if index == 0, case .variable(let name) = step.kind {
                note(name, member: Self.member(of: steps), step, in: scope)
                for case .filter(let predicate) in step.predicates ?? [] { visit(predicate, in: inner) }
            } else {
                visit(step, in: index == 0 ? scope : inner)
            }
            for case let name? in [step.focus, step.index] { inner.bind(name) }
            for stage in step.stages ?? [] {
                switch stage {
                case .filter(let predicate): visit(predicate, in: inner)
                case .index(let name): inner.bind(name)
                }
            }
        }
        visit(group, in: inner)
    }

    /// The field that the second step names.
    private static func member(of steps: [Syntax]) -> String? {
        guard steps.count > 1, case .name(let name) = steps[1].kind else { return nil }
        return name
    }

    private mutating func note(_ name: String, member: String?, _ syntax: Syntax, in scope: Scope) {
        let position = syntax.position - name.utf16.count - 1
        switch name {
        case "": noteInput(syntax, "$", in: scope)
        case "$": inputReferences.append(InputReference(name: "$$", position: position))
        default:
            guard !scope.binds(name) else { return }
            references.append(VariableReference(name: name, member: member, position: position))
        }
    }

    private mutating func noteInput(_ syntax: Syntax, _ name: String, in scope: Scope) {
        guard scope.looksAtInput else { return }
        let position = syntax.position - syntax.tokenText.utf16.count
        inputReferences.append(InputReference(name: name, position: position))
    }
}
