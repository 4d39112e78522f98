/// What a value of an API must look like.
public indirect enum Shape: Sendable {
    /// A text.
    case string(StringRule)
    /// A whole number.
    case integer(ClosedRange<Int>)
    /// A number.
    case double(ClosedRange<Double>)
    /// `true` or `false`.
    case boolean
    /// Elements of one shape, so many.
    case list(Shape, minimum: Int = 0, maximum: Int = .max)
    /// Members of one shape under names of one shape.
    case map(key: Shape, value: Shape, maximum: Int)
    /// Members of its own; its name appears where a fault shows the value.
    case structure([Field], name: String = "")

    /// A text of a length, with no further rule.
    public static func text(_ length: ClosedRange<Int>) -> Shape { .string(StringRule(length: length)) }

    /// A text of a length that matches a pattern.
    public static func text(_ length: ClosedRange<Int>, _ pattern: TextPattern) -> Shape {
        .string(StringRule(length: length, pattern: pattern))
    }

    /// A text of a length that no fault may show.
    public static func secret(_ length: ClosedRange<Int>) -> Shape {
        .string(StringRule(length: length, isSensitive: true))
    }

    /// One of some words.
    public static func oneOf(_ words: String...) -> Shape { .string(StringRule(words: words)) }
}

/// What a text must look like.
public struct StringRule: Sendable {
    /// How many characters it may have.
    public var length: ClosedRange<Int>
    /// What it must match.
    public var pattern: TextPattern?
    /// The words it must be one of; none for any.
    public var words: [String]
    /// Whether faults do not show it.
    public var isSensitive: Bool

    /// A rule of all its parts.
    public init(
        length: ClosedRange<Int> = 0...Int.max,
        pattern: TextPattern? = nil,
        words: [String] = [],
        isSensitive: Bool = false
    ) {
        self.length = length
        self.pattern = pattern
        self.words = words
        self.isSensitive = isSensitive
    }
}

/// A regular expression of an API with a function that does what it says.
///
/// An API has few of them, so each is checked by hand and a request costs no expression engine.
public struct TextPattern: Sendable {
    /// The expression, as faults show it.
    public let text: String
    /// Whether a whole text matches.
    public let matches: @Sendable (String) -> Bool

    /// A pattern of both its parts.
    public init(_ text: String, matches: @escaping @Sendable (_ text: String) -> Bool) {
        self.text = text
        self.matches = matches
    }
}

/// A member of a structure.
public struct Field: Sendable {
    /// Its name.
    public let name: String
    /// What its value must look like.
    public let shape: Shape
    /// Whether it must be there.
    public let isRequired: Bool

    /// A member that may be missing.
    public static func optional(_ name: String, _ shape: Shape) -> Field {
        Field(name: name, shape: shape, isRequired: false)
    }

    /// A member that must be there.
    public static func required(_ name: String, _ shape: Shape) -> Field {
        Field(name: name, shape: shape, isRequired: true)
    }
}
