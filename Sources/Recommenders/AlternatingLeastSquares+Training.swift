internal import Kernels

extension AlternatingLeastSquares {
    /// Learns users' and items' factors.
    ///
    /// - Parameters:
    ///   - data: What to learn from.
    ///   - configuration: The settings.
    ///   - context: Threads, seed, progress and cancellation.
    /// - Returns: The model; its users' factors are those that fold-in would find.
    /// - Throws: `CancellationError` when it is cancelled, `RecommenderError` with `insufficientData` without events.
    public static func fit(
        _ data: Interactions,
        configuration: Configuration,
        context: TrainingContext
    ) throws -> AlternatingLeastSquares {
        try context.checkCancellation()
        try data.requireEvents()
        let usersByItem = data.usersByItem()
        var training = Training(usersByItem: usersByItem, configuration: configuration, context: context)
        context.progress(TrainingProgress(stage: "training", epoch: 0, epochs: configuration.epochs, fraction: 0))
        for epoch in 1...max(1, configuration.epochs) {
            try training.solveUsers()
            try training.solveItems()
            let fraction = Double(epoch) / Double(max(1, configuration.epochs) + 1)
            context.progress(
                TrainingProgress(stage: "training", epoch: epoch, epochs: configuration.epochs, fraction: fraction)
            )
        }
        let gram = try training.solveUsers(observed: data.weightedByRecency(configuration).itemsByUser())
        context.progress(
            TrainingProgress(stage: "training", epoch: configuration.epochs, epochs: configuration.epochs, fraction: 1)
        )
        return AlternatingLeastSquares(
            configuration: configuration,
            userFactors: training.users,
            itemFactors: training.items,
            gram: gram,
            popularity: Popularity(usersByItem: usersByItem)
        )
    }
}

/// The factors of both sides while they are learnt.
private struct Training {
    var users: Matrix
    var items: Matrix
    let itemsByUser: SparseMatrix
    let usersByItem: SparseMatrix
    let userRegularization: [Float]
    let itemRegularization: [Float]
    var configuration: AlternatingLeastSquares.Configuration
    let context: TrainingContext

    init(
        usersByItem pairs: SparseMatrix,
        configuration: AlternatingLeastSquares.Configuration,
        context: TrainingContext
    ) {
        usersByItem = pairs.mapValues(AlternatingLeastSquares.confidence)
        itemsByUser = usersByItem.transposed()
        userRegularization = configuration.regularizations(itemsByUser, fixedCount: usersByItem.occupiedRowCount)
        itemRegularization = configuration.regularizations(usersByItem, fixedCount: itemsByUser.occupiedRowCount)
        self.configuration = configuration
        self.context = context
        let deviation = 0.1 / Float(configuration.factors).squareRoot()
        users = Matrix(rows: itemsByUser.rowCount, columns: configuration.factors)
        items = Matrix(
            rows: usersByItem.rowCount,
            columns: configuration.factors,
            deviation: deviation,
            random: CounterRandom(seed: context.seed, stream: 1)
        )
        for item in 0..<usersByItem.rowCount where usersByItem.range(row: item).isEmpty { items.clear(row: item) }
    }

    mutating func solveUsers() throws {
        _ = try solve(&users, fixed: items, observed: itemsByUser, regularization: userRegularization)
    }

    /// Solves for users once more, from other weights of the same pairs; so that they come near the fold-in's, which is
    /// exact, in more steps.
    mutating func solveUsers(observed: SparseMatrix) throws -> Matrix {
        if case .conjugateGradient(let steps) = configuration.solver {
            configuration.solver = .conjugateGradient(steps: max(steps, 10))
        }
        let weights = observed.mapValues(AlternatingLeastSquares.confidence)
        return try solve(&users, fixed: items, observed: weights, regularization: userRegularization)
    }

    mutating func solveItems() throws {
        _ = try solve(&items, fixed: users, observed: usersByItem, regularization: itemRegularization)
    }

    private func solve(
        _ rows: inout Matrix,
        fixed: Matrix,
        observed: SparseMatrix,
        regularization: [Float]
    ) throws -> Matrix {
        let gram = fixed.gram(factor: Float(configuration.unobservedWeight), threads: context.threads)
        try ImplicitLeastSquares(fixed: fixed, gram: gram).solve(
            &rows,
            observed: observed,
            regularization: regularization,
            solver: configuration.solver,
            threads: context.threads,
            checkpoint: { [context] in try context.checkCancellation() }
        )
        return gram
    }
}

extension Interactions {
    /// The same events, those of each user weighted by how new they are.
    fileprivate func weightedByRecency(_ configuration: AlternatingLeastSquares.Configuration) -> Interactions {
        guard configuration.recency.halfLife > 0 else { return self }
        var weighted: [Float] = []
        weighted.reserveCapacity(count)
        for user in 0..<UInt32(userCount) {
            let range = range(user: user)
            for (position, recency) in zip(range, configuration.recency.weights(count: range.count)) {
                weighted.append(weight(at: position) * recency)
            }
        }
        return Interactions(
            userCount: userCount,
            itemCount: itemCount,
            offsets: offsets,
            items: items,
            timestamps: timestamps,
            weights: weighted
        )
    }
}
