internal import Kernels

/// A gated recurrent network over a user's events: `aws-hrnn`, `aws-hrnn-metadata` and `aws-hrnn-coldstart`.
///
/// A state goes from event to event and on from session to session; the next item is told from its inner product with
/// the items' rows. An answer begins with the state after the latest event, so each new event changes the next answer.
/// [Hidasi, Karatzoglou: "Recurrent neural networks with top-k gains for session-based recommendations", 2018; Quadrana,
/// Karatzoglou, Hidasi, Cremonesi: "Personalizing session-based recommendations with hierarchical recurrent neural
/// networks", 2017, for a user's state that outlives his sessions]
public struct RecurrentNetwork: Recommender, Equatable {
    /// How many of the latest events of a history are gone through.
    static let longestHistory = 512

    let configuration: Configuration
    let unit: GatedRecurrentUnit
    /// A row an item, with its bias in the last column.
    let items: Matrix
    /// A row a user: the state after his last event; zero without one.
    var users: Matrix
    /// The items that can be told: those with events, and new ones that are known by their features.
    let scored: ItemSet
    let popularity: Popularity
    private let ranking: SoftmaxRanking

    init(
        configuration: Configuration,
        unit: GatedRecurrentUnit,
        items: Matrix,
        users: Matrix,
        scored: ItemSet,
        popularity: Popularity
    ) {
        self.configuration = configuration
        self.unit = unit
        self.items = items
        self.users = users
        self.scored = scored
        self.popularity = popularity
        ranking = SoftmaxRanking(
            items: items,
            unscored: scored.complement(below: items.rows),
            scale: 1,
            userCount: users.rows
        )
    }

    /// Brings the items into the order in which they are ranked.
    public func prepare() { ranking.prepare() }

    /// Items for a user or a history, with a softmax over all items as scores; or the candidates in order, with a softmax
    /// over them, those that nobody interacted with last and without a score.
    public func recommend(_ query: Query) -> [ScoredItem] {
        recommend([query], threads: 1).first ?? []
    }

    /// Answers questions on several threads.
    ///
    /// - Parameters:
    ///   - queries: The questions.
    ///   - threads: The most threads to work at once.
    /// - Returns: An answer a question, in their order; the same for any number of threads.
    public func recommend(_ queries: [Query], threads: Int) -> [[ScoredItem]] {
        // The blocks cannot fail.
        let blocks = try? Parallel.mapBlocks(count: queries.count, blockSize: 8, threads: threads) { block in
            self.answers(queries[block])
        }
        return blocks?.flatMap { $0 } ?? []
    }

    private func answers(_ queries: ArraySlice<Query>) -> [[ScoredItem]] {
        let states = queries.map { state(of: $0) }
        var requests: [SoftmaxRanking.Request] = []
        for (query, state) in zip(queries, states) where query.candidates == nil {
            guard let state else { continue }
            requests.append(.init(vector: state, user: query.history == nil ? query.user : nil, query: query))
        }
        var answers = ranking.answers(requests, threads: 1)[...]
        return zip(queries, states).map { query, state in
            if let candidates = query.candidates { return rank(candidates, state: state) }
            guard state != nil, let answer = answers.popFirst() else { return popularity.scored(query) }
            return answer
        }
    }

    private func rank(_ candidates: [UInt32], state: [Float]?) -> [ScoredItem] {
        let known = candidates.filter { scored.contains($0) }.map { item in
            let score = state.map { items.dot(row: Int(item), $0) }
            return (item: item, score: score ?? Logarithm.of(Float(popularity.popularity(of: item) + 1)))
        }
        let highest = known.map(\.score).max() ?? 0
        let weights = known.map { (item: $0.item, weight: Exponential.of($0.score - highest)) }
        let total = weights.reduce(0) { $0 + $1.weight }
        return weights.stablySorted { $0.weight > $1.weight }
            .map { ScoredItem(item: $0.item, score: $0.weight / total) }
            + candidates.filter { !scored.contains($0) }.map { ScoredItem(item: $0, score: nil) }
    }

    /// The state of who asks, or nil when nothing is known of him.
    private func state(of query: Query) -> [Float]? {
        if let history = query.history { return state(after: history[...]) }
        guard let user = query.user, Int(user) < users.rows, !users.isZero(row: Int(user)) else { return nil }
        return users.row(Int(user))
    }

    /// The state after a history, or nil when it holds no item of the training.
    func state(after history: ArraySlice<UInt32>) -> [Float]? {
        let known = history.suffix(Self.longestHistory).filter { scored.contains($0) }
        guard !known.isEmpty else { return nil }
        return unit.state(after: items.gathering(rows: known), from: unit.initialState)
    }
}
