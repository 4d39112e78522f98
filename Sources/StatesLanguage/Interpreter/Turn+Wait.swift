import FoundationEssentials
import JSON

extension Turn {
    mutating func run(_ wait: WaitState, _ frame: inout Frame, _ current: StateDefinition) throws(StatesError) -> Step {
        let input = try effectiveInput(frame, current)
        let end = try end(of: wait, input, frame)
        guard end > now else { return try finishWait(frame, current) }
        frame.phase = .wait(timer: startTimer(.frame(frame.id), at: end))
        return .wait
    }

    func finishWait(_ frame: Frame, _ current: StateDefinition) throws(StatesError) -> Step {
        .exit(output: try output(effectiveInput(frame, current), frame, current), current.transition)
    }

    private func end(of wait: WaitState, _ input: JSON, _ frame: Frame) throws(StatesError) -> Date {
        switch wait {
        case .seconds(let seconds): return now.addingTimeInterval(Double(seconds))
        case .timestamp(let date): return date
        case .secondsExpression, .timestampExpression: throw runtime("JSONata is not understood yet")
        case .secondsPath(let path):
            guard let value = find(path, on: input, frame) else { throw missing("SecondsPath", path) }
            guard let seconds = value.int else {
                throw runtime(
                    "The SecondsPath parameter cannot be parsed as a long value: \(path.text) == \(value.plain)"
                )
            }
            guard seconds >= 0 else {
                throw runtime("The SecondsPath parameter references a negative value: \(path.text) == \(seconds)")
            }
            guard seconds <= 99_999_999 else {
                throw runtime("The SecondsPath parameter references a value above 99999999: \(path.text) == \(seconds)")
            }
            return now.addingTimeInterval(Double(seconds))
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

    private func missing(_ field: String, _ path: JSONPath) -> StatesError {
        runtime("The \(field) parameter does not reference an input value: \(path.text)")
    }

    func runtime(_ cause: String) -> StatesError {
        StatesError(name: StatesError.runtime, cause: cause)
    }
}

extension JSON {
    /// A string without its quotes, any other value as JSON text.
    var plain: String { string ?? text }
}
