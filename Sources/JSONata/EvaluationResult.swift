public import JSON

/// What came out of an evaluation.
public enum EvaluationResult: Sendable, Equatable {
    case value(JSON)
    /// Nothing: the expression looks at what is not there.
    case undefined
    /// A function, or a value with one in it, which JSON cannot say, and what JSON can say of it: members that are
    /// functions are left out, elements are `null`, and of a function alone nothing remains.
    case function(JSON?)
}
