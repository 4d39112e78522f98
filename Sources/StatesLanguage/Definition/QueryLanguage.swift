/// The language of a state's expressions.
public enum QueryLanguage: String, Sendable, CaseIterable {
    /// Paths, payload templates and intrinsic functions; what a machine speaks unless it says otherwise.
    case jsonPath = "JSONPath"
    /// JSONata expressions between `{%` and `%}`.
    case jsonata = "JSONata"
}
