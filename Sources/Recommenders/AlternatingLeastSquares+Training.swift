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
        try fit(data, configuration: configuration, known: nil, context: context)
    }

    /// Learns on from where this model stands: one epoch over all events, in which new users and items are folded in.
    ///
    /// - Parameters:
    ///   - data: All events.
    ///   - itemCodes: The code that each of this model's items has in the data, `EventColumns.none` where it is gone; nil
    ///     when their codes are as they were and new ones follow.
    ///   - context: Threads, progress and cancellation.
    /// - Returns: The model that knows the new events.
    /// - Throws: `CancellationError` when it is cancelled, `RecommenderError` with `insufficientData` without events, or
    ///   with `invalidData` where items are fewer than before, or codes are not those of the data.
    public func updated(
        with data: Interactions,
        itemCodes: [UInt32]? = nil,
        context: TrainingContext
    ) throws -> AlternatingLeastSquares {
        let known = try itemFactors.moved(to: itemCodes, of: data)
        var configuration = configuration
        configuration.epochs = 1
        var model = try Self.fit(data, configuration: configuration, known: known, context: context)
        model.configuration.epochs = self.configuration.epochs
        return model
    }

    private static func fit(
        _ data: Interactions,
        configuration: Configuration,
        known: Matrix?,
        context: TrainingContext
    ) throws -> AlternatingLeastSquares {
        try context.checkCancellation()
        try data.requireEvents()
        let usersByItem = data.usersByItem()
        var training = Training(usersByItem: usersByItem, configuration: configuration, context: context)
        if let known { training.items.copyRows(of: known) }
        context.progress(TrainingProgress(stage: "training", epoch: 0, epochs: configuration.epochs, fraction: 0))
        for epoch in 1...max(1, configuration.epochs) {
            try training.solveUsers()
            try training.solveItems()
            let fraction = Double(epoch) / Double(max(1, configuration.epochs) + 1)
            context.progress(
                TrainingProgress(stage: "training", epoch: epoch, epochs: configuration.epochs, fraction: fraction)
            )
        }
        let gram = try training.solveUsers(weights: data.pairWeights(configuration.recency, training.itemsByUser))
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
        usersByItem = pairs.mapValues(AlternatingLeastSquares.confidence, where: { $0 > 1 })
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
    mutating func solveUsers(weights: [Float]) throws -> Matrix {
        if case .conjugateGradient(let steps) = configuration.solver {
            configuration.solver = .conjugateGradient(steps: max(steps, 10))
        }
        let observed = itemsByUser.replacingValues(weights.map(AlternatingLeastSquares.confidence))
        return try solve(&users, fixed: items, observed: observed, regularization: userRegularization)
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
    /// The summed weight of each pair of user and item, with events that count by their age.
    ///
    /// The pairs are those of `itemsByUser`, in its order.
    fileprivate func pairWeights(_ recency: Recency, _ pairs: SparseMatrix) -> [Float] {
        guard recency.halfLife > 0 else { return pairs.values }
        var sums = [Float](repeating: 0, count: pairs.count)
        var places = [Int](repeating: 0, count: itemCount)
        for user in 0..<userCount {
            for position in pairs.range(row: user) { places[Int(pairs.columns[position])] = position }
            let range = range(user: UInt32(user))
            for (position, factor) in zip(range, recency.weights(count: range.count)) {
                sums[places[Int(items[position])]] += weight(at: position) * factor
            }
        }
        return sums
    }
}
