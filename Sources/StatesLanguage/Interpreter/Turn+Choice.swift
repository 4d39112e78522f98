import FoundationEssentials
import JSON

extension Turn {
    mutating func run(
        _ choice: ChoiceState,
        _ frame: inout Frame,
        _ current: StateDefinition
    ) throws(StatesError) -> Step {
        let input = try effectiveInput(frame, current)
        note(.afterInputPath, input)
        for (index, rule) in choice.rules.enumerated()
        where try holds(rule.condition, of: index, input.value, frame) {
            return try exit(frame, current, passing: input, to: .next(rule.next), rule.assign, rule.output)
        }
        guard let next = choice.fallback else {
            throw .runtime(
                "Failed to transition out of the state. The state does not point to a next state.",
                alias: StatesError.noChoiceMatched
            )
        }
        return try exit(frame, current, passing: input, to: .next(next), current.assign, current.output)
    }

    private mutating func holds(
        _ condition: ChoiceState.Condition,
        of rule: Int,
        _ input: JSON,
        _ frame: Frame
    ) throws(StatesError) -> Bool {
        guard case .expression(let expression) = condition else { return try holds(condition, input, frame) }
        return try evaluating(on: input, frame) { (evaluator) throws(StatesError) in
            try evaluator.value(of: expression, field: "Choices[\(rule)]/Condition", expected: "boolean") { $0.bool }
        }
    }

    private func holds(
        _ condition: ChoiceState.Condition,
        _ input: JSON,
        _ frame: Frame
    ) throws(StatesError) -> Bool {
        switch condition {
        case .and(let conditions):
            for condition in conditions where try !holds(condition, input, frame) { return false }
            return true
        case .or(let conditions):
            for condition in conditions where try holds(condition, input, frame) { return true }
            return false
        case .not(let condition):
            return try !holds(condition, input, frame)
        case .test(let path, .isPresent(let expected)):
            return (find(path, on: input, frame) != nil) == expected
        case .expression: preconditionFailure("expressions stand alone")
        case .test(let path, let test):
            return try holds(test, try variable(path, input, frame), input, frame)
        }
    }

    private func holds(
        _ test: ChoiceState.Test,
        _ value: JSON,
        _ input: JSON,
        _ frame: Frame
    ) throws(StatesError) -> Bool {
        switch test {
        case .string(let order, let operand):
            let other = try resolve(operand, input, frame) { $0.string }
            return both(value.string.map(CodeUnits.init), other.map(CodeUnits.init), order)
        case .numeric(let order, let operand):
            // Only numbers are compared with a number: `compared(to:)` knows of no order between other kinds.
            guard let other = try resolve(operand, input, frame, { Optional($0) }), other.double != nil,
                let comparison = value.compared(to: other)
            else { return false }
            return order.holds(comparison, 0)
        case .timestamp(let order, let operand):
            let other = try resolve(operand, input, frame) { $0.string.flatMap(Timestamp.parse) }
            return both(value.string.flatMap(Timestamp.parse), other, order)
        case .boolean(let operand):
            guard let bool = value.bool else { return false }
            return try resolve(operand, input, frame) { $0.bool } == bool
        case .matches(let pattern): return value.string.map(pattern.matches) ?? false
        case .isKind(let kind, let expected): return kind.holds(value) == expected
        case .isPresent(let expected): return expected
        }
    }

    private func both<Value: Comparable>(_ left: Value?, _ right: Value?, _ order: ChoiceState.Order) -> Bool {
        guard let left, let right else { return false }
        return order.holds(left, right)
    }

    /// The operand; `nil` when its path leads to a value of another type.
    private func resolve<Value>(
        _ operand: ChoiceState.Operand<Value>,
        _ input: JSON,
        _ frame: Frame,
        _ convert: (JSON) -> Value?
    ) throws(StatesError) -> Value? {
        switch operand {
        case .value(let value): value
        case .path(let path): convert(try variable(path, input, frame))
        }
    }

    private func variable(_ path: JSONPath, _ input: JSON, _ frame: Frame) throws(StatesError) -> JSON {
        guard let value = find(path, on: input, frame) else {
            throw runtime("Invalid path '\(path.text)': The choice state's condition path references an invalid value.")
        }
        return value
    }
}
