internal import Kernels

extension ItemSimilarity {
    /// Finds each item's neighbours.
    ///
    /// - Parameters:
    ///   - data: What to learn from.
    ///   - configuration: The settings.
    ///   - context: Threads, progress and cancellation.
    /// - Returns: Each item's neighbours.
    /// - Throws: `CancellationError` when it is cancelled, `RecommenderError` with `insufficientData` without events, or
    ///   without texts where items are compared by these, or with `tooLarge` where the matrix to be inverted has more rows than are allowed.
    public static func fit(
        _ data: Interactions,
        configuration: Configuration,
        context: TrainingContext
    ) throws -> ItemSimilarity {
        try context.checkCancellation()
        if configuration.weighting != .texts { try data.requireEvents() }
        context.progress(TrainingProgress(stage: "counting", fraction: 0))
        let usersByItem = data.usersByItem()
        let training = SimilarityTraining(
            data: data,
            usersByItem: usersByItem,
            configuration: configuration,
            context: context
        )
        let nearest = try training.nearest()
        context.progress(TrainingProgress(stage: "counting", fraction: 1))
        return ItemSimilarity(
            nearest: nearest,
            recency: configuration.recency,
            popularity: Popularity(usersByItem: usersByItem),
            creations: configuration.weighting == .texts ? data.creations() : []
        )
    }
}

/// The similarities of all items while they are found.
private struct SimilarityTraining {
    let data: Interactions
    let usersByItem: SparseMatrix
    let itemsByUser: SparseMatrix
    let configuration: ItemSimilarity.Configuration
    let context: TrainingContext

    init(
        data: Interactions,
        usersByItem: SparseMatrix,
        configuration: ItemSimilarity.Configuration,
        context: TrainingContext
    ) {
        self.data = data
        let limit = configuration.maximumHistoryLength
        let all = usersByItem.transposed()
        itemsByUser = all.emptyingRows(longerThan: limit)
        self.usersByItem = itemsByUser.count == all.count ? usersByItem : itemsByUser.transposed()
        self.configuration = configuration
        self.context = context
    }

    func nearest() throws -> SparseMatrix {
        switch configuration.weighting {
        case .popularityDiscount:
            let discount = configuration.popularityDiscountFactor
            return try nearest(itemFactors: itemCounts.map { $0 > 0 ? Float(Power.of($0, -discount)) : 0 })
        case .bm25(let saturation, let normalization):
            return try nearestByRelevance(saturation, normalization)
        case .tfIdf:
            return try nearestByRarity()
        case .shallowAutoencoder(let regularization, let share):
            return try nearestByReconstruction(regularization, share)
        case .blended(let strength): return try contents.nearest(strength: strength)
        case .texts: return try contents.nearestByTexts()
        }
    }

    private var contents: ItemSimilarity.ContentTraining {
        ItemSimilarity.ContentTraining(
            data: data,
            usersByItem: usersByItem,
            configuration: configuration,
            context: context
        )
    }

    private var itemCounts: [Double] {
        (0..<usersByItem.rowCount).map { Double(usersByItem.range(row: $0).count) }
    }

    private var userCounts: [Double] {
        (0..<itemsByUser.rowCount).map { Double(itemsByUser.range(row: $0).count) }
    }

    /// A user's items count the less the more he has met; items with few users count more.
    private func nearestByRelevance(_ saturation: Double, _ normalization: Double) throws -> SparseMatrix {
        let counts = userCounts
        let users = Double(max(itemsByUser.occupiedRowCount, 1))
        let mean = Double(itemsByUser.count) / users
        let weights = counts.map { count in
            let weight = (saturation + 1) / (1 + saturation * (1 - normalization + normalization * count / mean))
            return Float(weight * weight)
        }
        let rarities = itemCounts.map { $0 > 0 ? Float(Logarithm.of(1 + (users - $0 + 0.5) / ($0 + 0.5))) : 0 }
        return try nearest(itemFactors: rarities, userWeights: weights)
    }

    /// Users who have met few items tell more.
    private func nearestByRarity() throws -> SparseMatrix {
        let items = Double(max(usersByItem.occupiedRowCount, 1))
        let weights = userCounts.map { count in
            let rarity = Logarithm.of(1 + items / (1 + count))
            return Float(rarity * rarity)
        }
        let norms = (0..<usersByItem.rowCount).map { item in
            usersByItem.columns[usersByItem.range(row: item)].reduce(0.0) { $0 + Double(weights[Int($1)]) }
        }
        return try nearest(itemFactors: norms.map { $0 > 0 ? Float(1 / $0.squareRoot()) : 0 }, userWeights: weights)
    }

    private func nearest(itemFactors: [Float], userWeights: [Float]? = nil) throws -> SparseMatrix {
        let counting = CoOccurrence(
            itemsByUser: itemsByUser,
            usersByItem: usersByItem,
            itemFactors: itemFactors,
            userWeights: userWeights,
            minimum: configuration.minimumCointeractionCount,
            neighbours: configuration.neighbours
        )
        return try counting.nearest(threads: context.threads) { [context] _ in try context.checkCancellation() }
    }

    private func nearestByReconstruction(_ regularization: Double, _ share: Double) throws -> SparseMatrix {
        let confidence = AlternatingLeastSquares.confidence
        let weighted = (itemsByUser.mapValues(confidence), usersByItem.mapValues(confidence))
        let autoencoder = ShallowAutoencoder(
            itemsByUser: weighted.0,
            usersByItem: weighted.1,
            regularization: itemCounts.map { Float(regularization + share * $0) },
            neighbours: configuration.neighbours
        )
        let limit = configuration.maximumMatrixSize
        guard autoencoder.size <= limit, autoencoder.work <= Power.of(Double(limit), 3) else {
            throw RecommenderError(
                .tooLarge,
                "EASE over \(itemsByUser.rowCount) users and \(usersByItem.rowCount) items is more work than a matrix "
                    + "of \(limit) rows; use matrix factorisation, or allow more rows where there is memory and time"
            )
        }
        let weights = try autoencoder.weights(threads: context.threads) { [context] in
            try context.checkCancellation()
        }
        guard let weights else {
            throw RecommenderError(.invalidData, "EASE finds no inverse at λ \(regularization); choose a greater one")
        }
        return weights
    }
}
