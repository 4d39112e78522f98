/// The fields of a Parallel state.
struct ParallelState: Sendable {
    /// The states that the branches start at.
    var branches: [String]
    /// `Parameters`, or `Arguments` of JSONata.
    var arguments: Template?
    var result: ResultFields
    var handling: ErrorHandling
}
