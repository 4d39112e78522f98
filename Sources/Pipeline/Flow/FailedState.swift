internal import JSON

/// Finds the state that failed in the history of an execution.
enum FailedState {
    /// The name of the state whose failure came last.
    ///
    /// - Parameter events: The last events of the history, newest first.
    /// - Returns: The state; `nil` when nothing failed in these events.
    static func name(in events: [JSON]) -> String? {
        let byID = Dictionary(events.compactMap { event in event["id"]?.int.map { ($0, event) } }) { first, _ in first }
        guard var event = events.first(where: isFailure) else { return nil }
        // From the failure back along its own branch to where the state was entered.
        while true {
            if let name = event["stateEnteredEventDetails"]?["name"]?.string { return name }
            guard let previous = event["previousEventId"]?.int, let earlier = byID[previous] else { return nil }
            event = earlier
        }
    }

    private static let passedOn: Set<String> = [
        "ExecutionFailed", "MapIterationFailed", "MapStateFailed", "ParallelStateFailed", "MapRunFailed",
    ]

    private static func isFailure(_ event: JSON) -> Bool {
        guard let type = event["type"]?.string, !passedOn.contains(type) else { return false }
        return type == "FailStateEntered" || type.hasSuffix("Failed") || type.hasSuffix("TimedOut")
    }
}
