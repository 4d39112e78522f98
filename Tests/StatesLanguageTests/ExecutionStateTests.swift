import Foundation
import JSON
import Testing

@testable import StatesLanguage

/// The saved form of an execution.
struct ExecutionStateTests {
    static func parallel(_ branches: Int, input: JSON) throws -> Simulation {
        let branch: JSON = [
            "Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": true, "TimeoutSeconds": 60,
        ]
        let scopes = (0..<branches).map { JSON.object(["StartAt": "T\($0)", "States": ["T\($0)": branch]]) }
        var simulation = try Simulation(
            ["StartAt": "P", "States": ["P": ["Type": "Parallel", "End": true, "Branches": .array(scopes)]]],
            input: input
        )
        simulation.send(.started)
        return simulation
    }

    @Test func `a state survives being saved`() throws {
        let state = try Self.parallel(3, input: ["a": [1, 2.0, nil]]).state
        let data = try JSONEncoder().encode(state)
        #expect(try JSONDecoder().decode(ExecutionState.self, from: data) == state)
    }

    @Test func `branches share the input they have in common`() throws {
        let input = JSON.string(String(repeating: "x", count: 10_000))
        let few = try Self.parallel(2, input: input).state.json.text.utf8.count
        let many = try Self.parallel(12, input: input).state.json.text.utf8.count
        #expect(few < 11_000)
        #expect(many < 13_000)
    }

    @Test func `an input that only equals another keeps its own numbers and order`() throws {
        var simulation = try Simulation(
            JSON(
                written: """
                    {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"b": 2, "a": 1.0}, "Next": "W"},
                      "W": {"Type": "Wait", "Seconds": 5, "End": true}}}
                    """
            ),
            input: ["a": 1, "b": 2]
        )
        simulation.run()
        #expect(simulation.result["output"]?.text == #"{"b":2,"a":1.0}"#)
    }

    @Test(arguments: ["next", "seed", "context", "status"])
    func `a saved state without a part is refused`(_ part: String) throws {
        var json = try Self.parallel(1, input: 1).state.json
        json[part] = nil
        #expect(throws: ExecutionState.DecodingFailure(part: part)) { try ExecutionState(json: json) }
    }

    @Test(arguments: ["frames", "tasks", "timers"])
    func `a saved state with a broken part is refused`(_ part: String) throws {
        var json = try Self.parallel(1, input: 1).state.json
        json[part] = [["nonsense"]]
        #expect(throws: ExecutionState.DecodingFailure(part: part)) { try ExecutionState(json: json) }
    }
}
