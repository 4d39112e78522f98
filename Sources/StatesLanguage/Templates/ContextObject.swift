import FoundationEssentials
import JSON

/// The context object (`$$`, `$states.context`) of a state; made into JSON only when an expression asks for it.
struct ContextObject: Sendable {
    var execution: ExecutionContext
    var stateName: String
    var enteredTime: Date
    /// `nil` for the types of states that have no Retry.
    var retryCount: Int?
    var taskToken: String?
    var mapItem: MapItem?

    /// The item of the innermost Map around the state.
    struct MapItem: Sendable, Equatable {
        var index: Int
        var value: JSON
        /// The name of a member, where a Map walks through an object.
        var key: String?
        /// Where the item was read from, for a distributed Map.
        var source: String?

        var json: JSON {
            var item: JSONObject = ["Index": JSON(index), "Value": value]
            if let key { item["Key"] = .string(key) }
            if let source { item["Source"] = .string(source) }
            return ["Item": .object(item)]
        }
    }

    var json: JSON {
        var object: JSONObject = [
            "Execution": execution.execution.json, "StateMachine": execution.stateMachine.json, "State": state,
        ]
        if let taskToken { object["Task"] = ["Token": .string(taskToken)] }
        if let mapItem { object["Map"] = mapItem.json }
        return .object(object)
    }

    private var state: JSON {
        var state: JSONObject = [
            "Name": .string(stateName), "EnteredTime": .string(Timestamp.text(enteredTime)),
        ]
        if let retryCount { state["RetryCount"] = JSON(retryCount) }
        return .object(state)
    }
}
