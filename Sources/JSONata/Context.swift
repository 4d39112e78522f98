/// Variables of a block or function, and those around it.
final class Frame {
    private var bindings: [String: Value?] = [:]
    private let outer: Frame?
    /// How deep frames and the values in them are nested.
    private(set) var depth: Int

    init(in outer: Frame?) {
        self.outer = outer
        depth = 1 + (outer?.depth ?? 0)
    }

    func bind(_ name: String, _ value: Value?) {
        bindings[name] = .some(value)
        depth = max(depth, 1 + (value?.depth ?? 0))
    }

    /// Forgets all variables.
    func removeAll() { bindings = [:] }

    func value(of name: String) -> Value? {
        var frame: Frame? = self
        while let current = frame {
            if let found = current.bindings[name] { return found }
            frame = current.outer
        }
        return nil
    }
}

/// A value with what it was found in, for the parent operator.
struct Item {
    var value: Value?
    /// What the value was found in; kept only for expressions with a parent operator.
    var origin: Origin?
    /// The variables that `@` and `#` bound on the way to it.
    var bindings: Bindings?
    /// Whether the value is the whole input, an array that a path does not walk through by itself.
    var isWholeInput = false
}

/// An item that others were found in.
final class Origin {
    let item: Item

    init(_ item: Item) { self.item = item }
}

/// A variable bound by a step, and those bound before.
final class Bindings {
    let name: String
    let value: Value?
    let earlier: Bindings?

    init(_ name: String, _ value: Value?, after earlier: Bindings?) {
        self.name = name
        self.value = value
        self.earlier = earlier
    }

    /// All names, each with its latest value.
    var all: [(name: String, value: Value?)] {
        var seen: Set<String> = []
        var result: [(name: String, value: Value?)] = []
        var current: Bindings? = self
        while let binding = current {
            if seen.insert(binding.name).inserted { result.append((binding.name, binding.value)) }
            current = binding.earlier
        }
        return result
    }
}

/// Where a part of an expression is evaluated: the item it looks at, and the variables.
struct Context {
    var item: Item
    var frame: Frame

    var input: Value? { item.value }

    /// The same variables and those of an item, looking at it.
    func looking(at item: Item) -> Context {
        guard let bindings = item.bindings else { return Context(item: item, frame: frame) }
        let frame = Frame(in: frame)
        for (name, value) in bindings.all { frame.bind(name, value) }
        return Context(item: item, frame: frame)
    }
}

/// What can be called.
final class Function {
    enum Kind {
        case builtin(Builtin)
        case lambda(Node.Lambda, Context)
        /// Some arguments are set, those to come are left open.
        case partial(Function, [Value??])
        /// One function after the other.
        case chain(Function, Function)
        case transform(Node.Transform, Context)
        case regex(RegularExpression)
    }

    let kind: Kind
    /// How deep functions and what they hold on to are nested.
    let depth: Int

    init(_ kind: Kind) {
        self.kind = kind
        depth =
            switch kind {
            case .builtin, .regex: 1
            case .lambda(_, let context), .transform(_, let context): 1 + context.frame.depth
            case .partial(let inner, let arguments):
                1 + arguments.reduce(inner.depth) { max($0, ($1 ?? nil)?.depth ?? 0) }
            case .chain(let first, let second): 1 + max(first.depth, second.depth)
            }
    }

    /// How many arguments it looks at.
    var arity: Int {
        switch kind {
        case .builtin(let builtin): builtin.signature.parameters.count { !$0.isOptional }
        case .lambda(let lambda, _): lambda.parameters.count
        case .partial(_, let arguments): arguments.count { $0 == nil }
        case .chain, .transform, .regex: 1
        }
    }
}
