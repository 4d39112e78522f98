import FoundationEssentials

/// The fields of a Wait state.
enum WaitState: Sendable {
    case seconds(Int)
    case secondsPath(JSONPath)
    case timestamp(Date)
    case timestampPath(JSONPath)
    case secondsExpression(JSONataExpression)
    case timestampExpression(JSONataExpression)
}
