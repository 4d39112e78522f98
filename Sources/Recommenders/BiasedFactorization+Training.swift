internal import Kernels

extension BiasedFactorization {
    /// Learns from ratings, which are the events' weights.
    ///
    /// - Parameters:
    ///   - data: What to learn from.
    ///   - configuration: The settings.
    ///   - context: Threads, seed, progress and cancellation.
    /// - Returns: The model.
    /// - Throws: `CancellationError` when it is cancelled; `RecommenderError` with `insufficientData` without events, with
    ///   `invalidHyperparameter` when the steps are so great that they lead nowhere.
    public static func fit(
        _ data: Interactions,
        configuration: Configuration,
        context: TrainingContext
    ) throws -> BiasedFactorization {
        try context.checkCancellation()
        try data.requireEvents()
        let ratings = data.ratings()
        let schedule = RatingSchedule(ratings, userCount: data.userCount, itemCount: data.itemCount)
        var factors = RatingFactors(schedule: schedule, configuration, context)
        let epochs = max(1, configuration.epochs)
        context.progress(TrainingProgress(stage: "training", epoch: 0, epochs: epochs, fraction: 0))
        for epoch in 1...epochs {
            try factors.descend(schedule, configuration, context)
            let fraction = Double(epoch) / Double(epochs)
            context.progress(TrainingProgress(stage: "training", epoch: epoch, epochs: epochs, fraction: fraction))
        }
        guard factors.isFinite else { throw configuration.divergence }
        return BiasedFactorization(
            configuration: configuration,
            factors: factors,
            mean: schedule.mean,
            scale: configuration.scale ?? ratings.scale,
            popularity: Popularity(usersByItem: data.usersByItem())
        )
    }

    /// How far the model's predictions are from ratings it may not have seen.
    ///
    /// - Parameter data: The ratings, of any users and items by the codes of the training.
    /// - Returns: The errors' root mean square (RMSE) and mean absolute value (MAE); 0 without ratings.
    public func errors(on data: Interactions) -> (rootMeanSquare: Double, meanAbsolute: Double) {
        var errors = RatingErrors()
        for rating in data.ratings() {
            errors.add(Double(rating.value) - self.rating(user: rating.user, item: rating.item))
        }
        return (errors.rootMeanSquare, errors.meanAbsolute)
    }
}

extension BiasedFactorization.Configuration {
    fileprivate var divergence: RecommenderError {
        RecommenderError(
            .invalidHyperparameter,
            "hyperparameter lr_all \"\(learningRate)\" makes the ratings' descent grow without bound; give a smaller one"
        )
    }
}

extension RatingFactors {
    init(
        schedule: RatingSchedule,
        _ configuration: BiasedFactorization.Configuration,
        _ context: TrainingContext
    ) {
        self.init(
            schedule: schedule,
            factors: configuration.factors,
            mean: Float(configuration.initialMean),
            deviation: Float(configuration.initialDeviation),
            random: CounterRandom(seed: context.seed, stream: 3),
            threads: context.threads
        )
    }

    /// One epoch.
    mutating func descend(
        _ schedule: RatingSchedule,
        _ configuration: BiasedFactorization.Configuration,
        _ context: TrainingContext
    ) throws {
        try descend(
            schedule,
            rate: Float(configuration.learningRate),
            regularization: Float(configuration.regularization),
            threads: context.threads,
            checkpoint: { try context.checkCancellation() }
        )
    }
}

extension Interactions {
    /// The last rating of each item by each user, user after user, in the order of their times.
    func ratings() -> [Rating] {
        var ratings: [Rating] = []
        ratings.reserveCapacity(count)
        var lastPositions = [Int](repeating: -1, count: itemCount)
        for user in 0..<UInt32(userCount) {
            let range = range(user: user)
            for position in range { lastPositions[Int(items[position])] = position }
            for position in range where lastPositions[Int(items[position])] == position {
                ratings.append(Rating(user: user, item: items[position], value: weight(at: position)))
            }
        }
        return ratings
    }
}

extension [Rating] {
    /// The least and the greatest rating.
    var scale: ClosedRange<Float> {
        let first = first?.value ?? 0
        let (low, high) = reduce((first, first)) { (Swift.min($0.0, $1.value), Swift.max($0.1, $1.value)) }
        return low...high
    }
}
