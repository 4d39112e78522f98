public import JSON
import StatesLanguage

/// What `TestState` answers.
public struct TestStateResult: Sendable, Equatable {
    /// How the state ended.
    public enum Status: String, Sendable {
        case succeeded = "SUCCEEDED"
        case failed = "FAILED"
        case retriable = "RETRIABLE"
        case caughtError = "CAUGHT_ERROR"
    }

    /// How the state ended.
    public var status: Status
    /// The output, as JSON text.
    public var output: String?
    /// The error's name.
    public var error: String?
    /// The error's cause.
    public var cause: String?
    /// The state that comes next.
    public var nextState: String?
    /// What each step made of the data; `nil` unless asked for.
    public var inspectionData: JSON?

    /// The answer's members.
    public var json: JSON {
        var json: JSON = ["status": .string(status.rawValue)]
        if let output { json["output"] = .string(output) }
        if let error { json["error"] = .string(error) }
        if let cause { json["cause"] = .string(cause) }
        if let nextState { json["nextState"] = .string(nextState) }
        if let inspectionData { json["inspectionData"] = inspectionData }
        return json
    }
}

extension Inspection {
    /// The data as `inspectionData` shows it: texts of JSON, but for what is a number.
    func json(error: Bool) -> JSON {
        var json = JSONObject()
        for field in Field.allCases {
            guard let payload = values[field] else { continue }
            switch field {
            case .toleratedFailureCount, .toleratedFailurePercentage, .maxConcurrency:
                json[field.rawValue] = payload.value
            default: json[field.rawValue] = .string(payload.text)
            }
        }
        if !variables.isEmpty { json["variables"] = .string(JSON.object(variables).text) }
        if error, let details = errorDetails { json["errorDetails"] = details }
        return .object(json)
    }

    private var errorDetails: JSON? {
        if let catchIndex { return ["catchIndex": JSON(catchIndex)] }
        guard let retryIndex else { return nil }
        return [
            "retryIndex": JSON(retryIndex),
            "retryBackoffIntervalSeconds": JSON(Int(retryBackoffIntervalSeconds ?? 0)),
        ]
    }
}
