/// The fields of a Fail state.
struct FailState: Sendable {
    var error: Text?
    var cause: Text?

    /// A text that is written down, or found by a path or an intrinsic call, or computed.
    enum Text: Sendable {
        case literal(String)
        case expression(PayloadTemplate.Expression)
        case jsonata(JSONataExpression)
    }
}
