/// What a value of the API must look like.
indirect enum Shape: Sendable {
    case string(StringRule)
    case integer(ClosedRange<Int>)
    case double(ClosedRange<Double>)
    case boolean
    case list(Shape, maximum: Int)
    case map(key: Shape, value: Shape, maximum: Int)
    case structure([Field])

    /// A string of a length, with no further rule.
    static func text(_ length: ClosedRange<Int>) -> Shape { .string(StringRule(length: length)) }
    /// A string that matches a pattern.
    static func text(_ length: ClosedRange<Int>, _ pattern: Pattern) -> Shape {
        .string(StringRule(length: length, pattern: pattern))
    }
    /// One of some words.
    static func oneOf(_ words: String...) -> Shape { .string(StringRule(words: words)) }
}

/// What a string must look like.
struct StringRule: Sendable {
    var length = 0...Int.max
    var pattern: Pattern?
    var words: [String] = []
}

/// A member of a structure.
struct Field: Sendable {
    let name: String
    let shape: Shape
    var isRequired = false

    /// A member that may be missing.
    static func optional(_ name: String, _ shape: Shape) -> Field { Field(name: name, shape: shape) }
    /// A member that must be there.
    static func required(_ name: String, _ shape: Shape) -> Field {
        Field(name: name, shape: shape, isRequired: true)
    }
}
