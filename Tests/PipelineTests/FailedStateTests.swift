import JSON
import Testing

@testable import Pipeline

@Suite struct FailedStateTests {
    /// A history, oldest first: id, the id before, the type, and the state's name if one was entered.
    private func history(_ events: [(id: Int, previous: Int, type: String, name: String?)]) -> [JSON] {
        events.reversed().map { event in
            var json: JSON = [
                "id": JSON(event.id), "previousEventId": JSON(event.previous), "type": .string(event.type),
            ]
            if let name = event.name { json["stateEnteredEventDetails"] = ["name": .string(name)] }
            return json
        }
    }

    @Test func `the state of a failed iteration is found, not that of its neighbours`() {
        let events = history([
            (1, 0, "ExecutionStarted", nil), (2, 0, "MapStateEntered", "Import Datasets"),
            (3, 2, "MapStateStarted", nil), (4, 3, "MapIterationStarted", nil), (5, 3, "MapIterationStarted", nil),
            (6, 4, "TaskStateEntered", "Describe Schema"), (7, 5, "TaskStateEntered", "Describe Dataset"),
            (8, 6, "TaskScheduled", nil), (9, 7, "TaskScheduled", nil), (10, 8, "TaskFailed", nil),
            (11, 9, "TaskSucceeded", nil), (12, 11, "TaskStateExited", nil),
            (13, 12, "FailStateEntered", "Import Failed"),
            (14, 13, "MapIterationFailed", nil), (15, 13, "TaskStateAborted", nil),
            (16, 13, "MapIterationAborted", nil), (17, 13, "MapStateFailed", nil), (18, 17, "ExecutionFailed", nil),
        ])
        #expect(FailedState.name(in: events) == "Import Failed")
    }

    @Test func `a failure that was caught long before is not taken for the one that counts`() {
        let events = history([
            (1, 0, "ExecutionStarted", nil), (2, 0, "TaskStateEntered", "Describe"), (3, 2, "TaskScheduled", nil),
            (4, 3, "TaskFailed", nil), (5, 4, "TaskStateExited", nil), (6, 5, "PassStateEntered", "Group Failed"),
            (7, 6, "PassStateExited", nil), (8, 7, "TaskStateEntered", "Notify"), (9, 8, "TaskScheduled", nil),
        ])
        #expect(FailedState.name(in: events, before: "Notify") == "Group Failed")
        #expect(FailedState.name(in: events) == "Notify")
    }

    @Test func `nothing is found where the way back leads out of the events`() {
        let events = history([(41, 12, "MapStateFailed", nil), (42, 41, "ExecutionFailed", nil)])
        #expect(FailedState.name(in: events) == nil)
        #expect(FailedState.name(in: []) == nil)
        #expect(FailedState.name(in: events, before: "Notify") == nil)
    }
}
