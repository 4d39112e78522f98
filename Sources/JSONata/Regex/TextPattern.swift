/// A regular expression that whole texts are compared with.
public struct TextPattern: Sendable, Equatable {
    private let source: String
    private let flags: String
    private let expression: RegularExpression

    /// One comparison may take so many steps; a text that takes more does not match.
    private static let maximumSteps = 1_000_000

    /// Reads an expression.
    ///
    /// - Parameters:
    ///   - pattern: What stands between the slashes.
    ///   - flags: `i`, case is ignored, and `m`, `^` and `$` are the ends of lines.
    /// - Throws: `JSONataError` with `S0302` where the pattern cannot be read.
    public init(_ pattern: String, flags: String = "") throws(JSONataError) {
        source = pattern
        self.flags = flags
        do {
            expression = try RegularExpression("^(?:\(pattern))$", flags: flags)
        } catch {
            throw JSONataError(
                "S0302",
                at: 0,
                "the regular expression /\(pattern)/\(flags) cannot be read: \(error.fact)"
            )
        }
    }

    /// Whether a whole text matches.
    public func matches(_ text: String) -> Bool {
        var budget = RegexMatcher.Budget(maximumSteps: Self.maximumSteps, isOutOfTime: nil)
        return (try? expression.firstMatch(in: Array(text.utf16), from: 0, &budget)) != nil
    }

    /// Two patterns are equal when they are written alike.
    public static func == (left: TextPattern, right: TextPattern) -> Bool {
        left.source == right.source && left.flags == right.flags
    }
}
