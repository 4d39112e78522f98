/// The fields of an inline Map state.
struct MapState: Sendable {
    /// The state that each iteration starts at.
    var startAt: String
    var itemsPath: JSONPath
    /// `ItemSelector`, or the `Parameters` of old.
    var itemSelector: PayloadTemplate?
    var maxConcurrency: Limit?
    var result: ResultFields
    var handling: ErrorHandling

    /// So many iterations of an inline Map run at once, at most.
    static let concurrencyLimit = 40
}
