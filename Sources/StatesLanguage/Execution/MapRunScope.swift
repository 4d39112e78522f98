import FoundationEssentials
import JSON

/// What is kept of a distributed Map state, so that the fields of each item can be evaluated later.
struct MapRunScope {
    var context: ContextObject
    var enteredEvent: Int
    /// What `$` is in paths, and `$states.input` in expressions.
    var input: JSON
    var variables: JSONObject
    /// Where the numbers of each item's generator come from.
    var seed: UInt64

    init(_ turn: Turn, _ frame: Frame, _ current: StateDefinition) throws(StatesError) {
        context = turn.context(of: frame)
        enteredEvent = frame.enteredEvent
        input = try turn.effectiveInput(frame, current).value
        variables = turn.variables(of: frame).flattened
        seed = turn.state.generator.state
    }

    var json: JSON {
        [
            "context": context.execution.json, "state": .string(context.stateName),
            "entered": context.enteredTime.json, "retries": JSON(context.retryCount ?? 0),
            "event": JSON(enteredEvent), "input": input, "variables": .object(variables),
            "seed": .integer(Int64(bitPattern: seed)),
        ]
    }

    init?(json: JSON) {
        guard let execution = try? ExecutionContext(saved: json["context"]), let name = json["state"]?.string,
            let entered = Date(saved: json["entered"]), let event = json["event"]?.int, let input = json["input"],
            let variables = json["variables"]?.object, case .integer(let bits)? = json["seed"]
        else { return nil }
        context = ContextObject(
            execution: execution,
            stateName: name,
            enteredTime: entered,
            retryCount: json["retries"]?.int ?? 0
        )
        enteredEvent = event
        self.input = input
        self.variables = variables
        seed = UInt64(bitPattern: bits)
    }
}
