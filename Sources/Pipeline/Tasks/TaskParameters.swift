internal import DurableExecution
internal import JSON
internal import StatesLanguage

/// Reads the parameters of a task, and words what is wrong with them as Step Functions does.
struct TaskParameters {
    /// The parameters as they came.
    let json: JSON
    private let stateName: String

    /// Reads the parameters of a task.
    ///
    /// - Parameters:
    ///   - task: The task.
    ///   - names: The fields that mean something; any other is refused. `nil` takes all.
    /// - Throws: `States.Runtime`.
    init(_ task: TaskInvocation, names: Set<String>? = nil) throws(StatesError) {
        json = task.parameters
        stateName = task.stateName
        guard let object = json.object else { throw refusal("The parameters must be an object") }
        guard let names, let unknown = object.keys.first(where: { !names.contains($0) }) else { return }
        let suggestion = NearestName.find(unknown, among: names).map { ", did you mean \"\($0)\"?" } ?? ""
        throw refusal("The field \"\(unknown)\" is not supported by Step Functions\(suggestion)")
    }

    /// A field, unless it is absent or `null`.
    subscript(_ name: String) -> JSON? { json[name].flatMap { $0.isNull ? nil : $0 } }

    /// A text that must be there.
    func string(_ name: String) throws(StatesError) -> String {
        guard let text = try optionalString(name) else {
            throw refusal("The field '\(name)' is required but was missing")
        }
        return text
    }

    /// A text that may be absent.
    func optionalString(_ name: String) throws(StatesError) -> String? { try value(name, \.string) }

    /// A whole number that may be absent.
    func optionalInt(_ name: String) throws(StatesError) -> Int? { try value(name, \.int) }

    /// An object that may be absent.
    func optionalObject(_ name: String) throws(StatesError) -> JSONObject? { try value(name, \.object) }

    /// An object of texts that may be absent.
    func optionalTexts(_ name: String) throws(StatesError) -> [String: String]? {
        guard let object = try optionalObject(name) else { return nil }
        var texts: [String: String] = [:]
        for (key, value) in object {
            guard let text = value.string else { throw malformed(name) }
            texts[key] = text
        }
        return texts
    }

    /// The error of a field whose value has the wrong form.
    func malformed(_ name: String) -> StatesError { refusal("The value of the field '\(name)' has an invalid format") }

    /// An error of the parameters, with what is wrong.
    func refusal(_ fault: String) -> StatesError {
        let text = json.text
        let shown = text.utf8.count > 2000 ? "\(text.prefix(2000))…" : text
        return StatesError(
            name: StatesError.runtime,
            cause: "An error occurred while executing the state '\(stateName)'. The Parameters '\(shown)' could not be "
                + "used to start the Task: [\(fault)]"
        )
    }

    private func value<Value>(_ name: String, _ read: (JSON) -> Value?) throws(StatesError) -> Value? {
        guard let json = self[name] else { return nil }
        guard let value = read(json) else { throw malformed(name) }
        return value
    }
}
