/// Evaluates the tree of an expression on one input.
///
/// A class, since depth and steps are counted through all parts; it lives for one evaluation.
final class Evaluator {
    let usesParent: Bool
    let options: EvaluationOptions
    private let root: Value?
    private var depth = 0
    /// How many calls are under way; many of them may stand in one part of the expression.
    private var callDepth = 0
    private static let maximumNesting = 1_000
    private var steps = 0
    /// The frames in which functions were bound; a function keeps its frame, so the circle is cut at the end.
    private var framesToClear: [Frame] = []

    init(usesParent: Bool, root: Value?, options: EvaluationOptions) {
        self.usesParent = usesParent
        self.root = root
        self.options = options
    }

    deinit {
        for frame in framesToClear { frame.removeAll() }
    }

    // MARK: - Evaluating

    /// The value of a part of the expression; `nil` when there is none.
    func evaluate(_ node: Node, _ context: Context) throws(JSONataError) -> Value? {
        try enter(node)
        defer { leave() }
        var value: Value?
        if case .path(let path) = node.kind {
            value = try evaluate(path, group: node.group, context).value
        } else {
            value = try evaluateKind(node, context)
            for predicate in node.predicates { value = try filter(Traced(value), by: predicate, context).value }
            if let group = node.group { value = try self.group(value, by: group, context) }
        }
        try checkNesting(of: value, node.position)
        return node.unwrapping(value)
    }

    /// Refuses values so deep that walking through them, or letting them go, would exhaust the stack.
    func checkNesting(of value: Value?, _ position: Int) throws(JSONataError) {
        guard let value, value.depth > Self.maximumNesting else { return }
        let fact = "values are nested more than \(Self.maximumNesting) deep"
        throw JSONataError("U1001", at: position, "\(fact), check for a recursion without end")
    }

    func enter(_ node: Node) throws(JSONataError) {
        depth += 1
        steps += 1
        if depth > options.maximumDepth {
            depth -= 1
            let remedy = "check for a recursion without end"
            throw JSONataError("U1001", at: node.position, "the evaluation is nested too deep, \(remedy)")
        }
        guard steps > options.maximumSteps || steps % 4_096 == 0 && options.isOutOfTime?() == true else { return }
        depth -= 1
        throw JSONataError("U1001", at: node.position, "the evaluation takes too long, check for a loop without end")
    }

    func leave() { depth -= 1 }

    /// How many more parts may be evaluated.
    var remainingSteps: Int { max(0, options.maximumSteps - steps) }

    /// Counts work of a kind that is not done by parts of the expression.
    func charge(_ count: Int, at position: Int) throws(JSONataError) {
        steps += count
        guard steps > options.maximumSteps || options.isOutOfTime?() == true else { return }
        throw JSONataError("U1001", at: position, "the evaluation takes too long, check for a loop without end")
    }

    func enterCall(_ site: CallSite) throws(JSONataError) {
        guard callDepth < options.maximumDepth else {
            let remedy = "check for a recursion without end"
            throw JSONataError("U1001", at: site.position, "functions call one another too deep, \(remedy)")
        }
        callDepth += 1
    }

    func leaveCall() { callDepth -= 1 }

    private func evaluateKind(_ node: Node, _ context: Context) throws(JSONataError) -> Value? {
        switch node.kind {
        case .string(let text): return .string(text)
        case .number(let number): return .number(number)
        case .bigInteger(let number): return .bigInteger(number)
        case .bool(let value): return .bool(value)
        case .null: return .null
        case .regex(let expression): return .function(Function(.regex(expression)))
        case .name(let name): return lookup(name, in: context.input)
        case .variable(let name): return variable(name, context)
        case .wildcard: return wildcard(context.input)
        case .descendants: return descendants(context.input)
        case .parent: return try parent(node, context).value
        case .path(let path): return try evaluate(path, group: node.group, context).value
        case .lambda(let lambda): return .function(Function(.lambda(lambda, context)))
        case .transform(let transform): return .function(Function(.transform(transform, context)))
        default: return try evaluateCompound(node, context)
        }
    }

    private func evaluateCompound(_ node: Node, _ context: Context) throws(JSONataError) -> Value? {
        switch node.kind {
        case .binary(let sign, let left, let right): return try binary(sign, left, right, node.position, context)
        case .negation(let operand): return try negation(of: operand, context)
        case .array(let elements): return try array(elements, context)
        case .object(let pairs): return try object(pairs, context)
        case .block(let expressions): return try block(expressions, context)
        case .bind(let name, let expression): return try bind(name, expression, context)
        case .call(let procedure, let arguments): return try call(procedure, arguments, node.position, context)
        case .partial(let procedure, let arguments): return try partial(procedure, arguments, node.position, context)
        case .chain(let left, let right): return try chain(left, right, node.position, context)
        default: return try evaluateChoice(node, context)
        }
    }

    /// The parts of which one side may be left out.
    private func evaluateChoice(_ node: Node, _ context: Context) throws(JSONataError) -> Value? {
        switch node.kind {
        case .and(let left, let right): return .bool(try isTrue(left, context) ? isTrue(right, context) : false)
        case .or(let left, let right): return .bool(try isTrue(left, context) ? true : isTrue(right, context))
        case .condition(let condition, let then, let otherwise):
            guard let branch = try isTrue(condition, context) ? then : otherwise else { return nil }
            return try evaluate(branch, context)
        case .fallback(let left, let right):
            let value = try evaluate(left, context)
            return value?.isTrue == true ? value : try evaluate(right, context)
        case .coalescing(let left, let right):
            if let value = try evaluate(left, context) { return value }
            return try evaluate(right, context)
        default: preconditionFailure("a node of this kind is evaluated elsewhere")
        }
    }

    func isTrue(_ node: Node, _ context: Context) throws(JSONataError) -> Bool {
        try evaluate(node, context)?.isTrue ?? false
    }

    // MARK: - Variables and blocks

    private func variable(_ name: String, _ context: Context) -> Value? {
        switch name {
        case "": context.input
        case "$": root
        default: context.frame.value(of: name) ?? builtin(name).map { .function(Function(.builtin($0))) }
        }
    }

    private func builtin(_ name: String) -> Builtin? {
        name == "eval" && !options.isEvalAllowed ? nil : Builtin.named(name, in: options.library)
    }

    private func bind(_ name: String, _ expression: Node, _ context: Context) throws(JSONataError) -> Value? {
        let value = try evaluate(expression, context)
        switch value {
        case .function, .array, .object: framesToClear.append(context.frame)
        default: break
        }
        context.frame.bind(name, value)
        return value
    }

    private func block(_ expressions: [Node], _ context: Context) throws(JSONataError) -> Value? {
        let inner = Context(item: context.item, frame: Frame(in: context.frame))
        var value: Value?
        for expression in expressions { value = try evaluate(expression, inner) }
        return value
    }

    // MARK: - Looking into values

    func lookup(_ name: String, in value: Value?) -> Value? {
        switch value {
        case .object(let object): return object[name]
        case .array(let array):
            var found: [Value] = []
            for item in array.items {
                guard let value = lookup(name, in: item) else { continue }
                found += value.elements
            }
            return .array(.sequence(found))
        default: return nil
        }
    }

    private func wildcard(_ value: Value?) -> Value? {
        var found: [Value] = []
        switch value {
        case .object(let object): for (_, member) in object.members { Self.flatten(member, into: &found) }
        case .array(let array): for item in array.items { Self.flatten(item, into: &found) }
        default: break
        }
        return .array(.sequence(found))
    }

    private static func flatten(_ value: Value, into found: inout [Value]) {
        if case .array(let array) = value {
            for item in array.items { flatten(item, into: &found) }
        } else {
            found.append(value)
        }
    }

    private func descendants(_ value: Value?) -> Value? {
        guard let value else { return nil }
        var found: [Value] = []
        Self.descend(value, into: &found)
        return .array(.sequence(found))
    }

    private static func descend(_ value: Value, into found: inout [Value]) {
        switch value {
        case .array(let array): for item in array.items { descend(item, into: &found) }
        case .object(let object):
            found.append(value)
            for (_, member) in object.members { descend(member, into: &found) }
        default: found.append(value)
        }
    }
}

extension Node {
    /// A sequence as the result of this part: its only member, or an array where `[]` asks for it.
    func unwrapping(_ value: Value?) -> Value? {
        guard case .array(var array) = value, array.isSequence else { return value }
        if keepsArray { array.keepsSingleton = true }
        return Value.array(array).unwrapped
    }
}
