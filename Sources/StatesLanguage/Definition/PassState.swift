import JSON

/// The fields of a Pass state.
struct PassState: Sendable {
    var result: JSON?
    var parameters: PayloadTemplate?
    var resultPath: ResultPath
}
