import JSON

/// One visit of a state, as a history tells it.
struct StateVisit {
    let name: String
    let type: String
    /// The event that entered the state.
    let event: Int
    let entered: JSON?
    var exited: JSON?
    var input: String?
    var output: String?
    /// The last error of the visit; it may have been retried or caught.
    var error: String?
    var attempts = 0
    /// How many Map and Parallel states are around it.
    let depth: Int

    var json: JSON {
        var object: JSONObject = ["state": .string(name), "type": .string(type), "event": JSON(event)]
        if let entered { object["entered"] = entered }
        if let exited { object["exited"] = exited }
        if attempts > 1 { object["attempts"] = JSON(attempts) }
        if let input { object["input"] = (try? JSON(parsing: input)) ?? .string(input) }
        if let output { object["output"] = (try? JSON(parsing: output)) ?? .string(output) }
        if let error { object["error"] = .string(error) }
        return .object(object)
    }
}

/// The path an execution took: its visits of states, in the order in which they were entered.
struct StateVisits {
    private(set) var visits: [StateVisit] = []
    /// The visit that each event belongs to.
    private var owners: [Int: Int] = [:]

    /// Reads the events of a history, oldest first.
    init(_ events: [JSON]) {
        for event in events { take(event) }
    }

    private mutating func take(_ event: JSON) {
        guard let id = event["id"]?.int, let type = event["type"]?.string else { return }
        let owner = event["previousEventId"]?.int.flatMap { owners[$0] }
        if type.hasSuffix("StateEntered") { return enter(event, id, type, after: owner) }
        guard type.hasSuffix("StateExited") else {
            owners[id] = owner
            return note(event, type, owner)
        }
        let name = event["stateExitedEventDetails"]?["name"]?.string
        let left = visits.lastIndex { $0.name == name && $0.exited == nil && encloses($0, owner) }
        owners[id] = left
        guard let left else { return }
        visits[left].exited = event["timestamp"]
        visits[left].output = event["stateExitedEventDetails"]?["output"]?.string
    }

    private mutating func enter(_ event: JSON, _ id: Int, _ type: String, after owner: Int?) {
        let details = event["stateEnteredEventDetails"]
        let around = owner.map { visits[$0].exited == nil ? visits[$0].depth + 1 : visits[$0].depth }
        visits.append(
            StateVisit(
                name: details?["name"]?.string ?? "",
                type: String(type.dropLast("StateEntered".count)),
                event: id,
                entered: event["timestamp"],
                input: details?["input"]?.string,
                depth: around ?? 0
            )
        )
        owners[id] = visits.count - 1
    }

    /// Whether a visit is that of an event's owner, or one around it.
    private func encloses(_ visit: StateVisit, _ owner: Int?) -> Bool {
        guard let owner else { return true }
        return visit.event == visits[owner].event || visit.depth < visits[owner].depth
    }

    private mutating func note(_ event: JSON, _ type: String, _ owner: Int?) {
        guard let owner else { return }
        if type.hasSuffix("Scheduled") { visits[owner].attempts += 1 }
        guard let details = EventText.details(of: event), let error = details["error"]?.string else { return }
        visits[owner].error = [error, details["cause"]?.string].compactMap { $0 }.joined(separator: ": ")
    }
}
