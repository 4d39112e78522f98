internal import Synchronization

/// What a recommender service has done since its process began, for who watches it.
public struct PersonalizeFigures: Sendable, Equatable {
    /// Records that were put one by one, by the type of dataset: `Interactions`, `Items`.
    public var recordsPut: [String: Int] = [:]
    /// Trainings that ended with a model.
    public var trainings = 0
    /// How long those took together, in seconds.
    public var trainingSeconds = 0.0
    /// Trainings that failed.
    public var failedTrainings = 0

    /// The figures of a service that has done nothing.
    public init() {}
}

/// Counts what is on disk.
final class ServiceCounters: Sendable {
    private let figures = Mutex(PersonalizeFigures())

    var current: PersonalizeFigures { figures.withLock(\.self) }

    func noteRecords(_ count: Int, of type: DatasetType) {
        figures.withLock { $0.recordsPut[type.rawValue, default: 0] += count }
    }

    func noteTraining(hours: Double) {
        figures.withLock { figures in
            figures.trainings += 1
            figures.trainingSeconds += hours * 3600
        }
    }

    func noteFailedTraining() { figures.withLock { $0.failedTrainings += 1 } }
}

extension PersonalizeService {
    /// What this service has done since it was made.
    public var figures: PersonalizeFigures { counters.current }
}
