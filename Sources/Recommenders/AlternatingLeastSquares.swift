internal import Kernels

/// Matrix factorisation for implicit feedback by alternating least squares (iALS): `aws-user-personalization`,
/// `aws-personalized-ranking`, `aws-item-affinity` and `aws-item-attribute-affinity`.
///
/// Minimises Σ c (x·y − 1)² over the observed pairs, plus α Σ (x·y)² over all pairs, plus a regularisation λ that grows
/// with how often a user or an item is observed. A user who was not there in training is folded in: his factors are
/// solved for from his events.
/// [Hu, Koren, Volinsky: "Collaborative filtering for implicit feedback datasets", 2008; Rendle, Krichene, Zhang, Koren:
/// "Revisiting the performance of iALS on item recommendation benchmarks", 2021, for α, λ and its scaling]
public struct AlternatingLeastSquares: Recommender, Equatable {
    /// What inner products are multiplied by before the softmax, so that scores differ visibly.
    static let scoreScale: Float = 10

    var configuration: Configuration
    let userFactors: Matrix
    let itemFactors: Matrix
    let gram: Matrix
    let popularity: Popularity
    private let ranking: SoftmaxRanking

    init(
        configuration: Configuration,
        userFactors: Matrix,
        itemFactors: Matrix,
        gram: Matrix,
        popularity: Popularity
    ) {
        self.configuration = configuration
        self.userFactors = userFactors
        self.itemFactors = itemFactors
        self.gram = gram
        self.popularity = popularity
        ranking = SoftmaxRanking(
            items: itemFactors,
            unscored: popularity.unscored,
            scale: Self.scoreScale,
            userCount: userFactors.rows
        )
    }

    /// Brings the items into the order in which they are ranked.
    public func prepare() { ranking.prepare() }

    /// Items for a user or a history, with a softmax over all items as scores; or the candidates in order, with a softmax
    /// over them, those that nobody interacted with last and without a score.
    public func recommend(_ query: Query) -> [ScoredItem] {
        let vector = vector(of: query)
        guard let vector, query.candidates == nil else { return other(query, vector: vector) }
        return ranking.answer(request(query, vector))
    }

    private func request(_ query: Query, _ vector: [Float]) -> SoftmaxRanking.Request {
        SoftmaxRanking.Request(vector: vector, user: query.history == nil ? query.user : nil, query: query)
    }

    /// Answers questions on several threads.
    ///
    /// - Parameters:
    ///   - queries: The questions.
    ///   - threads: The most threads to work at once.
    /// - Returns: An answer a question, in their order; the same for any number of threads.
    public func recommend(_ queries: [Query], threads: Int) -> [[ScoredItem]] {
        let vectors = queries.map { vector(of: $0) }
        let asked = queries.indices.filter { vectors[$0] != nil && queries[$0].candidates == nil }
        let requests = asked.map { request(queries[$0], vectors[$0] ?? []) }
        var results = queries.indices.map { index in
            asked.isEmpty || vectors[index] == nil || queries[index].candidates != nil
                ? other(queries[index], vector: vectors[index]) : []
        }
        for (index, answer) in zip(asked, ranking.answers(requests, threads: threads)) {
            results[index] = answer
        }
        return results
    }

    /// Rankings, and popular items for those it knows nothing of.
    private func other(_ query: Query, vector: [Float]?) -> [ScoredItem] {
        guard let candidates = query.candidates else { return popularity.scored(query) }
        guard let vector else { return rank(candidates) { Double(popularity.popularity(of: $0)).squareRoot() / 100 } }
        return rank(candidates) { item in
            Double(itemFactors.dot(row: Int(item), vector) * Self.scoreScale)
        }
    }

    private func rank(_ candidates: [UInt32], by score: (UInt32) -> Double) -> [ScoredItem] {
        let known = candidates.filter { popularity.popularity(of: $0) > 0 }
        let scored = known.map { (item: $0, score: score($0)) }
        let highest = scored.map(\.score).max() ?? 0
        let weights = scored.map { (item: $0.item, weight: Exponential.of(Float($0.score - highest))) }
        let total = weights.reduce(0) { $0 + $1.weight }
        let ranked = weights.stablySorted { $0.weight > $1.weight }
            .map { ScoredItem(item: $0.item, score: $0.weight / total) }
        let unknown = candidates.filter { popularity.popularity(of: $0) == 0 }
        return ranked + unknown.map { ScoredItem(item: $0, score: nil) }
    }

    /// Whether anything is known of who asks.
    func knows(_ query: Query) -> Bool {
        if let history = query.history { return history.contains { popularity.popularity(of: $0) > 0 } }
        return query.user.map { Int($0) < userFactors.rows && !userFactors.isZero(row: Int($0)) } ?? false
    }

    /// The factors of who asks, or nil when nothing is known of him.
    func vector(of query: Query) -> [Float]? {
        if let history = query.history { return foldIn(history) }
        guard let user = query.user, Int(user) < userFactors.rows else { return nil }
        return userFactors.isZero(row: Int(user)) ? nil : userFactors.row(Int(user))
    }
}

extension AlternatingLeastSquares {
    /// The factors of a user with a history, or nil when it holds no item of the training.
    func foldIn(_ history: [UInt32]) -> [Float]? {
        guard let observed = observed(history) else { return nil }
        var factors = Matrix(rows: 1, columns: itemFactors.columns)
        let systems = ImplicitLeastSquares(fixed: itemFactors, gram: gram)
        // Only the checkpoint could fail.
        try? systems.solve(
            &factors,
            observed: observed,
            regularization: configuration.regularizations(observed, fixedCount: popularity.order.count),
            solver: .cholesky,
            threads: 1
        )
        return factors.row(0)
    }

    /// How much each item of a history counts, as one row; nil when it holds no item of the training.
    func observed(_ history: [UInt32]) -> SparseMatrix? {
        let known = history.filter { popularity.popularity(of: $0) > 0 }
        guard !known.isEmpty else { return nil }
        let events = zip(known, configuration.recency.weights(count: known.count)).map { $0 }
            .stablySorted { $0.0 < $1.0 }
        return SparseMatrix(
            columnCount: itemFactors.rows,
            sortedOffsets: [0, events.count],
            columns: events.map(\.0),
            values: events.map(\.1)
        )
        .summingDuplicates()
        .mapValues(Self.confidence)
    }

    /// How much a pair counts whose events weigh so much together: as much up to 1, then with their logarithm.
    static func confidence(_ weight: Float) -> Float {
        weight <= 1 ? weight : 1 + Logarithm.of(min(weight, .greatestFiniteMagnitude))
    }
}
