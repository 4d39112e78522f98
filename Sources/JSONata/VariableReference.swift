/// A place where an expression reads a variable that it does not bind itself.
public struct VariableReference: Sendable, Equatable {
    /// The name, without the dollar sign.
    public let name: String
    /// The first field taken from it: `input` of `$states.input.id`; `nil` where the whole value is read.
    public let member: String?
    /// How many characters of the expression stand before it.
    public let position: Int
}
