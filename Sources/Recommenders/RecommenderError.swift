/// Data, parameters or a model file that a recommender cannot work with.
public struct RecommenderError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Code: Sendable, Equatable {
        /// Columns differ in length, or hold a code beyond the count.
        case invalidData
        /// There is nothing to learn from.
        case insufficientData
        /// The data is too large for the algorithm.
        case tooLarge
        /// A hyperparameter is unknown, not a number or out of its range.
        case invalidHyperparameter
        /// A model file is damaged, cut short, or of another version.
        case invalidModel
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
