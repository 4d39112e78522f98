internal import Synchronization

/// The resources that wait for the worker, in lanes, so that no training holds up a campaign.
final class WorkQueue: Sendable {
    enum Lane: Sendable, CaseIterable {
        case quick, imports, trainings, seals, jobs, reports, programs, programTrainings
    }

    private let lanes = Mutex<[Lane: AsyncStream<String>.Continuation]>([:])

    /// Opens a lane for one reader; what was in it before is forgotten, since a worker begins with what the store says.
    func open(_ lane: Lane) -> AsyncStream<String> {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        lanes.withLock { $0[lane] = continuation }
        return stream
    }

    /// Puts a resource at the end of a lane; one that needs no work any more when its turn comes is passed over.
    ///
    /// Without a reader nothing is kept: the worker finds the resource in the store when it starts.
    func add(_ arn: String, to lane: Lane) {
        lanes.withLock { $0[lane] }?.yield(arn)
    }
}
