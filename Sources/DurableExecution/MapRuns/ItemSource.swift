public import JSON

/// Opens what an `ItemReader` names.
public protocol ItemReader: Sendable {
    /// Opens a source of items.
    ///
    /// Throw `StatesError` to fail the run with a name that Retry and Catch can match.
    ///
    /// - Parameters:
    ///   - resource: The reader's resource: `arn:aws:states:::s3:getObject`.
    ///   - arguments: Its evaluated arguments: `Bucket`, `Key`, `Prefix`.
    ///   - config: Its `ReaderConfig`.
    /// - Returns: The source.
    /// - Throws: `StatesError`; any other error means that it may work later.
    func open(resource: String, arguments: JSON, config: JSONObject) async throws -> any ItemSource
}

/// Items in a fixed order, read page by page, each page from wherever one ended.
public protocol ItemSource: Sendable {
    /// Reads the next items.
    ///
    /// Throw `StatesError` to fail the run; what the items are must not have changed since the cursor was made.
    ///
    /// - Parameters:
    ///   - cursor: That of the item read last, also by an earlier process; `nil` for the beginning.
    ///   - limit: How many items at most; at least one.
    /// - Returns: The items; some unless it is the last page.
    /// - Throws: `StatesError`; any other error means that it may work later.
    func read(after cursor: String?, limit: Int) async throws -> ItemPage
}

/// The next items of a source.
public struct ItemPage: Sendable {
    /// The items, in order.
    public var items: [Item]
    /// Whether no items come after these.
    public var isLast: Bool

    /// An item and where it ends.
    public struct Item: Sendable, Equatable {
        /// The item.
        public var value: JSON
        /// What to go on with after it.
        public var cursor: String
        /// `$$.Map.Item.Key`: the name of a member, where the run walks through an object.
        public var key: String?
        /// `$$.Map.Item.Source`: where it was read from.
        public var source: String?

        /// An item and where it ends.
        public init(_ value: JSON, cursor: String, key: String? = nil, source: String? = nil) {
            self.value = value
            self.cursor = cursor
            self.key = key
            self.source = source
        }
    }

    /// A page of items.
    public init(_ items: [Item], isLast: Bool) {
        self.items = items
        self.isLast = isLast
    }
}
