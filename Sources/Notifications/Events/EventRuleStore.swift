/// Rules and what they bring about; every function is one transaction.
public protocol EventRuleStore: Sendable {
    /// Saves a rule; one of its name keeps its targets and its date.
    func putRule(_ rule: EventRule) async throws

    /// The rule of a name, with its targets.
    func rule(_ name: String) async throws -> EventRule?

    /// All rules with their targets, by name.
    func rules() async throws -> [EventRule]

    /// Removes a rule and its targets.
    func deleteRule(_ name: String) async throws

    /// Makes these targets of a rule; those of the same ids are replaced.
    ///
    /// - Parameters:
    ///   - targets: The targets.
    ///   - rule: The rule's name.
    ///   - limit: How many the rule may have at most; with more, nothing is changed.
    /// - Returns: Whether the limit was kept.
    /// - Throws: The store's own error.
    func putTargets(_ targets: [EventTarget], of rule: String, limit: Int) async throws -> Bool

    /// Removes targets of a rule.
    func removeTargets(_ ids: [String], of rule: String) async throws

    /// Whether any rule looks at events.
    func hasEnabledRules() async throws -> Bool

    /// Publishes what the enabled rules make of some events: all of it or nothing.
    ///
    /// A message whose topic does not exist is left out, and so is a double, by its deduplication key.
    ///
    /// - Parameters:
    ///   - newID: Makes the ids of deliveries.
    ///   - route: Gets the enabled rules and answers the messages.
    /// - Throws: The store's own error.
    func publish(
        newID: @escaping @Sendable () -> String,
        route: @escaping @Sendable ([EventRule]) -> [PublishedMessage]
    ) async throws
}
