import FoundationEssentials
import JSON

/// The context object (`$$`) of a state; made into JSON only when a path asks for it.
struct ContextObject: Sendable {
    var execution: ExecutionContext
    var stateName: String
    var enteredTime: Date
    var retryCount: Int
    var taskToken: String?
    var mapItem: MapItem?

    /// The item of the innermost Map around the state.
    struct MapItem: Sendable, Equatable {
        var index: Int
        var value: JSON
    }

    var json: JSON {
        var object: JSONObject = [
            "Execution": execution.execution.json,
            "StateMachine": execution.stateMachine.json,
            "State": [
                "Name": .string(stateName), "EnteredTime": .string(Timestamp.text(enteredTime)),
                "RetryCount": JSON(retryCount),
            ],
        ]
        if let taskToken { object["Task"] = ["Token": .string(taskToken)] }
        if let mapItem { object["Map"] = ["Item": ["Index": JSON(mapItem.index), "Value": mapItem.value]] }
        return .object(object)
    }
}
