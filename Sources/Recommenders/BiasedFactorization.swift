internal import Kernels

/// Prediction of explicit ratings by matrix factorisation with biases (SVD): `millrace-svd`.
///
/// A rating is predicted as μ + b_u + b_i + p_u · q_i and cut to the scale of ratings. Ratings are the events' weights;
/// of several ratings of one item by one user the last counts. What is not known of a user or an item is left out of
/// the sum.
/// [Koren, Bell, Volinsky: "Matrix factorization techniques for recommender systems", 2009; settings and defaults are
/// those of `SVD` in the library Surprise]
public struct BiasedFactorization: Recommender, Equatable {
    let configuration: Configuration
    let factors: RatingFactors
    let mean: Double
    let scale: ClosedRange<Float>
    let popularity: Popularity
    private let ranking: Derived<DotProductRanking>

    init(
        configuration: Configuration,
        factors: RatingFactors,
        mean: Double,
        scale: ClosedRange<Float>,
        popularity: Popularity
    ) {
        self.configuration = configuration
        self.factors = factors
        self.mean = mean
        self.scale = scale
        self.popularity = popularity
        ranking = Derived {
            DotProductRanking(items: factors.items, unscored: popularity.unscored.words, scale: 0)
        }
    }

    /// Brings the items into the order in which they are ranked.
    public func prepare() { _ = ranking.value }

    /// The rating a user would give an item.
    ///
    /// - Parameters:
    ///   - user: The user's code; nil, or one without ratings in training, gives what an unknown user would.
    ///   - item: The item's code; one without ratings in training gives what an unknown item would get.
    /// - Returns: The rating, within the scale.
    public func rating(user: UInt32?, item: UInt32) -> Double { clipped(rating(item, by: row(of: user))) }

    /// Items by predicted rating, with the ratings as scores; or all candidates likewise.
    ///
    /// Ratings beyond the scale are put in order before they are cut to it. A user who was not there in training gets the
    /// items rated best by all; a history has no ratings and so says nothing.
    public func recommend(_ query: Query) -> [ScoredItem] { recommend([query], threads: 1).first ?? [] }

    /// Answers questions on several threads.
    ///
    /// - Parameters:
    ///   - queries: The questions.
    ///   - threads: The most threads to work at once.
    /// - Returns: An answer a question, in their order; the same for any number of threads.
    public func recommend(_ queries: [Query], threads: Int) -> [[ScoredItem]] {
        let asked = queries.indices.filter { queries[$0].candidates == nil }
        let requests = asked.map { index in
            DotProductRanking.Request(
                vector: row(of: queries[index].user),
                excluded: queries[index].excluded.words,
                count: queries[index].count,
                isSummed: false
            )
        }
        var results = queries.map { query in query.candidates.map { rank($0, for: query.user) } ?? [] }
        for (index, answer) in zip(asked, ranking.value.answers(requests, threads: threads)) {
            results[index] = answer.entries.map { scored($0.item, Double($0.score)) }
        }
        return results
    }

    private func rank(_ candidates: [UInt32], for user: UInt32?) -> [ScoredItem] {
        let row = row(of: user)
        return candidates.map { (item: $0, rating: rating($0, by: row)) }
            .stablySorted { $0.rating > $1.rating }
            .map { scored($0.item, $0.rating) }
    }

    private func scored(_ item: UInt32, _ rating: Double) -> ScoredItem {
        ScoredItem(item: item, score: clipped(rating))
    }

    /// The rating less μ, not yet cut to the scale.
    private func rating(_ item: UInt32, by user: [Float]) -> Double {
        if Int(item) < factors.items.rows { return Double(factors.items.dot(row: Int(item), user)) }
        let row = RatingFactors.unknown(columns: factors.items.columns, isUser: false)
        return Double(zip(row, user).reduce(0) { $0 + $1.0 * $1.1 })
    }

    private func clipped(_ rating: Double) -> Double {
        min(max(mean + rating, Double(scale.lowerBound)), Double(scale.upperBound))
    }

    private func row(of user: UInt32?) -> [Float] {
        guard let user, Int(user) < factors.users.rows else {
            return RatingFactors.unknown(columns: factors.users.columns, isUser: true)
        }
        return factors.users.row(Int(user))
    }
}
