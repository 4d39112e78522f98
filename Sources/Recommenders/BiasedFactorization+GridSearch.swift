internal import Kernels

extension BiasedFactorization {
    /// Settings to try, each with each.
    public struct Grid: Sendable, Equatable {
        /// The settings that are not tried.
        public var base: Configuration
        /// Numbers of epochs to try.
        public var epochs: [Int]
        /// Learning rates to try.
        public var learningRates: [Double]
        /// Regularisations to try.
        public var regularizations: [Double]
        /// Into how many parts the ratings are split, each of which is predicted from the others once; 3 by default.
        public var folds: Int

        /// Settings to try.
        ///
        /// - Parameters:
        ///   - base: The settings that are not tried.
        ///   - epochs: Numbers of epochs to try.
        ///   - learningRates: Learning rates to try.
        ///   - regularizations: Regularisations to try.
        ///   - folds: Into how many parts the ratings are split, 2 or more.
        public init(
            base: Configuration = Configuration(),
            epochs: [Int],
            learningRates: [Double],
            regularizations: [Double],
            folds: Int = 3
        ) {
            self.base = base
            self.epochs = epochs
            self.learningRates = learningRates
            self.regularizations = regularizations
            self.folds = folds
        }
    }

    /// Settings and how well they predict ratings that were held out.
    public struct GridPoint: Sendable, Equatable {
        /// The settings.
        public let configuration: Configuration
        /// The root of the mean square error (RMSE), a mean over the folds.
        public let rootMeanSquareError: Double
        /// The mean absolute error (MAE), a mean over the folds.
        public let meanAbsoluteError: Double
    }

    /// Tries all settings of a grid by cross-validation.
    ///
    /// Settings that differ only in their number of epochs are one descent that is measured on its way.
    ///
    /// - Parameters:
    ///   - data: The ratings.
    ///   - grid: The settings.
    ///   - context: Threads, seed, progress and cancellation; the result is the same for any number of threads.
    /// - Returns: A point for each setting, by epochs, then learning rates, then regularisations, as the grid lists them.
    /// - Throws: `CancellationError` when it is cancelled; `RecommenderError` with `insufficientData` when there are
    ///   fewer ratings than folds, with `invalidHyperparameter` for less than two folds or an empty list.
    public static func gridSearch(_ data: Interactions, grid: Grid, context: TrainingContext) throws -> [GridPoint] {
        try context.checkCancellation()
        try grid.validate()
        let ratings = data.ratings()
        guard ratings.count >= grid.folds else {
            throw RecommenderError(
                .insufficientData,
                "the data holds \(ratings.count) ratings, \(grid.folds) folds need as many; import more or take fewer"
            )
        }
        let search = GridSearch(data: data, ratings: ratings, grid: grid, context: context)
        var errors: [[[RatingErrors]]] = []
        context.progress(TrainingProgress(stage: "searching", fraction: 0))
        for fold in 0..<grid.folds {
            errors.append(try search.errors(fold: fold))
            let fraction = Double(fold + 1) / Double(grid.folds)
            context.progress(TrainingProgress(stage: "searching", fraction: fraction))
        }
        return grid.points(errors)
    }
}

extension BiasedFactorization.Grid {
    /// The descents to make: a learning rate and a regularisation each.
    var descents: [BiasedFactorization.Configuration] {
        learningRates.flatMap { rate in
            regularizations.map { regularization in
                var configuration = base
                configuration.learningRate = rate
                configuration.regularization = regularization
                return configuration
            }
        }
    }

    fileprivate func validate() throws(RecommenderError) {
        let lists = [("n_epochs", epochs.count), ("lr_all", learningRates.count), ("reg_all", regularizations.count)]
        if let (name, _) = lists.first(where: { $1 == 0 }) {
            throw RecommenderError(.invalidHyperparameter, "the grid's list of \(name) is empty; give a value to try")
        }
        guard folds >= 2 else {
            throw RecommenderError(.invalidHyperparameter, "\(folds) folds hold nothing out; give two or more")
        }
        if let wrong = epochs.first(where: { $0 < 1 }) {
            throw RecommenderError(.invalidHyperparameter, "hyperparameter n_epochs \"\(wrong)\" must be one or more")
        }
    }

    /// The points, from the errors by fold, descent and number of epochs.
    fileprivate func points(_ errors: [[[RatingErrors]]]) -> [BiasedFactorization.GridPoint] {
        epochs.indices.flatMap { epoch in
            descents.enumerated().map { index, descent in
                var configuration = descent
                configuration.epochs = epochs[epoch]
                let folds = errors.map { $0[index][epoch] }
                return BiasedFactorization.GridPoint(
                    configuration: configuration,
                    rootMeanSquareError: folds.reduce(0) { $0 + $1.rootMeanSquare } / Double(folds.count),
                    meanAbsoluteError: folds.reduce(0) { $0 + $1.meanAbsolute } / Double(folds.count)
                )
            }
        }
    }
}

/// The descents of all folds.
private struct GridSearch: Sendable {
    let userCount: Int
    let itemCount: Int
    let ratings: [Rating]
    let folds: [Int]
    let grid: BiasedFactorization.Grid
    let scale: ClosedRange<Float>
    let context: TrainingContext

    init(data: Interactions, ratings: [Rating], grid: BiasedFactorization.Grid, context: TrainingContext) {
        userCount = data.userCount
        itemCount = data.itemCount
        self.ratings = ratings
        self.grid = grid
        self.context = context
        scale = grid.base.scale ?? ratings.scale
        let random = CounterRandom(seed: context.seed, stream: 4)
        // Dealt in turn after a shuffle, so that folds differ by one rating at most and none is empty.
        let draws = ratings.indices.map { random.bits(at: UInt64($0)) }
        var folds = [Int](repeating: 0, count: ratings.count)
        for (rank, position) in ratings.indices.sorted(by: { draws[$0] < draws[$1] }).enumerated() {
            folds[position] = rank % grid.folds
        }
        self.folds = folds
    }

    /// The errors on a fold by descent and number of epochs.
    func errors(fold: Int) throws -> [[RatingErrors]] {
        let training = zip(ratings, folds).lazy.filter { $0.1 != fold }.map(\.0)
        let held = zip(ratings, folds).lazy.filter { $0.1 == fold }.map(\.0)
        let schedule = RatingSchedule(Array(training), userCount: userCount, itemCount: itemCount)
        let start = RatingFactors(schedule: schedule, grid.base, context)
        let descents = grid.descents
        let test = Array(held)
        return try Parallel.mapBlocks(count: descents.count, blockSize: 1, threads: context.threads) { block in
            try errors(of: descents[block.lowerBound], from: start, schedule, on: test)
        }
    }

    private func errors(
        of configuration: BiasedFactorization.Configuration,
        from start: RatingFactors,
        _ schedule: RatingSchedule,
        on test: [Rating]
    ) throws -> [RatingErrors] {
        var factors = start
        var single = context
        single.threads = 1
        var byEpoch: [Int: RatingErrors] = [:]
        for epoch in 1...(grid.epochs.max() ?? 1) {
            try factors.descend(schedule, configuration, single)
            guard grid.epochs.contains(epoch) else { continue }
            byEpoch[epoch] = factors.errors(on: test, mean: schedule.mean, scale: scale)
        }
        return grid.epochs.map { byEpoch[$0] ?? RatingErrors() }
    }
}
