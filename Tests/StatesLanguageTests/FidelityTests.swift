import Foundation
import JSON
import Testing

@testable import StatesLanguage

/// What is passed on untouched is shown as it came.
struct FidelityTests {
    static let text = #"{ "list" : ["Hello", "World"],  "big": 123456789012345678901234567890, "e": 1.50 }"#

    static func machine(_ states: String) -> JSON { JSON(written: #"{"StartAt": "A", "States": {\#(states)}}"#) }

    static func texts(_ simulation: Simulation) -> [String] {
        simulation.history.compactMap { event in
            let details = event.allDetails
            return (details["input"] ?? details["output"] ?? details["parameters"])?.string
        }
    }

    @Test func `the input's text goes through states that leave it alone`() throws {
        let states = """
            "A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Wait", "Seconds": 1, "Next": "C"},
            "C": {"Type": "Choice", "Choices": [{"Variable": "$.e", "NumericEquals": 1.5, "Next": "D"}]},
            "D": {"Type": "Pass", "Result": 1, "ResultPath": null, "Next": "E"}, "E": {"Type": "Succeed"}
            """
        var simulation = try Simulation(Self.machine(states), payload: Payload(parsing: Self.text))
        simulation.run()
        #expect(Set(Self.texts(simulation)) == [Self.text])
        #expect(simulation.outcome == .succeeded(output: try Payload(parsing: Self.text)))
    }

    @Test func `what is computed is compact, and keeps the digits of its parts`() throws {
        let states =
            #""A": {"Type": "Pass", "Parameters": {"n.$": "$.big", "l.$": "$.list", "e.$": "$.e"}, "End": true}"#
        var simulation = try Simulation(Self.machine(states), payload: Payload(parsing: Self.text))
        simulation.run()
        let computed = #"{"n":123456789012345678901234567890,"l":["Hello","World"],"e":1.5}"#
        #expect(Self.texts(simulation) == [Self.text, Self.text, computed, computed])
    }

    @Test func `a task's input and output keep their text`() throws {
        let states =
            #""A": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:123456789012:activity:a", "End": true}"#
        var simulation = try Simulation(Self.machine(states), payload: Payload(parsing: Self.text))
        simulation.send(.started)
        #expect(simulation.requests.first?.input.text == Self.text)
        simulation.send(.taskSucceeded(task: 1, output: try Payload(parsing: "[ 1, 2 ]")))
        #expect(Self.texts(simulation) == [Self.text, Self.text, Self.text] + Array(repeating: "[ 1, 2 ]", count: 3))
    }

    @Test func `branches get the text of their input`() throws {
        let states = """
            "A": {"Type": "Parallel", "Branches": [{"StartAt": "B", "States": {"B": {"Type": "Pass", "End": true}}}],
              "End": true}
            """
        var simulation = try Simulation(Self.machine(states), payload: Payload(parsing: "[ 1 ]"))
        simulation.run()
        #expect(Self.texts(simulation) == ["[ 1 ]", "[ 1 ]", "[ 1 ]", "[ 1 ]", "[[1]]", "[[1]]"])
    }

    @Test func `compact text is kept but once`() throws {
        #expect(try Payload(parsing: #"{"a":[1,2.5]}"#).source == nil)
        #expect(try Payload(parsing: #"{"a": 1}"#).source == #"{"a": 1}"#)
        #expect(try Payload(parsing: #""\u0041""#).text == #""\u0041""#)
    }

    @Test func `assigned variables are shown as texts`() throws {
        let states = #""A": {"Type": "Pass", "Assign": {"s": "x", "o": {"k": [1, 2]}, "n": null}, "End": true}"#
        var simulation = try Simulation(Self.machine(states))
        simulation.run()
        let details = try #require(simulation.history[2].json["stateExitedEventDetails"])
        #expect(details["assignedVariables"] == ["s": "\"x\"", "o": #"{"k":[1,2]}"#, "n": "null"])
        #expect(details["assignedVariablesDetails"] == ["truncated": false])
        #expect(simulation.history[1].json["stateEnteredEventDetails"]?["assignedVariables"] == nil)
    }

    @Test func `a failed evaluation tells its state and field`() throws {
        let states =
            #""A": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": {"x": "{% $nope() %}"}, "End": true}"#
        var simulation = try Simulation(Self.machine(states))
        simulation.run()
        let details = try #require(simulation.history[2].json["evaluationFailedEventDetails"])
        #expect(details["location"] == "Output/x")
        #expect(details["state"] == "A")
        #expect(details["error"] == "States.QueryEvaluationError")
        #expect(details["cause"] == simulation.result["cause"])
    }
}
