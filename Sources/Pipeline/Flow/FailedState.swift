internal import JSON

/// Finds the state in which an execution failed, in its history.
///
/// Every event names the one that led to it, so the way back from the end passes what failed and none of what failed
/// elsewhere, earlier, and was caught.
enum FailedState {
    /// The state of the failure that the newest event follows.
    ///
    /// - Parameters:
    ///   - events: The last events of the history, newest first.
    ///   - handler: The state that tells of the failure, if one does; the failure lies before it.
    /// - Returns: The state; `nil` when the way back leads out of these events.
    static func name(in events: [JSON], before handler: String? = nil) -> String? {
        let byID = Dictionary(events.compactMap { event in event["id"]?.int.map { ($0, event) } }) { first, _ in first }
        var event = events.first { handler == nil || entered($0) == handler }
        if handler != nil { event = event.flatMap { previous(of: $0, byID) } }
        while let current = event {
            if let name = entered(current) { return name }
            event = previous(of: current, byID)
        }
        return nil
    }

    private static func entered(_ event: JSON) -> String? { event["stateEnteredEventDetails"]?["name"]?.string }

    private static func previous(of event: JSON, _ byID: [Int: JSON]) -> JSON? {
        event["previousEventId"]?.int.flatMap { byID[$0] }
    }
}
