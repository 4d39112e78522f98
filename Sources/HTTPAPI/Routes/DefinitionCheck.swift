internal import JSON
internal import StatesLanguage

/// What `ValidateStateMachineDefinition` answers: every fault of a definition, and none of it created.
struct DefinitionCheck {
    /// The answer.
    let json: JSON

    private enum Severity: String, CaseIterable {
        case error = "ERROR"
        case warning = "WARNING"
    }

    /// Checks a definition that may ask only the resources of a catalogue.
    init(_ input: OperationInput, resources: ResourceCatalogue) throws(WireError) {
        let text = try input.string("definition", length: 1...1_048_576)
        let severity = try input.optionalCase("severity", of: Severity.self) ?? .error
        let limit = try input.optionalInt("maxResults", in: 0...100) ?? 0
        let type = try input.optionalCase("type", of: StateMachineType.self) ?? .standard
        let faults = Self.faults(of: text, type, resources).filter { severity == .warning || $0["severity"] == "ERROR" }
        let shown = faults.prefix(limit == 0 ? 100 : limit)
        json = [
            "result": faults.contains { $0["severity"] == "ERROR" } ? "FAIL" : "OK",
            "diagnostics": .array(Array(shown)),
            "truncated": .bool(shown.count < faults.count),
        ]
    }

    private static func faults(
        of text: String,
        _ type: StateMachineType,
        _ resources: ResourceCatalogue
    ) -> [JSON] {
        do {
            let definition = try JSON(parsing: text)
            return Definition.diagnostics(for: definition, type: type, resources: resources).map(\.json)
        } catch {
            return [["severity": "ERROR", "code": "INVALID_JSON_DESCRIPTION", "message": .string("\(error)")]]
        }
    }
}

extension Diagnostic {
    fileprivate var json: JSON {
        .present([
            "severity": .string(severity.rawValue),
            "code": .string(code.rawValue),
            "message": .string(message),
            "location": location.map(JSON.string),
        ])
    }
}
