import JSON
import StatesLanguage

/// One state as a machine of its own: what it leads to is there by name only.
struct StateUnderTest {
    /// The name the state is known by in texts.
    let name: String
    /// The state as its author wrote it.
    let source: JSON
    /// The machine around it.
    let definition: Definition

    /// The machine's name for a state that comes without one.
    private static let defaultName = "StateName"
    /// Who does the work of iterations and branches, which only a mock may.
    static let mockedResource = "arn:aws:states:::millrace:mock"

    init(_ request: TestStateRequest) throws(ExecutionError) {
        let json: JSON
        do {
            json = try JSON(parsing: request.definition)
        } catch {
            throw .invalidDefinition("INVALID_JSON_DESCRIPTION: \(error)")
        }
        var language = json["QueryLanguage"]
        if let wanted = request.stateName {
            guard let found = Self.find(wanted, in: json, &language) else {
                throw ExecutionError(.validation, "State not found in definition")
            }
            (name, source) = (wanted, found)
        } else {
            (name, source) = (Self.defaultName, json)
            language = nil
        }
        definition = try Self.definition(Self.machine(name, source, language))
    }

    /// Finds a state in any scope; notes the query language that holds where it is.
    private static func find(_ name: String, in scope: JSON, _ language: inout JSON?) -> JSON? {
        guard let states = scope["States"]?.object else { return nil }
        if let state = states[name] { return state }
        for (_, state) in states {
            let inner =
                (state["Branches"]?.array ?? []) + [state["ItemProcessor"], state["Iterator"]].compactMap { $0 }
            for scope in inner {
                var own = scope["QueryLanguage"] ?? state["QueryLanguage"] ?? language
                if let found = find(name, in: scope, &own) {
                    language = own
                    return found
                }
            }
        }
        return nil
    }

    private static func machine(_ name: String, _ state: JSON, _ language: JSON?) -> JSON {
        var states: JSONObject = [name: mocked(state)]
        for target in targets(of: state) where states[target] == nil { states[target] = ["Type": "Succeed"] }
        var machine: JSON = ["StartAt": .string(name), "States": .object(states)]
        machine["QueryLanguage"] = language
        return machine
    }

    /// The states that a state may lead to.
    private static func targets(of state: JSON) -> [String] {
        let rules = (state["Choices"]?.array ?? []) + (state["Catch"]?.array ?? [])
        return ([state["Next"], state["Default"]] + rules.map { $0["Next"] }).compactMap { $0?.string }
    }

    /// A Map or Parallel whose iterations or branches are one task each, which the mock answers.
    private static func mocked(_ state: JSON) -> JSON {
        let work: JSON = ["Type": "Task", "Resource": .string(mockedResource), "End": true]
        let scope: JSON = ["StartAt": "Mock", "States": ["Mock": work]]
        var state = state
        for key in ["ItemProcessor", "Iterator"] {
            guard let processor = state[key] else { continue }
            var mocked = scope
            mocked["ProcessorConfig"] = processor["ProcessorConfig"]
            state[key] = mocked
        }
        if let branches = state["Branches"]?.array {
            state["Branches"] = .array(
                branches.indices.map { index in
                    let name = "Mock \(index + 1)"
                    return ["StartAt": .string(name), "States": .object([name: work])]
                }
            )
        }
        return state
    }

    private static func definition(_ json: JSON) throws(ExecutionError) -> Definition {
        do {
            return try Definition(json)
        } catch {
            throw .invalidDefinition(error.description)
        }
    }

    /// The state's type.
    var type: String { source["Type"]?.string ?? "" }

    /// The resource of a Task.
    var resource: String { source["Resource"]?.string ?? "" }

    /// Whether the state's work is done elsewhere: a task that waits, iterations, branches.
    var needsMock: Bool {
        switch type {
        case "Parallel", "Map": true
        case "Task": isCallback || isSync || resource.contains(":activity:")
        default: false
        }
    }

    var isCallback: Bool { resource.hasSuffix(".waitForTaskToken") }

    var isSync: Bool { resource.contains(".sync") }

    /// Whether the state is a distributed Map.
    var isDistributed: Bool { source["ItemProcessor"]?["ProcessorConfig"]?["Mode"] == "DISTRIBUTED" }
}
