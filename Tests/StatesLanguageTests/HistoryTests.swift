import Foundation
import JSON
import Testing

@testable import StatesLanguage

/// The shape of history events.
struct HistoryTests {
    @Test func `events have the shape of AWS`() throws {
        var simulation = try Simulation(
            JSON(
                written:
                    """
                    {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish",
                      "TimeoutSeconds": 5, "HeartbeatSeconds": 2, "End": true}}}
                    """
            ),
            input: ["x": 1],
            answers: ["T": [["output": ["id": 7]]]]
        )
        simulation.now += 0.1239
        simulation.run()
        let golden = try ConformanceCase.all(in: "history").map { try #require($0.result).text }
        #expect(simulation.history.map(\.json.text) == golden)
    }

    @Test(
        arguments: [
            (HistoryEventType.taskStateEntered, "stateEnteredEventDetails"),
            (.passStateExited, "stateExitedEventDetails"),
            (.mapStateStarted, "mapStateStartedEventDetails"),
            (.mapIterationStarted, "mapIterationStartedEventDetails"),
            (.lambdaFunctionScheduled, "lambdaFunctionScheduledEventDetails"),
            (.executionRedriven, "executionRedrivenEventDetails"), (.lambdaFunctionStarted, nil),
            (.mapStateFailed, nil),
            (.parallelStateStarted, nil), (.taskStateAborted, nil),
        ] as [(HistoryEventType, String?)]
    )
    func `the details stand under their name`(_ type: HistoryEventType, _ member: String?) {
        #expect(type.detailsMember == member)
    }
}
