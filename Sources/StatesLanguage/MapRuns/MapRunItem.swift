public import JSON

/// An item of a Map Run.
public struct MapRunItem: Sendable, Equatable {
    /// The item: `$$.Map.Item.Value`.
    public var value: JSON
    /// `$$.Map.Item.Key`: the name of a member, where the run walks through an object.
    public var key: String?
    /// `$$.Map.Item.Source`: where it was read from.
    public var source: String?

    /// An item.
    public init(_ value: JSON, key: String? = nil, source: String? = nil) {
        self.value = value
        self.key = key
        self.source = source
    }

    /// The elements of an array, or the members of an object as keys and values.
    ///
    /// - Parameters:
    ///   - json: What the run walks through.
    ///   - source: Where it was read from; the state's input unless given.
    /// - Returns: The items, in order.
    /// - Throws: `States.ItemReaderFailed` for any other value.
    public static func items(of json: JSON, source: String = "STATE_DATA") throws(StatesError) -> [MapRunItem] {
        switch json {
        case .array(let values): return values.map { MapRunItem($0, source: source) }
        case .object(let object):
            return object.map { MapRunItem(["Key": .string($0), "Value": $1], key: $0, source: source) }
        default:
            throw StatesError(
                name: StatesError.itemReaderFailed,
                cause: "Attempting to map over non-iterable node."
            )
        }
    }
}
