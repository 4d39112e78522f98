import Foundation
import JSON
import Testing

@testable import StatesLanguage

/// Going on where an execution failed.
struct RedriveTests {
    @Test func `a failed task is scheduled again and its retries are counted anew`() throws {
        var simulation = try Simulation(
            JSON(
                written:
                    """
                    {"StartAt": "P", "States": {"P": {"Type": "Pass", "Next": "T"}, "T": {"Type": "Task",
                      "Resource": "arn:aws:states:::sns:publish", "Parameters": {"redrives.$": "$$.Execution.RedriveCount"},
                      "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 1}], "End": true}}}
                    """
            ),
            answers: ["T": [["error": "Busy"], ["error": "Busy"], ["error": "Busy"], ["output": 1]]]
        )
        simulation.run()
        #expect(simulation.result["error"] == "Busy")
        simulation.now += 100
        simulation.run(.redriven())
        #expect(simulation.result["output"] == 1)
        #expect(simulation.requests.map { $0.parameters["redrives"] } == [0, 0, 1, 1])
        #expect(simulation.state.context.execution.redriveTime == simulation.now.addingTimeInterval(-1))
        #expect(
            Array(simulation.lines.dropFirst(10).prefix(3)) == [
                "11<10 ExecutionFailed !Busy", "12<11 ExecutionRedriven", "13<12 TaskScheduled publish",
            ]
        )
    }

    @Test func `branches and iterations that succeeded keep their results`() throws {
        var simulation = try Simulation(
            JSON(
                written:
                    """
                    {"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
                      {"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 1, "End": true, "ItemProcessor": {
                        "StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish",
                          "End": true}}}}}},
                      {"StartAt": "U", "States": {"U": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish",
                        "End": true}}},
                      {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}}]}}}
                    """
            ),
            input: ["a", "b", "c"],
            answers: ["T": [["output": 1], ["error": "Bad"], ["output": 2], ["output": 3]], "U": [["output": "u"]]]
        )
        simulation.run()
        #expect(simulation.result["error"] == "Bad")
        let before = simulation.requests.count
        simulation.run(.redriven())
        #expect(simulation.result["output"] == [[1, 2, 3], "u", ["a", "b", "c"]])
        #expect(simulation.requests.dropFirst(before).map(\.parameters) == ["b", "c"])
    }

    @Test func `what a runtime error broke off goes on, deep within as well`() throws {
        var simulation = try Simulation(
            JSON(
                written:
                    """
                    {"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "P",
                      "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
                        {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 9, "Next": "D"},
                          "D": {"Type": "Pass", "End": true}}},
                        {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish",
                          "Next": "F"}, "F": {"Type": "Choice", "Choices": [{"Variable": "$$.Execution.RedriveCount",
                          "NumericEquals": 1, "Next": "S"}]}, "S": {"Type": "Succeed"}}}]}}}}}}
                    """
            ),
            input: ["a"],
            answers: ["T": [["output": "t"]]]
        )
        simulation.run()
        #expect(simulation.result["error"] == "States.Runtime")
        #expect(simulation.timers.isEmpty && simulation.waiting.isEmpty)
        #expect(simulation.lines.last == "14<13 ExecutionFailed !States.Runtime")
        simulation.run(.redriven())
        #expect(simulation.result["output"] == [["a", "t"]])
        #expect(simulation.requests.count == 1)
    }

    @Test func `an aborted wait waits again`() throws {
        var simulation = try Simulation(
            JSON(
                written:
                    """
                    {"StartAt": "W", "TimeoutSeconds": 90, "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}}
                    """
            )
        )
        simulation.send(.started)
        simulation.send(.stopped())
        #expect(simulation.timers.isEmpty)
        simulation.now += 1000
        simulation.run(.redriven())
        #expect(simulation.result["status"] == "SUCCEEDED")
        #expect(
            simulation.lines == [
                "1<0 ExecutionStarted", "2<0 WaitStateEntered W", "3<0 ExecutionAborted", "4<3 ExecutionRedriven",
                "5<4 WaitStateExited W", "6<5 ExecutionSucceeded",
            ]
        )
    }

    @Test func `an execution that timed out gets its time anew`() throws {
        var simulation = try Simulation(
            JSON(
                written:
                    """
                    {"StartAt": "T", "TimeoutSeconds": 5, "States": {"T": {"Type": "Task",
                      "Resource": "arn:aws:states:::sns:publish", "End": true}}}
                    """
            )
        )
        simulation.run()
        #expect(simulation.result["status"] == "TIMED_OUT")
        simulation.answers = ["T": [["output": 1]]]
        simulation.run(.redriven())
        #expect(simulation.result["output"] == 1)
        #expect(simulation.timers.isEmpty)
    }

    @Test func `an execution that succeeded or runs is not redriven`() throws {
        var simulation = try Simulation(
            JSON(
                written: """
                    {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}}
                    """
            )
        )
        simulation.send(.started)
        #expect(simulation.send(.redriven()) == Effects())
        simulation.run(.timerFired(timer: 1))
        #expect(simulation.send(.redriven()) == Effects())
    }
}
