/// A part of a parsed expression.
///
/// One word wide, so that an evaluation that goes deep takes little stack.
struct Node: Sendable {
    private final class Storage: Sendable {
        let content: Content

        init(_ content: Content) { self.content = content }
    }

    /// What a node holds.
    struct Content: Sendable {
        var kind: Kind
        /// How many characters stand before it, for errors.
        var position: Int
        /// Whether `[]` follows: a sequence of one stays an array.
        var keepsArray = false
        /// The predicates that follow something other than a step of a path.
        var predicates: [Node] = []
        /// The grouping `{…}` that follows.
        var group: [Pair]?
        /// Whether an array `[…]` names a parent in it; its results are flattened then, as the language has it.
        var mentionsParent = false
    }

    private var storage: Storage

    init(kind: Kind, position: Int, mentionsParent: Bool = false) {
        storage = Storage(Content(kind: kind, position: position, mentionsParent: mentionsParent))
    }

    var kind: Kind {
        get { storage.content.kind }
        set { change { $0.kind = newValue } }
    }

    var position: Int { storage.content.position }

    var keepsArray: Bool {
        get { storage.content.keepsArray }
        set { change { $0.keepsArray = newValue } }
    }

    var predicates: [Node] {
        get { storage.content.predicates }
        set { change { $0.predicates = newValue } }
    }

    var group: [Pair]? {
        get { storage.content.group }
        set { change { $0.group = newValue } }
    }

    var mentionsParent: Bool { storage.content.mentionsParent }

    private mutating func change(_ body: (inout Content) -> Void) {
        var content = storage.content
        body(&content)
        storage = Storage(content)
    }

    enum Kind: Sendable {
        case string(String)
        case number(Double)
        case bigInteger(Int64)
        case bool(Bool)
        case null
        case regex(RegularExpression)
        case name(String)
        /// `$name`; the empty name is the context `$`, `$` itself the root `$$`.
        case variable(String)
        case wildcard
        case descendants
        case parent
        case path(Path)
        case binary(Operator, Node, Node)
        case and(Node, Node)
        case or(Node, Node)
        case negation(Node)
        case array([Node])
        case object([Pair])
        case block([Node])
        case condition(Node, then: Node, otherwise: Node?)
        /// `a ?: b`
        case fallback(Node, Node)
        /// `a ?? b`
        case coalescing(Node, Node)
        case bind(String, Node)
        case call(Node, [Node])
        /// A call of which some arguments are `?`.
        case partial(Node, [Node?])
        case chain(Node, Node)
        case lambda(Lambda)
        case transform(Transform)
        case sort([SortTerm])
    }

    enum Operator: String, Sendable {
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
        case remainder = "%"
        case equal = "="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case concatenate = "&"
        case range = ".."
        case inclusion = "in"
    }

    struct Pair: Sendable {
        let key: Node
        let value: Node
    }

    struct SortTerm: Sendable {
        let expression: Node
        let isDescending: Bool
    }

    struct Lambda: Sendable {
        let parameters: [String]
        let signature: Signature?
        let body: Node
    }

    struct Transform: Sendable {
        let pattern: Node
        let update: Node
        let deletion: Node?
    }

    /// Steps divided by dots.
    struct Path: Sendable {
        var steps: [Step]
        var keepsSingleton = false

        /// Whether this is `$x@$y` and no more: with no step to follow, the focus is without effect.
        var isLoneVariable: Bool {
            guard steps.count == 1, steps[0].focus != nil, case .variable = steps[0].node.kind else { return false }
            return steps[0].stages.isEmpty && steps[0].index == nil
        }
    }

    struct Step: Sendable {
        var node: Node
        var stages: [Stage] = []
        /// The variable of `@$v`: bound to the result, while the context stays.
        var focus: String?
        /// The variable of `#$v` directly after the step.
        var index: String?

        /// Whether the step makes variables, so that from here on each item carries its own.
        var bindsVariables: Bool {
            focus != nil || index != nil
                || stages.contains { stage in if case .index = stage { true } else { false } }
        }
    }

    /// What is done with the results of a step.
    enum Stage: Sendable {
        case filter(Node)
        case index(String)
    }
}
