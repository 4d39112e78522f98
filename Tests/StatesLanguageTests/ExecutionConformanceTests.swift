import JSON
import Testing

@testable import StatesLanguage

/// Whole executions by their conformance data: definition and input in, result and history out.
struct ExecutionConformanceTests {
    @Test(arguments: ["states", "choice", "errors", "map", "parallel"].flatMap(ConformanceCase.all))
    func `an execution ends as it should`(_ item: ConformanceCase) throws {
        var answers: [String: [JSON]] = [:]
        for (name, script) in item.fields["answers"]?.object ?? [:] { answers[name] = script.array ?? [script] }
        var simulation = try Simulation(item.expression, input: item.given, answers: answers)
        simulation.run()
        if let result = item.result {
            #expect(simulation.result["output"]?.text == result.text, "\(simulation.result)")
        } else {
            #expect(simulation.result["error"]?.string == item.error, "\(simulation.result)")
        }
        if let cause = item.fields["cause"] { #expect(simulation.result["cause"] == cause) }
        if let history = item.fields["history"]?.array?.compactMap(\.string) {
            #expect(simulation.lines == history)
        }
        #expect(simulation.timers.isEmpty)
        #expect(simulation.waiting.isEmpty)
    }

    @Test(arguments: ConformanceCase.all(in: "rules"))
    func `a choice rule holds or does not`(_ item: ConformanceCase) throws {
        var rule = try #require(item.expression.object)
        rule["Next"] = "Yes"
        let definition: JSON = [
            "StartAt": "Choose",
            "States": [
                "Choose": ["Type": "Choice", "Choices": [.object(rule)], "Default": "No"],
                "Yes": ["Type": "Pass", "Result": true, "End": true],
                "No": ["Type": "Pass", "Result": false, "End": true],
            ],
        ]
        var simulation = try Simulation(definition, input: item.given)
        simulation.run()
        if let result = item.result {
            #expect(simulation.result["output"] == result, "\(simulation.result)")
        } else {
            #expect(simulation.result["error"] == "States.Runtime")
            #expect(simulation.result["cause"]?.string?.contains(item.error ?? "?") == true, "\(simulation.result)")
        }
    }

}
