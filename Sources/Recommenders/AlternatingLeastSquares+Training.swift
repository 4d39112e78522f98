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
        let gram = try training.solveUsers()
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
    let configuration: AlternatingLeastSquares.Configuration
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

    @discardableResult
    mutating func solveUsers() throws -> Matrix {
        try solve(&users, fixed: items, observed: itemsByUser, regularization: userRegularization)
    }

    @discardableResult
    mutating func solveItems() throws -> Matrix {
        try solve(&items, fixed: users, observed: usersByItem, regularization: itemRegularization)
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
