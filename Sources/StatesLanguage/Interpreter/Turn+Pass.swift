import JSON

extension Turn {
    mutating func run(_ pass: PassState, _ frame: inout Frame, _ current: StateDefinition) throws(StatesError) -> Step {
        let input = try arguments(pass.parameters.map(Template.jsonPath), effectiveInput(frame, current), frame)
        guard current.queryLanguage == .jsonPath else { return try exit(frame, current, passing: input) }
        let fields = ResultFields(selector: nil, path: pass.resultPath)
        return try exit(frame, current, result: pass.result.map { Payload($0) } ?? input, fields)
    }

    /// The error a Fail state raises.
    mutating func error(
        of fail: FailState,
        _ frame: Frame,
        _ current: StateDefinition
    ) throws(StatesError) -> StatesError {
        StatesError(
            name: try text(fail.error, field: "Error", frame) ?? "",
            cause: try text(fail.cause, field: "Cause", frame)
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
        case .jsonata(let expression):
            return try evaluating(on: frame.input.value, frame) { (evaluator) throws(StatesError) in
                try evaluator.value(of: expression, field: field, expected: "string") { $0.string }
            }
        case .expression(let expression):
            let field = "\(field)Path"
            let value = try evaluating(on: frame.input.value, frame) { (evaluator) throws(StatesError) in
                try evaluator.value(of: expression, field: field, missing: nil)
            }
            guard let text = value.string else {
                throw runtime("The value found by the field '\(field)' must be a string but was: \(value.text)")
            }
            return text
        }
    }
}
