import JSON
import Testing

@testable import StatesLanguage

/// Whole executions by their conformance data: definition and input in, result and history out.
struct ExecutionConformanceTests {
    static let topics = [
        "states", "choice", "errors", "map", "parallel", "jsonata", "variables", "distributed", "error-names", "texts",
        "golden", "runtime",
    ]

    @Test(arguments: topics.flatMap(ConformanceCase.all))
    func `an execution ends as it should`(_ item: ConformanceCase) throws {
        let simulation = try Self.run(item)
        if let text = item.fields["text"]?.string {
            // Texts are equal byte by byte: letters of another make are not the same.
            #expect(simulation.outputText.map { Array($0.utf8) } == Array(text.utf8), "\(simulation.result)")
        } else if let result = item.result {
            #expect(simulation.result["output"]?.text == result.text, "\(simulation.result)")
        } else {
            #expect(simulation.result["error"]?.string == item.error, "\(simulation.result)")
        }
        if let cause = item.fields["cause"] { #expect(simulation.result["cause"] == cause) }
        if let history = item.fields["history"]?.array?.compactMap(\.string) {
            #expect(simulation.lines == history)
        }
        for (name, actual) in simulation.evidence {
            if let expected = item.fields[name]?.array { #expect(actual.map(\.text) == expected.map(\.text)) }
        }
        #expect(simulation.timers.isEmpty)
        #expect(simulation.waiting.isEmpty && simulation.waitingMapRuns.isEmpty)
    }

    @Test(arguments: topics.flatMap(ConformanceCase.all))
    func `an execution whose calls have no time takes the same way`(_ item: ConformanceCase) throws {
        let calm = try Self.run(item)
        let hasty = try Self.run(item, isHasty: true)
        #expect(hasty.result == calm.result)
        #expect(hasty.lines == calm.lines)
    }

    private static func run(_ item: ConformanceCase, isHasty: Bool = false) throws -> Simulation {
        var answers: [String: [JSON]] = [:]
        for (name, script) in item.fields["answers"]?.object ?? [:] { answers[name] = script.array ?? [script] }
        let given = try item.fields["givenText"]?.string.map { try Payload(parsing: $0) } ?? Payload(item.given)
        var simulation = try Simulation(item.expression, payload: given, answers: answers)
        simulation.isHasty = isHasty
        simulation.run()
        return simulation
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

extension Simulation {
    fileprivate var outputText: String? {
        if case .succeeded(let output) = outcome { output.text } else { nil }
    }

    /// What cases may tell beside the result: what was asked, and events as they are answered.
    fileprivate var evidence: [String: [JSON]] {
        [
            "requests": requests.map(\.expectation), "mapRuns": mapRuns.map(\.expectation),
            "events": history.map(\.json), "texts": history.flatMap(\.texts).map(JSON.string),
        ]
    }
}

extension HistoryEvent {
    /// The JSON texts of the event, each with its name.
    fileprivate var texts: [String] {
        ["input", "output", "parameters"].compactMap { name in
            allDetails[name]?.string.map { "\(type.rawValue) \(name) \($0)" }
        }
    }
}
