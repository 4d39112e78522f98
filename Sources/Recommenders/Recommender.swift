public import Kernels

/// The one contract of all algorithms: learn from interactions, answer questions, be kept in a file.
public protocol Recommender: Sendable {
    /// The algorithm's settings.
    associatedtype Configuration: Sendable

    /// Learns from interactions.
    ///
    /// - Parameters:
    ///   - data: What to learn from.
    ///   - configuration: The algorithm's settings.
    ///   - context: Threads, seed, progress and cancellation.
    /// - Returns: The trained model.
    /// - Throws: `CancellationError` when it is cancelled, `RecommenderError` with `insufficientData` without events.
    static func fit(_ data: Interactions, configuration: Configuration, context: TrainingContext) throws -> Self

    /// Answers a question; the best item comes first, equal ones in the order of their codes.
    func recommend(_ query: Query) -> [ScoredItem]

    /// Answers questions on several threads; the answers are those of `recommend(_:)`, in the order of the questions.
    func recommend(_ queries: [Query], threads: Int) -> [[ScoredItem]]

    /// Makes what answers need, so that the first question need not wait for it.
    func prepare()

    /// The bytes of a model file; equal models have equal bytes.
    func encoded() -> [UInt8]

    /// Opens a model file; the numbers stay in the file and are read in place.
    ///
    /// - Parameter file: The mapped file.
    /// - Throws: `RecommenderError` with `invalidModel` when it is damaged, cut short or of another kind.
    init(mapped file: MappedFile) throws
}

extension Recommender {
    /// Most need nothing.
    public func prepare() {}
}
