/// A file that cannot be mapped, or numbers that do not fit together.
public struct KernelError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Code: Sendable, Equatable {
        /// The file cannot be opened, measured or mapped.
        case unreadableFile
        /// A range reaches beyond the end of its file, or is not aligned for its elements.
        case invalidRange
        /// Columns of one table differ in length, or hold a code beyond the count.
        case invalidColumns
    }

    /// What kind of fault it is.
    public let code: Code
    /// Place, fact and remedy.
    public let message: String

    /// An error with its message.
    ///
    /// - Parameters:
    ///   - code: What kind of fault it is.
    ///   - message: Place, fact and remedy.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
