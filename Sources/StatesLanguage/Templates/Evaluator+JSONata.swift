import JSON
import JSONata
import Synchronization

extension Evaluator {
    /// The value of a template with expressions.
    mutating func value(of template: JSONataTemplate) throws(StatesError) -> JSON {
        switch template {
        case .literal(let value):
            return value
        case .array(let templates):
            var values: [JSON] = []
            for template in templates { values.append(try value(of: template)) }
            return .array(values)
        case .object(let members):
            var object = JSONObject()
            for member in members { object[member.key] = try value(of: member.value) }
            return .object(object)
        case .expression(let expression, let field):
            return try value(of: expression, field: field)
        }
    }

    /// The value of an expression; throws when it has none.
    mutating func value(of expression: JSONataExpression, field: String) throws(StatesError) -> JSON {
        let result: EvaluationResult
        do {
            result = try evaluate(expression)
        } catch {
            // What ends an evaluation that goes too far is no error of the language, and AWS shows no code for it.
            let fact = error.code.hasPrefix("U") ? ": \(error.message)" : ". \(error.code): \(error.message)"
            throw failure(expression, field, "threw an error during evaluation\(fact)")
        }
        switch result {
        case .value(let value): return value
        case .undefined: throw failure(expression, field, "returned nothing (undefined).")
        case .function: throw failure(expression, field, "returned an unsupported result type.")
        }
    }

    /// The value of an expression that must be of a type.
    mutating func value<Value>(
        of expression: JSONataExpression,
        field: String,
        expected type: String,
        _ convert: (JSON) -> Value?
    ) throws(StatesError) -> Value {
        let json = try value(of: expression, field: field)
        if let value = convert(json) { return value }
        throw failure(
            expression,
            field,
            "returned an unexpected result type. Expected '\(type)', but was '\(json.typeName)' for value: \(json.text)"
        )
    }

    private func failure(_ expression: JSONataExpression, _ field: String, _ fact: String) -> StatesError {
        .query("The JSONata expression '\(expression.text)' specified for the field '\(field)' \(fact)", at: field)
    }

    private mutating func evaluate(_ expression: JSONataExpression) throws(JSONataError) -> EvaluationResult {
        let chance = Chance(generator)
        defer { generator = chance.generator }
        var options = EvaluationOptions()
        options.useStepFunctions()
        options.isEvalAllowed = false
        options.now = now
        options.isOutOfTime = slice?.interruption
        options.random = { chance.number() }
        options.uuid = { chance.uuid() }
        return try expression.expression.result(on: nil, bindings: bindings(for: expression.reads), options: options)
    }

    /// What the expression reads, and no more: a context object that nobody asks for is not made.
    private func bindings(for reads: JSONataExpression.Reads) -> [String: Binding] {
        var bindings: [String: Binding] = [:]
        for name in reads.variables {
            if let value = surroundings.variables[name] { bindings[name] = Binding(value) }
        }
        guard !reads.states.isEmpty else { return bindings }
        var object = JSONObject()
        if reads.states.contains(.input) { object["input"] = states.input }
        if reads.states.contains(.result) { object["result"] = states.result }
        if reads.states.contains(.errorOutput) { object["errorOutput"] = states.errorOutput }
        if reads.states.contains(.context) { object["context"] = surroundings.context.json }
        bindings["states"] = Binding(.object(object))
        return bindings
    }
}

/// Numbers for one evaluation, which may ask for them from within closures.
private final class Chance: Sendable {
    private let state: Mutex<SeededGenerator>

    init(_ generator: SeededGenerator) { state = Mutex(generator) }

    var generator: SeededGenerator { state.withLock { $0 } }

    /// A number from 0 up to 1.
    func number() -> Double { state.withLock { Double($0.next() >> 11) * 0x1p-53 } }

    func uuid() -> String { state.withLock { $0.uuid() } }
}

extension StatesError {
    /// An error of a JSONata expression in a field.
    static func query(_ cause: String, at field: String) -> StatesError {
        var error = StatesError(name: queryEvaluationError, cause: cause)
        error.location = field
        return error
    }
}
