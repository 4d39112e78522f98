import JSON

extension Turn {
    mutating func run(_ pass: PassState, _ frame: inout Frame, _ current: StateDefinition) throws(StatesError) -> Step {
        let input = try effectiveInput(frame, current, parameters: pass.parameters.map(Template.jsonPath))
        let result = try put(pass.result ?? input, at: pass.resultPath, into: frame.input)
        return .exit(output: try output(result, frame, current), current.transition)
    }

    /// The error a Fail state raises.
    mutating func error(
        of fail: FailState,
        _ frame: Frame,
        _ current: StateDefinition
    ) throws(StatesError) -> StatesError {
        StatesError(
            name: try text(fail.error, field: "ErrorPath", frame) ?? "",
            cause: try text(fail.cause, field: "CausePath", frame)
        )
    }

    private mutating func text(
        _ text: FailState.Text?,
        field: String,
        _ frame: Frame
    ) throws(StatesError) -> String? {
        switch text {
        case nil: return nil
        case .literal(let text): return text
        case .jsonata: throw runtime("JSONata is not understood yet")
        case .expression(let expression):
            var evaluator = evaluator(on: frame.input, frame)
            defer { state.generator = evaluator.generator }
            let value = try evaluator.value(of: expression, field: field, missing: StatesError.runtime)
            guard let text = value.string else {
                throw StatesError(
                    name: StatesError.runtime,
                    cause: "The value found by the field '\(field)' must be a string but was: \(value.text)"
                )
            }
            return text
        }
    }
}
