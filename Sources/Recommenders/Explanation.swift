internal import Kernels

/// What a model's number for one item is made of; the parts add up to the total.
public struct Explanation: Sendable, Equatable {
    /// What a part comes from.
    public enum Source: Sendable, Equatable {
        /// The user's events with an item.
        case item(UInt32)
        /// A user whose taste is near.
        case user(UInt32)
        /// What has a name of its own, such as a bias.
        case term(String)
    }

    /// One summand.
    public struct Part: Sendable, Equatable {
        /// What it comes from.
        public let source: Source
        /// How much what it comes from counts: the weight of events, the cosine of a user; nil where that says nothing.
        public let weight: Double?
        /// The summand.
        public let value: Double
    }

    /// What the total is, such as `inner product`.
    public let measure: String
    /// The summands.
    public let parts: [Part]
    /// The number by which the model ranks the item.
    public let total: Double
    /// How to read it, in a sentence.
    public let statement: String
}

extension TrainedModel {
    /// What the number by which an item is ranked is made of.
    ///
    /// - Parameters:
    ///   - item: The item's code, one of the training.
    ///   - query: The question, as it would be asked for recommendations.
    ///   - met: The items of all of the user's events, from the oldest to the newest.
    /// - Returns: The parts and what they add up to.
    public func explain(_ item: UInt32, for query: Query, met: [UInt32]) -> Explanation {
        switch self {
        case .alternatingLeastSquares(let model): model.explain(item, for: query, met: met)
        case .itemSimilarity(let model): model.explain(item, for: query)
        case .biasedFactorization(let model): model.explain(item, for: query)
        case .nearestUsers(let model): model.explain(item, for: query)
        case .popularity(let model): model.explain(item)
        case .trending(let model): model.explain(item)
        case .recurrentNetwork:
            whole(
                item,
                query,
                "The recurrent network reads all of the user's items in their order; no part of its score belongs to one of them."
            )
        case .nextBestAction: whole(item, query, "This is the chance that the user takes the action.")
        }
    }

    /// A score that has no parts.
    private func whole(_ item: UInt32, _ query: Query, _ statement: String) -> Explanation {
        var query = query
        query.excluded = []
        let score = recommend(query).first { $0.item == item }?.score ?? 0
        let part = Explanation.Part(source: .term("whole score"), weight: nil, value: score)
        return Explanation(measure: "score", parts: [part], total: score, statement: statement)
    }
}

extension Popularity {
    func explain(_ item: UInt32) -> Explanation {
        let count = Double(popularity(of: item))
        return Explanation(
            measure: "users",
            parts: [Explanation.Part(source: .term("users who met it"), weight: nil, value: count)],
            total: count,
            statement: "Items are ranked by how many different users met them."
        )
    }
}

extension Trending {
    func explain(_ item: UInt32) -> Explanation {
        let rise = Int(item) < rises.count ? Double(rises[Int(item)]) : 0
        guard rise > 0 else { return popularity.explain(item) }
        return Explanation(
            measure: "standard deviations",
            parts: [Explanation.Part(source: .term("rise of its users"), weight: nil, value: rise)],
            total: rise,
            statement:
                "Items are ranked by how many standard deviations their users have become more in the newest interval."
        )
    }
}

extension AlternatingLeastSquares {
    /// The inner product of an item with a user, event by event.
    ///
    /// A user's factors solve A x = Σ c y over the items he met, so that the inner product with an item z is
    /// Σ c (y · A⁻¹ z), a summand each item.
    /// [Hu, Koren, Volinsky: "Collaborative filtering for implicit feedback datasets", 2008, section 5]
    func explain(_ item: UInt32, for query: Query, met: [UInt32]) -> Explanation {
        guard Int(item) < itemFactors.rows, let vector = vector(of: query) else { return popularity.explain(item) }
        let total = Double(itemFactors.dot(row: Int(item), vector))
        var parts = contributions(to: item, of: query.history ?? met)
        let rest = total - parts.reduce(0) { $0 + $1.value }
        if query.history == nil || parts.isEmpty {
            // Items' factors were solved for once more after the user's.
            parts.append(Explanation.Part(source: .term("the training's last half round"), weight: nil, value: rest))
        }
        return Explanation(
            measure: "inner product",
            parts: parts,
            total: total,
            statement: "A score is the item's share of e^(\(Self.scoreScale) · inner product) over all items."
        )
    }

    private func contributions(to item: UInt32, of history: [UInt32]) -> [Explanation.Part] {
        guard let observed = observed(history) else { return [] }
        var system = gram
        let regularization = configuration.regularizations(observed, fixedCount: popularity.order.count)[0]
        for column in 0..<system.columns { system[column, column] += regularization }
        for (code, weight) in zip(observed.columns, observed.values) {
            let row = itemFactors.row(Int(code))
            for (column, value) in row.enumerated() where value != 0 {
                for other in column..<row.count { system[column, other] += weight * value * row[other] }
            }
        }
        guard let direction = Cholesky.solve(system, itemFactors.row(Int(item))) else { return [] }
        return zip(observed.columns, observed.values).map { code, weight in
            Explanation.Part(
                source: .item(code),
                weight: Double(weight),
                value: Double(weight * itemFactors.dot(row: Int(code), direction))
            )
        }
    }
}

extension ItemSimilarity {
    func explain(_ item: UInt32, for query: Query) -> Explanation {
        let parts: [Explanation.Part]
        if let source = query.item {
            parts = [Explanation.Part(source: .item(source), weight: 1, value: similarity(of: source, to: item))]
        } else {
            parts = events(of: query.history ?? []).map { event in
                Explanation.Part(
                    source: .item(event.item),
                    weight: Double(event.weight),
                    value: Double(event.weight) * similarity(of: event.item, to: item)
                )
            }
            .filter { $0.value != 0 }
        }
        let total = parts.reduce(0) { $0 + $1.value }
        guard total != 0 else { return popularity.explain(item) }
        return Explanation(
            measure: "similarity",
            parts: parts,
            total: total,
            statement: query.item == nil
                ? "A score is the item's share of the similarities of all items to what the user met."
                : "Related items are ranked by their similarity; where no more are similar, popular ones follow."
        )
    }

    private func similarity(of item: UInt32, to other: UInt32) -> Double {
        range(item: item).first { neighbours[$0] == other }.map { Double(similarities[$0]) } ?? 0
    }
}

extension BiasedFactorization {
    func explain(_ item: UInt32, for query: Query) -> Explanation {
        let rating = rating(user: query.user, item: item)
        let columns = factors.items.columns
        let unknown = (
            user: RatingFactors.unknown(columns: columns, isUser: true),
            item: RatingFactors.unknown(columns: columns, isUser: false)
        )
        let user =
            query.user.flatMap { Int($0) < factors.users.rows ? factors.users.row(Int($0)) : nil } ?? unknown.user
        let other = Int(item) < factors.items.rows ? factors.items.row(Int(item)) : unknown.item
        let (userBias, itemBias) = (Double(user[columns - 4]), Double(other[columns - 3]))
        let product = zip(user, other).prefix(columns - 4).reduce(0.0) { $0 + Double($1.0 * $1.1) }
        var parts = [
            ("mean of all ratings", mean), ("bias of the user", userBias), ("bias of the item", itemBias),
            ("taste of the user for the item", product),
        ]
        let cut = rating - parts.reduce(0) { $0 + $1.1 }
        if abs(cut) > 1e-4 { parts.append(("cut to the scale", cut)) }
        return Explanation(
            measure: "rating",
            parts: parts.map { Explanation.Part(source: .term($0.0), weight: nil, value: $0.1) },
            total: rating,
            statement: "A score is the rating that the user is expected to give."
        )
    }
}

extension NearestUsers {
    func explain(_ item: UInt32, for query: Query) -> Explanation {
        let liked = query.history ?? query.item.map { [$0] } ?? query.user.map { Array(likes.row($0)) } ?? []
        let own = query.item == nil || query.history != nil ? query.user : nil
        guard let vector = features.vector(of: liked) else { return popularity.explain(item) }
        let nearest = nearest(to: vector, configuration.neighbours, except: own)
        let parts = nearest.filter { likes.row($0.user).contains(item) }.map { user, cosine in
            Explanation.Part(source: .user(user), weight: Double(cosine), value: 1 / Double(nearest.count))
        }
        guard !parts.isEmpty else { return popularity.explain(item) }
        return Explanation(
            measure: "share of the nearest users",
            parts: parts,
            total: Double(parts.count) / Double(nearest.count),
            statement: "A score is the share of the \(nearest.count) users of the nearest taste who liked the item."
        )
    }
}
