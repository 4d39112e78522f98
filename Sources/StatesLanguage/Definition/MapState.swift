import JSON

/// The fields of a Map state.
struct MapState: Sendable {
    /// The state that each iteration starts at.
    var startAt: String
    var items: Items
    /// `ItemSelector`, or the `Parameters` of old.
    var itemSelector: Template?
    var maxConcurrency: Limit?
    /// The rest of a distributed map; `nil` for an inline one.
    var distributed: DistributedMap?
    var result: ResultFields
    var handling: ErrorHandling

    /// Where the items come from.
    enum Items: Sendable, Equatable {
        /// `ItemsPath`.
        case path(JSONPath)
        /// `Items` of JSONata.
        case template(JSONataTemplate)
    }

    /// So many iterations of an inline Map run at once, at most.
    static let concurrencyLimit = 40
}
