/// One of two parts, `a ? b : c`.
final class ConditionNode: Node {
    private let condition: any Node
    private let then: any Node
    private let otherwise: (any Node)?
    private let position: Int

    init(_ condition: any Node, then: any Node, otherwise: (any Node)?, at position: Int) {
        self.condition = condition
        self.then = then
        self.otherwise = otherwise
        self.position = position
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        try run.enter(position)
        defer { run.leave() }
        if try condition.isTrue(input, frame, run) { return try then.evaluate(input, frame, run).finished() }
        return try otherwise?.evaluate(input, frame, run).finished()
    }

    func evaluateTail(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> TailOutcome {
        try run.enter(position)
        defer { run.leave() }
        if try condition.isTrue(input, frame, run) { return try then.evaluateTail(input, frame, run) }
        return try otherwise?.evaluateTail(input, frame, run) ?? .value(nil)
    }
}

/// The first of two parts that counts, `a ?: b` or `a ?? b`.
final class AlternativeNode: Node {
    private let first: any Node
    private let second: any Node
    /// Whether the first counts when it is there, be it true or not.
    private let asksForPresence: Bool
    private let position: Int

    init(_ first: any Node, _ second: any Node, asksForPresence: Bool, at position: Int) {
        self.first = first
        self.second = second
        self.asksForPresence = asksForPresence
        self.position = position
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        try run.enter(position)
        defer { run.leave() }
        let value = try first.evaluate(input, frame, run)
        if let value, asksForPresence || value.isTrue { return value }
        return try second.evaluate(input, frame, run).finished()
    }
}

/// A variable bound, `$name := value`.
final class BindNode: Node {
    private let name: String
    private let value: any Node
    private let position: Int

    init(_ name: String, _ value: any Node, at position: Int) {
        self.name = name
        self.value = value
        self.position = position
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        try run.enter(position)
        defer { run.leave() }
        let value = try value.evaluate(input, frame, run)
        run.bind(name, value, in: frame)
        return value
    }
}

/// Parts one after the other, `(a; b; c)`.
final class BlockNode: Node {
    private let expressions: [any Node]
    private let bindsVariables: Bool
    private let isTuple: Bool
    private let keepsArray: Bool
    private let position: Int

    init(_ expressions: [any Node], bindsVariables: Bool, isTuple: Bool, keepsArray: Bool, at position: Int) {
        self.expressions = expressions
        self.bindsVariables = bindsVariables
        self.isTuple = isTuple
        self.keepsArray = keepsArray
        self.position = position
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        try run.enter(position)
        defer { run.leave() }
        let inner = try evaluateFirst(input, frame, run)
        return try expressions.last?.evaluate(input, inner, run).finished(keepsArray: keepsArray)
    }

    func evaluateStream(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Stream {
        guard isTuple else { return .value(try evaluate(input, frame, run)) }
        try run.enter(position)
        defer { run.leave() }
        let inner = try evaluateFirst(input, frame, run)
        return try expressions.last?.evaluateStream(input, inner, run) ?? .value(nil)
    }

    func evaluateTail(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> TailOutcome {
        try run.enter(position)
        defer { run.leave() }
        let inner = try evaluateFirst(input, frame, run)
        return try expressions.last?.evaluateTail(input, inner, run) ?? .value(nil)
    }

    /// Evaluates all but the last expression; returns the frame with their variables.
    private func evaluateFirst(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Frame {
        let inner = bindsVariables ? Frame(in: frame) : frame
        for index in 0..<max(expressions.count - 1, 0) { _ = try expressions[index].evaluate(input, inner, run) }
        return inner
    }
}
