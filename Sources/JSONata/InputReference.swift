/// A place where an expression looks at its input.
public struct InputReference: Sendable, Equatable {
    /// What is read: the name of a field, `$`, `$$`, `*` or `**`.
    public let name: String
    /// How many characters of the expression stand before it.
    public let position: Int
}
