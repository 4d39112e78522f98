import Foundation
import JSON
import Testing

@testable import StatesLanguage

/// What an execution may not exceed.
struct LimitTests {
    @Test func `a loop without wait ends`() throws {
        var configuration = Interpreter.Configuration()
        configuration.transitionLimit = 25_000
        var simulation = try Simulation(
            JSON(
                written:
                    """
                    {"StartAt": "A", "States": {"A": {"Type": "Choice", "Default": "B",
                      "Choices": [{"Variable": "$.stop", "IsPresent": true, "Next": "C"}]},
                      "B": {"Type": "Pass", "Next": "A"}, "C": {"Type": "Succeed"}}}
                    """
            ),
            payload: [:],
            configuration: configuration
        )
        simulation.run()
        #expect(simulation.result["error"] == "States.Runtime")
        #expect(simulation.result["cause"]?.string?.contains("more than 25000 transitions") == true)
        #expect(simulation.state.transitions == 25_001)
    }

    @Test
    func `an execution that makes too many transitions within a second fails, and one that takes its time does not`()
        throws
    {
        let loop = JSON(
            written:
                """
                {"StartAt": "A", "States": {
                  "A": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "B"},
                  "B": {"Type": "Choice", "Default": "A",
                    "Choices": [{"Variable": "$.stop", "IsPresent": true, "Next": "C"}]},
                  "C": {"Type": "Succeed"}}}
                """
        )
        var configuration = Interpreter.Configuration()
        configuration.transitionsPerSecond = 10
        var hasty = try Simulation(loop, payload: ["seconds": 0], configuration: configuration)
        hasty.run()
        #expect(hasty.result["error"] == "States.Runtime")
        let cause = hasty.result["cause"]?.string ?? ""
        #expect(cause.hasPrefix("The execution made more than 10 transitions within a second"))
        var calm = try Simulation(loop, payload: ["seconds": 1], configuration: configuration)
        calm.send(.started)
        for _ in 0..<50 { _ = calm.fireTimer() }
        #expect(calm.state.isRunning)
        #expect(calm.state.transitions >= 50)
    }

    /// A loop through a Choice, a Parallel with a task and a Wait.
    private static let loop = JSON(
        written:
            """
            {"StartAt": "A", "States": {
              "A": {"Type": "Choice", "Default": "P", "Choices": [{"Variable": "$.stop", "IsPresent": true, "Next": "C"}]},
              "P": {"Type": "Parallel", "ResultPath": null, "Next": "A", "Branches": [
                {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": true}}},
                {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": true}}}]},
              "C": {"Type": "Succeed"}}}
            """
    )

    @Test(arguments: 20..<60)
    func `the last event that there is room for tells that there is room for no more`(_ limit: Int) throws {
        var configuration = Interpreter.Configuration()
        configuration.historyLimit = limit
        var simulation = try Simulation(
            Self.loop,
            payload: [:],
            answers: ["T": [["output": 1]]],
            configuration: configuration
        )
        simulation.run()
        #expect(simulation.history.map(\.id) == Array(1...limit))
        #expect(simulation.lines.last == "\(limit)<\(limit - 1) ExecutionFailed !States.Runtime")
        #expect(
            simulation.result["cause"]
                == .string("The execution reached the maximum number of history events (\(limit)).")
        )
        #expect(simulation.timers.isEmpty && simulation.waiting.isEmpty)
        simulation.send(.redriven())
        #expect(simulation.state.isRunning == false)
    }

    @Test func `an execution that ends in time has its whole history`() throws {
        var configuration = Interpreter.Configuration()
        configuration.historyLimit = 4
        let definition: JSON = ["StartAt": "A", "States": ["A": ["Type": "Pass", "End": true]]]
        var simulation = try Simulation(definition, payload: [:], configuration: configuration)
        simulation.run()
        #expect(simulation.lines.last == "4<3 ExecutionSucceeded")
    }

    @Test func `a cause may do without the state's name`() throws {
        var configuration = Interpreter.Configuration()
        configuration.namesStateInCauses = false
        let definition = JSON(
            written: #"{"StartAt": "A", "States": {"A": {"Type": "Pass", "InputPath": "$.x", "End": true}}}"#
        )
        var simulation = try Simulation(definition, payload: [:], configuration: configuration)
        simulation.run()
        #expect(simulation.result["cause"] == "Invalid path '$.x' : No results for path: $['x']")
    }

    @Test func `the variables of an execution have room for ten megabytes`() throws {
        var states: JSONObject = [:]
        for index in 0..<42 {
            states["S\(index)"] = [
                "Type": "Pass", "QueryLanguage": "JSONata", "Next": .string("S\(index + 1)"),
                "Assign": [("v\(index)", "{% $pad('', 250000, 'x') %}")].reduce(into: [:]) { $0[$1.0] = JSON($1.1) },
            ]
        }
        states["S42"] = ["Type": "Succeed"]
        var simulation = try Simulation(["StartAt": "S0", "States": .object(states)])
        simulation.send(.started)
        #expect(simulation.result["error"] == "States.DataLimitExceeded")
        #expect(
            simulation.result["cause"] == "The variables of the execution exceed the maximum size of 10485760 bytes."
        )
        // 41 variables of 250,005 bytes and a little have room.
        #expect(simulation.state.variables.values.first?.count == 41)
    }

    @Test func `variables of scopes that ended take no room`() throws {
        var simulation = try Simulation(
            JSON(
                written:
                    """
                    {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": {"StartAt": "I", "States": {
                      "I": {"Type": "Pass", "Assign": {"x": 1}, "Next": "J"}, "J": {"Type": "Pass", "End": true}}},
                      "Assign": {"y": 2}, "Next": "W"}, "W": {"Type": "Wait", "Seconds": 5, "End": true}}}
                    """
            ),
            input: [1, 2, 3]
        )
        simulation.send(.started)
        #expect(simulation.state.variables.values.map(\.count) == [1])
        #expect(simulation.state.variableBytes == 2)
    }

    @Test func `a Map over many items takes them one by one`() throws {
        let count = 5_000
        var simulation = try Simulation(
            JSON(
                written:
                    """
                    {"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": {
                      "StartAt": "I", "States": {"I": {"Type": "Pass", "Parameters": {"i.$": "$$.Map.Item.Index"},
                        "OutputPath": "$.i", "End": true}}}, "End": true}}}
                    """
            ),
            input: .array((0..<count).map { JSON($0 % 10) })
        )
        let began = ContinuousClock.now
        simulation.run()
        #expect(simulation.result["output"]?.array?.count == count)
        #expect(ContinuousClock.now - began < .seconds(30))
    }
}
