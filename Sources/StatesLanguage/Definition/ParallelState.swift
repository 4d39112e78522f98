/// The fields of a Parallel state.
struct ParallelState: Sendable {
    /// The states that the branches start at.
    var branches: [String]
    var parameters: PayloadTemplate?
    var result: ResultFields
    var handling: ErrorHandling
}
