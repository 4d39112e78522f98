/// A part of an expression as its text has it, and what is worked out about it before it is made ready to run.
///
/// A class, since looking for parents marks parts that stand earlier in the text.
final class Syntax {
    enum Kind {
        case end
        case name(String)
        case string(String)
        case number(Double)
        case bigInteger(Int64)
        case bool(Bool)
        case null
        case regex(RegularExpression)
        /// `$name`; the empty name is the context `$`, `$` itself the root `$$`.
        case variable(String)
        case wildcard
        case descendants
        case parent(AncestorSlot?)
        /// `and`, `or` or `in` where a name may stand.
        case word(String)
        /// A `?` in place of an argument.
        case placeholder
        case path([Syntax])
        case binary(String, Syntax, Syntax)
        case negation(Syntax)
        case array([Syntax])
        case object([Pair])
        case predicate(Syntax, Syntax)
        case grouping(Syntax, [Pair])
        case ordering(Syntax, [SortTerm])
        case focus(Syntax, String)
        case index(Syntax, String)
        case block([Syntax])
        case condition(Syntax, then: Syntax, otherwise: Syntax?)
        /// `a ?: b`
        case fallback(Syntax, Syntax)
        /// `a ?? b`
        case coalescing(Syntax, Syntax)
        case bind(String, Syntax)
        case call(Syntax, [Syntax])
        /// A call of which some arguments are `?`.
        case partial(Syntax, [Syntax])
        case apply(Syntax, Syntax)
        case lambda(Lambda)
        case transform(pattern: Syntax, update: Syntax, deletion: Syntax?)
        case sort([SortTerm])
    }

    struct Pair {
        let key: Syntax
        let value: Syntax
    }

    struct SortTerm {
        let expression: Syntax
        let isDescending: Bool
    }

    struct Lambda {
        let parameters: [String]
        let signature: Signature?
        let body: Syntax
    }

    /// What is done with the results of a step.
    enum Stage {
        case filter(Syntax)
        case index(String)
    }

    var kind: Kind
    /// How many units of UTF-16 stand before its end.
    let position: Int
    /// How deep parts are nested in this one.
    let depth: Int
    /// Whether `[]` follows: a sequence of one stays an array.
    var keepsArray = false
    /// Of a path: whether one of its steps keeps an array.
    var keepsSingleton = false
    /// Whether this is `[…]` at an end of a path, or a block around one: its results are not flattened.
    var isConstructed = false
    /// Whether this carries variables or parents from each result to the next step.
    var isTuple = false
    /// The variable of `@$v`: bound to the result, while the context stays.
    var focus: String?
    /// The variable of `#$v` directly after the step.
    var index: String?
    /// Where a parent operator finds what this step was taken from.
    var ancestor: AncestorSlot?
    /// Parent operators in it whose parent stands before it.
    var seekingParents: [AncestorSlot]?
    /// The predicates that follow something other than a step.
    var predicates: [Stage]?
    /// The predicates of a step.
    var stages: [Stage]?
    /// The grouping `{…}` that follows.
    var group: [Pair]?
    var groupPosition = 0

    init(_ kind: Kind, at position: Int, depth: Int = 1) {
        self.kind = kind
        self.position = position
        self.depth = depth
    }

    /// What errors call a part of this kind.
    var typeName: String {
        switch kind {
        case .parent: "parent"
        case .path: "path"
        case .array, .object, .negation: "unary"
        case .binary: "binary"
        case .call: "function"
        case .partial: "partial"
        case .condition, .fallback, .coalescing: "condition"
        case .bind: "bind"
        case .variable: "variable"
        case .string: "string"
        case .number, .bigInteger: "number"
        case .bool, .null: "value"
        case .lambda: "lambda"
        case .apply: "apply"
        case .transform: "transform"
        case .regex: "regex"
        case .descendants: "descendant"
        case .sort: "sort"
        case .block: "block"
        default: "name"
        }
    }
}

/// The link from a parent operator to the step whose context it names.
final class AncestorSlot {
    var label: String
    /// How many steps are still to be gone back.
    var level = 1

    init(label: String) { self.label = label }
}
