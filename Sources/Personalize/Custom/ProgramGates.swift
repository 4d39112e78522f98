internal import Synchronization

/// A gate for each campaign of a custom recipe, so that what happens to one happens in order.
final class ProgramGates: Sendable {
    private let gates = Mutex<[String: Gate]>([:])

    /// The gate of a campaign.
    func gate(of arn: String) -> Gate {
        gates.withLock { gates in
            if let gate = gates[arn] { return gate }
            let gate = Gate()
            gates[arn] = gate
            return gate
        }
    }
}
