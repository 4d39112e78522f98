internal import JSON
internal import Shapes

/// What a caller says beside the input of an operation.
public struct OperationContext: Sendable {
    /// Names this request: when it comes a second time, after a crash of the caller, it gets the first answer again.
    public var clientToken: String?

    /// A context.
    public init(clientToken: String? = nil) {
        self.clientToken = clientToken
    }
}

/// One operation of the API: its name, what its input must look like, and the function behind both doors.
struct Operation: Sendable {
    /// Reads, and changes nothing.
    typealias Reader = @Sendable (PersonalizeService, JSON) async throws(PersonalizeError) -> JSON
    /// Decides what to change; the service commits it.
    typealias Decider = @Sendable (PersonalizeService, JSON) async throws(PersonalizeError) -> Decision

    enum Handler: Sendable {
        case read(Reader)
        case write(Decider)
    }

    let name: String
    let input: Shape
    let handler: Handler

    /// An operation that only reads.
    static func read(_ name: String, _ input: Shape, _ reader: @escaping Reader) -> Operation {
        Operation(name: name, input: input, handler: .read(reader))
    }

    /// An operation that changes something.
    static func write(_ name: String, _ input: Shape, _ decider: @escaping Decider) -> Operation {
        Operation(name: name, input: input, handler: .write(decider))
    }
}

/// What a writing operation decided: what to save, and what to answer once it is saved.
struct Decision: Sendable {
    var transition = ResourceTransition()
    var response: JSON = [:]
}

extension Operation {
    /// The one table of operations, by name.
    static let table: [String: Operation] = Dictionary(
        uniqueKeysWithValues: all.map { ($0.name, $0) }
    )

    private static let all: [Operation] =
        creations + updates + ResourceKind.allCases.flatMap(describeAndList) + deletions + recipes + algorithms
        + tagging + metricAttributions

    private static let creations: [Operation] = [
        createDatasetGroup, createSchema, createDataset, createDatasetImportJob, createSolution,
        createSolutionVersion, createCampaign, createEventTracker, createFilter, createRecommender,
        createDatasetExportJob, createDataDeletionJob, createBatchInferenceJob, createBatchSegmentJob,
    ]

    private static let updates: [Operation] = [
        updateCampaign, updateDataset, stopSolutionVersionCreation, getSolutionMetrics, updateRecommender,
        startRecommender, stopRecommender, updateSolution,
    ]
}
