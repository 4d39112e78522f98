internal import Kernels

extension ItemSimilarity {
    /// Finds items' neighbours by what the items are like: alone (`aws-semantic-similarity`), or together with the users
    /// they share (`aws-similar-items`).
    struct ContentTraining {
        let data: Interactions
        /// Without users who have met too many items.
        let usersByItem: SparseMatrix
        let configuration: Configuration
        let context: TrainingContext

        /// From how many items the worth of contents is learnt.
        private static let sampleSize = 512

        /// The neighbours by users and contents; by users alone where nothing is known of items.
        func nearest(strength: Double) throws -> SparseMatrix {
            let exponent = configuration.popularityDiscountFactor
            let roots = (0..<data.itemCount).map { item in
                Float(Power.of(Double(usersByItem.range(row: item).count), exponent))
            }
            let contents = data.itemFeatures?
                .directions(itemCount: data.itemCount, frequency: .linear, limit: configuration.maximumPairs)
            var blended = BlendedSimilarity(
                usersByItem: usersByItem,
                userWeights: [Float](repeating: 1, count: usersByItem.columnCount),
                roots: roots,
                contents: contents ?? .empty(rows: data.itemCount)
            )
            blended.strength = Float(strength)
            let step = max(1, data.itemCount / Self.sampleSize)
            blended.expectation = blended.fittedExpectation(of: stride(from: 0, to: data.itemCount, by: step)) ?? 1
            return try nearest(blended)
        }

        /// The neighbours by texts.
        func nearestByTexts() throws -> SparseMatrix {
            let texts = data.itemTexts.map {
                $0.directions(itemCount: data.itemCount, frequency: .logarithmic, limit: configuration.maximumPairs)
            }
            guard let texts, texts.count > 0 else { throw data.missingTexts }
            return try nearest(
                BlendedSimilarity(
                    usersByItem: .empty(rows: data.itemCount),
                    userWeights: [0],
                    roots: [Float](repeating: 0, count: data.itemCount),
                    contents: texts
                )
            )
        }

        private func nearest(_ blended: BlendedSimilarity) throws -> SparseMatrix {
            var blended = blended
            blended.neighbours = configuration.neighbours
            return try blended.nearest(threads: context.threads) { [context] _ in try context.checkCancellation() }
        }
    }
}

extension Interactions {
    /// Why nothing is learnt from the items' texts.
    fileprivate var missingTexts: RecommenderError {
        let fact =
            itemTexts == nil
            ? "no item has a text to compare" : "no two of the items' texts have a word in common"
        return RecommenderError(
            .insufficientData,
            "\(fact); import an Items dataset with a column for names (ITEM_NAME or TITLE) and one for descriptions "
                + "with \"textual\": true"
        )
    }
}

extension SparseMatrix {
    /// Rows without values, of one column.
    fileprivate static func empty(rows: Int) -> SparseMatrix {
        SparseMatrix(
            columnCount: 1,
            sortedOffsets: [Int](repeating: 0, count: rows + 1),
            columns: [],
            values: []
        )
    }
}

extension Hyperparameter {
    static let similarItems = [
        Hyperparameter(
            name: "popularity_discount_factor",
            defaultValue: "\(ItemSimilarity.Configuration().popularityDiscountFactor)",
            values: .continuous(0...1),
            isTunable: true,
            summary: "How much popularity counts against an item; 0.5 gives the cosine."
        ),
        Hyperparameter(
            name: "prior_strength",
            defaultValue: "\(ItemSimilarity.Weighting.defaultStrength)",
            values: .continuous(0.01...1000),
            isTunable: true,
            summary: "By how many users two items' contents are outweighed."
        ),
    ]
}
