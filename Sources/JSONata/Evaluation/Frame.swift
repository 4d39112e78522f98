/// Variables of a block or function, and those around it.
///
/// Up to three parameters are held in place, since most functions have no more.
final class Frame {
    private let parameters: [String]
    private var first: Value?
    private var second: Value?
    private var third: Value?
    private var rest: [Value?] = []
    private var locals: [(name: String, value: Value?)] = []
    private let tuple: Bindings?
    private let outer: Frame?
    /// How deep frames and the values in them are nested.
    private(set) var depth: Int

    /// The variables of a block.
    init(in outer: Frame?) {
        parameters = []
        tuple = nil
        self.outer = outer
        depth = 1 + (outer?.depth ?? 0)
    }

    /// The variables that a path bound on the way to an item.
    init(_ bindings: Bindings, in outer: Frame) {
        parameters = []
        tuple = bindings
        self.outer = outer
        depth = 1 + outer.depth
    }

    /// The parameters of a function; those without an argument are undefined.
    init(_ parameters: [String], _ arguments: [Value?], in outer: Frame) {
        self.parameters = parameters
        tuple = nil
        self.outer = outer
        depth = 1 + outer.depth
        for (index, argument) in arguments.enumerated() where index < parameters.count {
            switch index {
            case 0: first = argument
            case 1: second = argument
            case 2: third = argument
            default: rest.append(argument)
            }
            note(argument)
        }
    }

    /// The parameters of a function that is called with three arguments at most.
    init(_ parameters: [String], _ first: Value?, _ second: Value?, _ third: Value?, in outer: Frame) {
        self.parameters = parameters
        self.first = first
        self.second = second
        self.third = third
        tuple = nil
        self.outer = outer
        depth = 1 + outer.depth
        note(first)
        note(second)
        note(third)
    }

    @inline(__always)
    private func note(_ value: Value?) {
        if let value { depth = max(depth, 1 + value.depth) }
    }

    func bind(_ name: String, _ value: Value?) {
        note(value)
        if let index = parameters.lastIndex(of: name) { return set(index, value) }
        for index in locals.indices where locals[index].name == name {
            locals[index].value = value
            return
        }
        locals.append((name, value))
    }

    private func set(_ index: Int, _ value: Value?) {
        switch index {
        case 0: first = value
        case 1: second = value
        case 2: third = value
        default:
            while rest.count <= index - 3 { rest.append(nil) }
            rest[index - 3] = value
        }
    }

    /// Forgets all variables.
    func removeAll() {
        first = nil
        second = nil
        third = nil
        rest = []
        locals = []
    }

    /// The value of a variable, which may be undefined; `nil` where no such variable is bound.
    func lookup(_ name: String) -> Value?? {
        var frame: Frame? = self
        while let current = frame {
            if let found = current.own(name) { return found }
            frame = current.outer
        }
        return nil
    }

    private func own(_ name: String) -> Value?? {
        for local in locals where local.name == name { return .some(local.value) }
        var index = parameters.count
        while index > 0 {
            index -= 1
            guard parameters[index] == name else { continue }
            switch index {
            case 0: return .some(first)
            case 1: return .some(second)
            case 2: return .some(third)
            default: return .some(index - 3 < rest.count ? rest[index - 3] : nil)
            }
        }
        return tuple?.lookup(name)
    }
}

/// A variable bound by a step of a path, and those bound before.
final class Bindings {
    let name: String
    let value: Value?
    let earlier: Bindings?

    init(_ name: String, _ value: Value?, after earlier: Bindings?) {
        self.name = name
        self.value = value
        self.earlier = earlier
    }

    func lookup(_ name: String) -> Value?? {
        var binding: Bindings? = self
        while let current = binding {
            if current.name == name { return .some(current.value) }
            binding = current.earlier
        }
        return nil
    }

    /// All names, each with its latest value, the first bound first.
    var all: [(name: String, value: Value?)] {
        var seen: Set<String> = []
        var result: [(name: String, value: Value?)] = []
        var current: Bindings? = self
        while let binding = current {
            if seen.insert(binding.name).inserted { result.append((binding.name, binding.value)) }
            current = binding.earlier
        }
        return result.reversed()
    }
}

/// A result of a step with the variables that were bound on the way to it.
struct Tuple {
    var value: Value?
    var bindings: Bindings?

    /// A frame in which the variables are seen.
    func frame(in outer: Frame) -> Frame { bindings.map { Frame($0, in: outer) } ?? outer }

    mutating func bind(_ name: String, _ value: Value?) { bindings = Bindings(name, value, after: bindings) }
}
