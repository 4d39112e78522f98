/// How far a training has come.
public struct TrainingProgress: Sendable, Equatable {
    /// What is being done, in words: `training`, `evaluating`, `tuning`.
    public let stage: String
    /// The epoch of the algorithm that has just ended, from 1; 0 before the first and where there are none.
    public let epoch: Int
    /// The number of epochs of the algorithm; 0 where there are none.
    public let epochs: Int
    /// Which settings are being tried, from 1; 0 where none are.
    public let trial: Int
    /// The number of settings that are tried; 0 where none are.
    public let trials: Int
    /// The share of the whole training that is done, from 0 to 1; it never falls.
    public let fraction: Double

    /// A report of progress.
    ///
    /// - Parameters:
    ///   - stage: What is being done.
    ///   - epoch: The epoch that has just ended, from 1.
    ///   - epochs: The number of epochs.
    ///   - trial: Which settings are being tried, from 1.
    ///   - trials: The number of settings that are tried.
    ///   - fraction: The share of the whole that is done.
    public init(
        stage: String,
        epoch: Int = 0,
        epochs: Int = 0,
        trial: Int = 0,
        trials: Int = 0,
        fraction: Double
    ) {
        self.stage = stage
        self.epoch = epoch
        self.epochs = epochs
        self.trial = trial
        self.trials = trials
        self.fraction = fraction
    }
}

/// What a training needs from its surroundings.
///
/// The result depends on the data, the configuration and the seed, never on the number of threads.
public struct TrainingContext: Sendable {
    /// The most threads to work at once.
    public var threads: Int
    /// What all random numbers derive from.
    public var seed: UInt64
    /// Called whenever a step is done, on one of the training's own threads, never on two at once.
    public var progress: @Sendable (TrainingProgress) -> Void
    /// Asked on any thread, many times a second; the training ends with `CancellationError` soon after it says so.
    public var isCancelled: @Sendable () -> Bool

    /// Surroundings of a training.
    ///
    /// - Parameters:
    ///   - threads: The most threads to work at once.
    ///   - seed: What all random numbers derive from.
    ///   - progress: Called whenever a step is done.
    ///   - isCancelled: Asked many times a second.
    public init(
        threads: Int = 2,
        seed: UInt64 = 0,
        progress: @escaping @Sendable (TrainingProgress) -> Void = { _ in },
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.threads = threads
        self.seed = seed
        self.progress = progress
        self.isCancelled = isCancelled
    }

    /// Throws if the training is to end.
    ///
    /// - Throws: `CancellationError` when `isCancelled` says so.
    public func checkCancellation() throws {
        if isCancelled() { throw CancellationError() }
    }

    /// The same surroundings for a part of the whole: its progress fills a range of the whole's.
    func part(_ range: ClosedRange<Double>, stage: String? = nil) -> TrainingContext {
        var context = self
        context.progress = { [progress] part in
            let span = range.upperBound - range.lowerBound
            let report = TrainingProgress(
                stage: stage ?? part.stage,
                epoch: part.epoch,
                epochs: part.epochs,
                trial: part.trial,
                trials: part.trials,
                fraction: range.lowerBound + span * part.fraction
            )
            progress(report)
        }
        return context
    }
}
