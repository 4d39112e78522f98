import FoundationEssentials
import JSON

extension Turn {
    mutating func run(_ wait: WaitState, _ frame: inout Frame, _ current: StateDefinition) throws(StatesError) -> Step {
        let input = try effectiveInput(frame, current)
        note(.afterInputPath, input)
        let end = try end(of: wait, input.value, frame)
        guard end > now else { return try finishWait(frame, current) }
        frame.phase = .wait(timer: startTimer(.frame(frame.id), at: end))
        return .wait
    }

    mutating func finishWait(_ frame: Frame, _ current: StateDefinition) throws(StatesError) -> Step {
        try exit(frame, current, passing: effectiveInput(frame, current))
    }

    private mutating func end(of wait: WaitState, _ input: JSON, _ frame: Frame) throws(StatesError) -> Date {
        switch wait {
        case .seconds(let seconds): return now.addingTimeInterval(Double(seconds))
        case .timestamp(let date): return date
        case .secondsExpression(let expression):
            let value = try evaluating(on: input, frame) { (evaluator) throws(StatesError) in
                try evaluator.value(of: expression, field: "Seconds", expected: "number") {
                    $0.double == nil ? JSON?.none : $0
                }
            }
            return try end(after: value, "The Seconds field", at: "") { .query($0, at: "Seconds") }
        case .timestampExpression(let expression):
            let text = try evaluating(on: input, frame) { (evaluator) throws(StatesError) in
                try evaluator.value(of: expression, field: "Timestamp", expected: "string") { $0.string }
            }
            if let date = Timestamp.parse(text) { return date }
            throw .query(
                "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: \(text)",
                at: "Timestamp"
            )
        case .secondsPath(let path):
            guard let value = find(path, on: input, frame) else { throw missing("SecondsPath", path) }
            // AWS reads the text of the value, be it a number or a string.
            let seconds = Int(value.plain).map { JSON($0) } ?? .string(value.plain)
            return try end(after: seconds, "The SecondsPath parameter", at: "\(path.text) == ", runtime)
        case .timestampPath(let path):
            guard let value = find(path, on: input, frame) else { throw missing("TimestampPath", path) }
            guard let date = value.string.flatMap(Timestamp.parse) else {
                throw runtime(
                    "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time "
                        + "format string: \(path.text) == \(value.plain)"
                )
            }
            return date
        }
    }

    /// The time after so many seconds.
    private func end(
        after value: JSON,
        _ field: String,
        at place: String,
        _ error: (String) -> StatesError
    ) throws(StatesError) -> Date {
        guard let seconds = value.int else {
            throw error("\(field) cannot be parsed as a long value: \(place)\(value.plain)")
        }
        guard seconds >= 0 else { throw error("\(field) references a negative value: \(place)\(seconds)") }
        guard seconds <= 99_999_999 else {
            throw error("\(field) references a value above 99999999: \(place)\(seconds)")
        }
        return now.addingTimeInterval(Double(seconds))
    }

    private func missing(_ field: String, _ path: JSONPath) -> StatesError {
        runtime("The \(field) parameter does not reference an input value: \(path.text)")
    }

    func runtime(_ cause: String) -> StatesError {
        .runtime(cause)
    }
}

extension JSON {
    /// A string without its quotes, any other value as JSON text.
    var plain: String { string ?? text }
}
