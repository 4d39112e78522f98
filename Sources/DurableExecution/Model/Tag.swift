public import JSON

/// A word with a value that someone has put on a state machine or an activity.
public struct Tag: Sendable, Equatable {
    /// The most tags a resource may have.
    public static let limit = 50

    /// The word; a resource has it once.
    public var key: String
    /// The value; may be empty.
    public var value: String

    /// A tag of both its parts.
    public init(key: String, value: String) {
        self.key = key
        self.value = value
    }

    /// As the wire has it.
    public var json: JSON { ["key": .string(key), "value": .string(value)] }
}
