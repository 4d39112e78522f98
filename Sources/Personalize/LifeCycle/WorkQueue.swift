/// The resources that wait for the worker, in three lanes, so that no training holds up a campaign.
struct WorkQueue: Sendable {
    enum Lane: Sendable { case quick, imports, trainings }

    private struct Queue: Sendable {
        let stream: AsyncStream<String>
        let continuation: AsyncStream<String>.Continuation

        init() { (stream, continuation) = AsyncStream.makeStream(of: String.self) }
    }

    private let quick = Queue()
    private let imports = Queue()
    private let trainings = Queue()

    /// Puts a resource at the end of a lane; one that needs no work any more when its turn comes is passed over.
    func add(_ arn: String, to lane: Lane) { self[lane].continuation.yield(arn) }

    /// What comes along a lane; for one reader.
    func arns(of lane: Lane) -> AsyncStream<String> { self[lane].stream }

    private subscript(lane: Lane) -> Queue {
        switch lane {
        case .quick: quick
        case .imports: imports
        case .trainings: trainings
        }
    }
}
