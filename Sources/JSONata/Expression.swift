public import JSON

/// A JSONata expression, parsed and ready to be evaluated any number of times.
public struct Expression: Sendable {
    /// The text it was made from.
    public let source: String
    private let node: any Node
    let references: [VariableReference]
    /// The places where the expression looks at its input: by a field's name, `$`, `$$`, `*` or `**`.
    public let inputReferences: [InputReference]

    /// Reads an expression; throws with a code `S…` and the place when it cannot.
    public init(_ source: String) throws(JSONataError) {
        try self.init(source, isNested: false)
    }

    /// Reads an expression that may run as a part of another one, among the variables of that.
    init(_ source: String, isNested: Bool) throws(JSONataError) {
        var parser = try Parser(source)
        var resolver = Resolver()
        let syntax = try resolver.resolveAll(parser.parse())
        let finder = ReferenceFinder(syntax)
        references = finder.references
        inputReferences = finder.inputReferences
        node = Compiler(boundNames: syntax.boundNames, isNested: isNested).compile(syntax)
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
        return value.containsFunction ? .function(value.jsonWithoutFunctions) : .value(value.json)
    }

    func evaluate(
        _ input: Value?,
        bindings: [String: Value],
        options: EvaluationOptions
    ) throws(JSONataError) -> Value? {
        let shadowsBuiltins = bindings.keys.contains { Builtin.named($0, in: options.library) != nil }
        let run = Evaluator(root: input, shadowsBuiltins: shadowsBuiltins, options: options)
        let frame = Frame(in: nil)
        for (name, value) in bindings { frame.bind(name, value) }
        return try evaluate(input, frame, run)
    }

    /// Evaluates within the limits of an evaluator.
    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        guard case .array(let array)? = input, !array.isSequence else { return try node.evaluate(input, frame, run) }
        return try node.evaluate(.array(ValueArray(wrapping: .array(array))), frame, run)
    }
}
