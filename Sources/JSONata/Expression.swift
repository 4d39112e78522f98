public import FoundationEssentials
public import JSON

/// A JSONata expression, parsed and ready to be evaluated any number of times.
public struct Expression: Sendable {
    /// The text it was made from.
    public let source: String
    private let node: Node
    private let usesParent: Bool

    /// Reads an expression; throws with a code `S…` and the place when it cannot.
    public init(_ source: String) throws(JSONataError) {
        var parser = try Parser(source)
        node = try parser.parse()
        usesParent = parser.parentCount > 0
        self.source = source
    }

    /// The value of the expression on an input, with variables; `nil` when there is none.
    ///
    /// Depends on nothing but its arguments: it reads no clock, and ends within the limits of the options.
    public func evaluate(
        _ input: JSON,
        bindings: [String: JSON] = [:],
        options: EvaluationOptions = EvaluationOptions()
    ) throws(JSONataError) -> JSON? {
        try evaluate(Value(input), bindings: bindings.mapValues(Value.init), options: options)?.json
    }

    func evaluate(
        _ input: Value?,
        bindings: [String: Value],
        options: EvaluationOptions
    ) throws(JSONataError) -> Value? {
        let evaluator = Evaluator(usesParent: usesParent, root: input, options: options)
        let frame = Frame(in: nil)
        for (name, value) in bindings { frame.bind(name, value) }
        return try evaluate(with: evaluator, Context(item: Item(value: input), frame: frame))
    }

    /// Evaluates as a part of another evaluation, within its limits.
    func evaluate(with evaluator: Evaluator, _ context: Context) throws(JSONataError) -> Value? {
        var context = context
        if case .array(let array) = context.input, !array.isSequence { context.item.isWholeInput = true }
        return try evaluator.evaluate(node, context)
    }
}

/// What an evaluation may use.
public struct EvaluationOptions: Sendable {
    /// How deep calls and brackets may be nested while evaluating: 300, which fits a stack of eight megabytes.
    public var maximumDepth = 300
    /// How many parts of the expression may be evaluated in all: ten million.
    public var maximumSteps = 10_000_000
    /// What `$now` and `$millis` answer; without it they are refused.
    public var now: Date?
    /// Where `$random` and `$shuffle` take numbers from 0 up to 1; without it they are refused.
    public var random: (@Sendable () -> Double)?

    /// The default limits, and no time.
    public init() {}
}
