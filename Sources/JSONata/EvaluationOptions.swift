public import FoundationEssentials

/// What an evaluation may use.
public struct EvaluationOptions: Sendable {
    /// The functions that an expression finds without binding them.
    public enum Library: Sendable {
        /// Those of the language.
        case standard
        /// Those of the language but `$eval`, and what Step Functions adds.
        case stepFunctions
    }

    /// How deep calls and brackets may be nested while evaluating: 1,000, which fits a stack of two megabytes.
    ///
    /// A function that another one calls, as `$map` does, and an expression within `$eval` count as two more.
    public var maximumDepth = 1_000
    /// How many parts of the expression may be evaluated in all: ten million.
    public var maximumSteps = 10_000_000
    /// Whether the time for the evaluation is over; asked every few thousand steps, and ends it with `U1001`.
    public var isOutOfTime: (@Sendable () -> Bool)?
    /// What `$now` and `$millis` answer; without it they are refused.
    public var now: Date?
    /// Where `$random` and `$shuffle` take numbers from 0 up to 1; without it they are refused.
    public var random: (@Sendable () -> Double)?
    /// Whether `$eval` may be called; where not, the name is not that of a function.
    public var isEvalAllowed = true
    /// The functions that are there.
    public var library = Library.standard
    /// The hash of a text in hexadecimal for `$hash`, by `MD5`, `SHA-1`, `SHA-256`, `SHA-384` or `SHA-512`.
    public var hash: (@Sendable (_ text: String, _ algorithm: String) -> String?)?
    /// Where `$uuid` takes identifiers from; without it they are refused.
    public var uuid: (@Sendable () -> String)?

    /// The default limits, and no time.
    public init() {}
}
