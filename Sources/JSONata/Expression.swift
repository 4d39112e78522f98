public import JSON

/// A JSONata expression, parsed and ready to be evaluated any number of times.
public struct Expression: Sendable {
    /// The text it was made from.
    public let source: String
    let node: Node
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

    /// The value of the expression on an input that may be missing, with values and functions as variables.
    ///
    /// - Parameters:
    ///   - input: What `$` and names refer to; `nil` for none.
    ///   - bindings: The variables, by name without the dollar sign.
    ///   - options: Limits, and what the evaluation may use.
    /// - Returns: A value, or why there is none.
    /// - Throws: `JSONataError` with the code and the place of what went wrong.
    public func result(
        on input: JSON?,
        bindings: [String: Binding] = [:],
        options: EvaluationOptions = EvaluationOptions()
    ) throws(JSONataError) -> EvaluationResult {
        let values = bindings.mapValues(\.value)
        guard let value = try evaluate(input.map(Value.init), bindings: values, options: options) else {
            return .undefined
        }
        return value.containsFunction ? .function : .value(value.json)
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
