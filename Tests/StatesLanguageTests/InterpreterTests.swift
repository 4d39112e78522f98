import Foundation
import JSON
import Testing

@testable import StatesLanguage

/// Events in, commands out.
struct InterpreterTests {
    static let task = JSON(
        written:
            """
            {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
              "Parameters": {"x.$": "$.x", "token.$": "$$.Task.Token"}, "TimeoutSeconds": 60, "HeartbeatSeconds": 10,
              "End": true}}}
            """
    )

    @Test func `a task is asked for with its timers`() throws {
        var simulation = try Simulation(Self.task, input: ["x": 1])
        let effects = simulation.send(.started)
        let request = try #require(simulation.requests.first)
        #expect(request.parameters == ["x": 1, "token": .string(request.token)])
        #expect(TaskToken.isGenuine(request.token, key: []))
        #expect(
            effects.commands == [
                .scheduleTask(request),
                .startTimer(id: 1, fireAt: simulation.now.addingTimeInterval(60)),
                .startTimer(id: 2, fireAt: simulation.now.addingTimeInterval(10)),
            ]
        )
        #expect(request.timeoutSeconds == 60)
        #expect(request.heartbeatSeconds == 10)
        #expect(simulation.state.currentStateNames == ["T"])
        #expect(simulation.state.openTaskIDs == [1])
        #expect(simulation.state.openTimerIDs == [1, 2])
    }

    @Test func `a heartbeat moves the heartbeat's timer`() throws {
        var simulation = try Simulation(Self.task, input: ["x": 1])
        simulation.send(.started)
        simulation.now += 9
        let effects = simulation.send(.taskHeartbeat(task: 1))
        #expect(effects.history.isEmpty)
        #expect(
            effects.commands == [.cancelTimer(2), .startTimer(id: 3, fireAt: simulation.now.addingTimeInterval(10))]
        )
    }

    @Test func `a finished task cancels its timers and ends the execution`() throws {
        var simulation = try Simulation(Self.task, input: ["x": 1])
        simulation.send(.started)
        let effects = simulation.send(.taskSucceeded(task: 1, output: 5))
        #expect(effects.commands == [.cancelTimer(1), .cancelTimer(2), .end(.succeeded(output: 5))])
        #expect(
            effects.history.map(\.type) == [.taskStarted, .taskSucceeded, .taskStateExited, .executionSucceeded]
        )
        #expect(simulation.state.status == .succeeded)
        #expect(!simulation.state.isRunning)
    }

    @Test func `a task that takes too long is cancelled`() throws {
        var simulation = try Simulation(Self.task, input: ["x": 1])
        simulation.send(.started)
        simulation.now += 60
        let effects = simulation.send(.timerFired(timer: 1))
        #expect(
            effects.commands == [
                .cancelTimer(2), .cancelTask(1), .end(.failed(StatesError(name: "States.Timeout"))),
            ]
        )
    }

    @Test(arguments: [
        Event.taskStarted(task: 1), .taskSubmitted(task: 1, output: 1), .taskSucceeded(task: 1, output: 1),
        .taskFailed(task: 1, error: StatesError(name: "X")), .taskHeartbeat(task: 1), .timerFired(timer: 1), .started,
        .stopped(), .redriven(),
    ])
    func `an event that comes after the end has no effects`(_ event: Event) throws {
        var simulation = try Simulation(Self.task, input: ["x": 1])
        simulation.send(.started)
        simulation.send(.taskSucceeded(task: 1, output: 5))
        let before = simulation.state
        #expect(simulation.send(event) == Effects())
        #expect(simulation.state == before)
    }

    @Test(arguments: [
        Event.started, .taskSucceeded(task: 2, output: 1), .taskFailed(task: 0, error: StatesError(name: "X")),
        .taskSubmitted(task: 7, output: 1), .taskHeartbeat(task: 3), .timerFired(timer: 9), .redriven(),
    ])
    func `an event about nothing that is open has no effects`(_ event: Event) throws {
        var simulation = try Simulation(Self.task, input: ["x": 1])
        simulation.send(.started)
        let before = simulation.state
        #expect(simulation.send(event) == Effects())
        #expect(simulation.state == before)
    }

    @Test func `a task is started once however often a worker takes it`() throws {
        var simulation = try Simulation(Self.task, input: ["x": 1])
        simulation.send(.started)
        #expect(simulation.send(.taskStarted(task: 1)).history.count == 1)
        #expect(simulation.send(.taskStarted(task: 1)) == Effects())
    }

    @Test func `stopping aborts what is open`() throws {
        var simulation = try Simulation(
            JSON(
                written:
                    """
                    {"StartAt": "P", "TimeoutSeconds": 900, "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
                      {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish",
                        "End": true}}},
                      {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}}]}}}
                    """
            )
        )
        simulation.send(.started)
        let effects = simulation.send(.stopped(error: "Mine", cause: "enough"))
        #expect(
            effects.commands == [
                .cancelTask(1), .cancelTimer(2), .cancelTimer(1), .end(.aborted(error: "Mine", cause: "enough")),
            ]
        )
        #expect(effects.history.map(\.type) == [.executionAborted])
        #expect(effects.history.first?.details == ["error": "Mine", "cause": "enough"])
        #expect(simulation.state.status == .aborted)
        #expect(simulation.state.currentStateNames.isEmpty)
    }

    @Test func `the machine's time is limited`() throws {
        var simulation = try Simulation(
            JSON(
                written:
                    """
                    {"StartAt": "W", "TimeoutSeconds": 5, "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}}
                    """
            )
        )
        simulation.run()
        #expect(simulation.result == ["status": "TIMED_OUT", "error": "States.Timeout"])
        #expect(simulation.lines.last == "3<0 ExecutionTimedOut !States.Timeout")
        #expect(simulation.timers.isEmpty)
    }

    @Test func `an endless loop yields and can be stopped`() throws {
        var simulation = try Simulation(
            JSON(
                written:
                    """
                    {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"},
                      "B": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": true, "Next": "C"}], "Default": "A"},
                      "C": {"Type": "Succeed"}}}
                    """
            ),
            input: ["x": 1]
        )
        let first = simulation.send(.started)
        #expect(first.commands == [.startTimer(id: 1, fireAt: simulation.now)])
        #expect(first.history.count == 2001)
        let second = simulation.send(.timerFired(timer: 1))
        #expect(second.commands == [.startTimer(id: 2, fireAt: simulation.now)])
        #expect(second.history.first?.previousID == first.history.last?.id)
        #expect(simulation.send(.stopped()).commands.last == .end(.aborted(error: nil, cause: nil)))
    }

    @Test func `equal seeds make equal executions`() throws {
        let definition = JSON(
            written:
                """
                {"StartAt": "P", "States": {"P": {"Type": "Pass", "Parameters": {"id.$": "States.UUID()",
                  "n.$": "States.MathRandom(0, 1000000)"}, "End": true}}}
                """
        )
        var outputs: [JSON] = []
        for seed in [1, 1, 2] as [UInt64] {
            var simulation = try Simulation(definition, seed: seed)
            simulation.run()
            outputs.append(simulation.result)
        }
        #expect(outputs[0] == outputs[1])
        #expect(outputs[0] != outputs[2])
    }

    @Test func `only so many iterations run at once`() throws {
        let map = JSON(
            written:
                """
                {"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 2, "End": true, "ItemProcessor": {
                  "StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": true}}}}}}
                """
        )
        var simulation = try Simulation(map, input: [1, 2, 3, 4, 5])
        simulation.send(.started)
        #expect(simulation.state.openTaskIDs == [1, 2])
        simulation.send(.taskSucceeded(task: 2, output: "b"))
        #expect(simulation.state.openTaskIDs == [1, 3])
        #expect(simulation.requests.map(\.parameters) == [1, 2, 3])
        simulation.answers = ["T": [["output": "x"]]]
        while simulation.answerTask() {}
        #expect(simulation.result["output"] == ["x", "b", "x", "x", "x"])
    }

    @Test func `an inline map without a limit runs forty at once`() throws {
        let map = JSON(
            written:
                """
                {"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {
                  "StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": true}}}}}}
                """
        )
        var simulation = try Simulation(map, input: .array((0..<100).map { JSON($0) }))
        simulation.send(.started)
        #expect(simulation.state.openTaskIDs.count == 40)
        simulation.answers = ["T": [["output": 1]]]
        while simulation.answerTask() {}
        #expect(simulation.result["output"]?.array?.count == 100)
    }

    @Test func `the role of a task shows in its history`() throws {
        var simulation = try Simulation(
            JSON(
                written: """
                    {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish",
                      "Credentials": {"RoleArn.$": "States.Format('arn:{}', $.role)"}, "End": true}}}
                    """
            ),
            input: ["role": "x"]
        )
        let scheduled = simulation.send(.started).history.last
        #expect(scheduled?.details["taskCredentials"] == ["roleArn": "arn:x"])
        #expect(simulation.requests.first?.parameters == ["role": "x"])
    }
}
