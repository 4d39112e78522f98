import FoundationEssentials
import JSON
import StatesLanguage

/// The context object of a test: what the caller says of it, and for the rest what a test is.
struct TestContext {
    let execution: ExecutionContext

    /// Reads the context object of a request.
    ///
    /// - Throws: `ValidationException` for members that a test cannot have or that are of a wrong type.
    init(
        _ text: String?,
        of state: StateUnderTest,
        input: Payload,
        names: ResourceNames,
        role: String?,
        now: Date
    ) throws(ExecutionError) {
        let json = try Self.object(text)
        if json["Map"] != nil {
            throw Self.invalid("'Map' field is not supported when mocking a Context object")
        }
        if json["Task"] != nil, !state.isCallback, !state.isSync {
            throw Self.invalid(
                "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' "
                    + "service integration pattern"
            )
        }
        let run = json["Execution"]
        let machine = json["StateMachine"]
        execution = ExecutionContext(
            execution: .init(
                id: try Self.string("Id", in: run, "Execution") ?? names.execution("TestState", of: "TestState"),
                name: try Self.string("Name", in: run, "Execution") ?? "TestState",
                roleArn: try Self.string("RoleArn", in: run, "Execution") ?? role ?? "",
                startTime: try Self.date("StartTime", in: run, "Execution") ?? now,
                input: input
            ),
            stateMachine: .init(
                id: try Self.string("Id", in: machine, "StateMachine") ?? names.stateMachine("TestState"),
                name: try Self.string("Name", in: machine, "StateMachine") ?? "TestState"
            )
        )
    }

    private static func object(_ text: String?) throws(ExecutionError) -> JSON {
        guard let text else { return [:] }
        guard let json = try? JSON(parsing: text), json.object != nil else {
            throw invalid("it must be a JSON object")
        }
        return json
    }

    private static func string(_ key: String, in json: JSON?, _ name: String) throws(ExecutionError) -> String? {
        guard let value = json?[key] else { return nil }
        guard let text = value.string else { throw invalid("\(name).\(key) must be a string") }
        return text
    }

    private static func date(_ key: String, in json: JSON?, _ name: String) throws(ExecutionError) -> Date? {
        guard let text = try string(key, in: json, name) else { return nil }
        guard let date = try? Date(text, strategy: .iso8601) else {
            throw invalid("\(name).\(key) must be a timestamp such as 2026-01-31T12:00:00Z")
        }
        return date
    }

    private static func invalid(_ fact: String) -> ExecutionError {
        ExecutionError(.validation, "Invalid Context object provided: \(fact)")
    }
}
