extension ItemSimilarity {
    /// Where the similarities of items come from.
    public enum Weighting: Sendable, Equatable {
        /// Users in common, discounted by the items' popularity; ½ gives the cosine.
        case popularityDiscount
        /// Users in common, who count the less the more items they have met, and rare items the more.
        ///
        /// Okapi BM25 with items as terms and users as documents. [Robertson, Zaragoza: "The probabilistic relevance
        /// framework: BM25 and beyond", 2009]
        case bm25(saturation: Double, lengthNormalization: Double)
        /// Cosine of vectors whose parts are the users' logarithmic rarities. [Salton, Buckley: "Term-weighting
        /// approaches in automatic text retrieval", 1988]
        case tfIdf
        /// The linear model that reconstructs users' items best without an item explaining itself (EASE).
        ///
        /// The regularisation λ is in units of users, and grows by a share of an item's own users.
        case shallowAutoencoder(regularization: Double, ownShare: Double)
        /// Users in common of those there could be, expected by what the items are like: `aws-similar-items`.
        ///
        /// The strength is how many users the expectation is worth.
        case blended(strength: Double)
        /// What the items' texts have in common: `aws-semantic-similarity`.
        case texts

        /// What `blended` takes when nothing is said.
        static let defaultStrength = 5.0
    }

    /// The settings of item–item similarity.
    public struct Configuration: Sendable, Equatable {
        /// Where similarities come from, by default from users in common with a discount for popularity.
        public var weighting: Weighting
        /// How much popularity counts against an item, from 0 to 1; ½, the default, gives the cosine.
        ///
        /// Only with `Weighting.popularityDiscount` and `Weighting.blended`.
        public var popularityDiscountFactor: Double
        /// The fewest users two items must have in common, 3 by default.
        ///
        /// Not with `Weighting.shallowAutoencoder`, `Weighting.blended` and `Weighting.texts`.
        public var minimumCointeractionCount: Int
        /// The most neighbours kept of an item, 200 by default.
        public var neighbours: Int
        /// How much the events of a history count by their age; all alike by default.
        public var recency: Recency
        /// Users with more items than this, 10,000 by default, are left out: they are machines, and tell of all items.
        public var maximumHistoryLength: Int
        /// The most rows of a matrix that `Weighting.shallowAutoencoder` inverts, 16,000 by default (1 GB).
        ///
        /// The matrix has a row an item, or a row a user where users are fewer.
        public var maximumMatrixSize: Int
        /// The most pairs of items that are compared by what they are like, over all features; 20 billion by default.
        ///
        /// Features that more items have than this allows are left out.
        public var maximumPairs = 2e10

        /// Settings.
        ///
        /// - Parameters:
        ///   - weighting: Where similarities come from.
        ///   - popularityDiscountFactor: How much popularity counts against an item.
        ///   - minimumCointeractionCount: The fewest users two items must have in common.
        ///   - neighbours: The most neighbours kept of an item.
        ///   - recency: How much the events of a history count by their age.
        ///   - maximumHistoryLength: The most items of a user who counts.
        ///   - maximumMatrixSize: The most rows of a matrix that is inverted.
        public init(
            weighting: Weighting = .popularityDiscount,
            popularityDiscountFactor: Double = 0.5,
            minimumCointeractionCount: Int = 3,
            neighbours: Int = 200,
            recency: Recency = .none,
            maximumHistoryLength: Int = 10_000,
            maximumMatrixSize: Int = 16_000
        ) {
            self.weighting = weighting
            self.popularityDiscountFactor = popularityDiscountFactor
            self.minimumCointeractionCount = minimumCointeractionCount
            self.neighbours = neighbours
            self.recency = recency
            self.maximumHistoryLength = maximumHistoryLength
            self.maximumMatrixSize = maximumMatrixSize
        }
    }
}

extension ItemSimilarity.Configuration {
    /// The settings that matter, by the names of the hyperparameters.
    var hyperparameters: [String: String] {
        var values = [
            "min_cointeraction_count": "\(minimumCointeractionCount)",
            "recency_mask": "\(recency.halfLife > 0)",
        ]
        switch weighting {
        case .popularityDiscount: values["popularity_discount_factor"] = "\(popularityDiscountFactor)"
        case .bm25(let saturation, let normalization):
            values["saturation"] = "\(saturation)"
            values["length_normalization"] = "\(normalization)"
        case .tfIdf: break
        case .shallowAutoencoder(let regularization, let share):
            values = ["regularization": "\(regularization)", "own_share": "\(share)"]
            values["recency_mask"] = "\(recency.halfLife > 0)"
        case .blended(let strength):
            values = ["popularity_discount_factor": "\(popularityDiscountFactor)", "prior_strength": "\(strength)"]
        case .texts: values = [:]
        }
        return values
    }
}
