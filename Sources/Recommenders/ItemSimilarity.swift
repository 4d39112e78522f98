public import Kernels

/// Items that the same users interact with: item–item cosine with a discount for popularity (`aws-sims`).
///
/// The similarity of two items is the number of users in common over the product of their numbers of users, to the power
/// of the discount. For a user the similarities to the items of his history are added up.
/// [Sarwar, Karypis, Konstan, Riedl: "Item-based collaborative filtering recommendation algorithms", 2001; Linden,
/// Smith, York: "Amazon.com recommendations: item-to-item collaborative filtering", 2003]
public struct ItemSimilarity: Recommender, Equatable {
    /// The settings of item–item similarity.
    public struct Configuration: Sendable, Equatable {
        /// How much popularity counts against an item, from 0 to 1; ½, the default, gives the cosine.
        public var popularityDiscountFactor: Double
        /// The fewest users two items must have in common, 3 by default.
        public var minimumCointeractionCount: Int
        /// The most neighbours kept of an item, 200 by default.
        public var neighbours: Int

        /// Settings.
        ///
        /// - Parameters:
        ///   - popularityDiscountFactor: How much popularity counts against an item.
        ///   - minimumCointeractionCount: The fewest users two items must have in common.
        ///   - neighbours: The most neighbours kept of an item.
        public init(
            popularityDiscountFactor: Double = 0.5,
            minimumCointeractionCount: Int = 3,
            neighbours: Int = 200
        ) {
            self.popularityDiscountFactor = popularityDiscountFactor
            self.minimumCointeractionCount = minimumCointeractionCount
            self.neighbours = neighbours
        }
    }

    let offsets: MappedArray<Int>
    let neighbours: MappedArray<UInt32>
    let similarities: MappedArray<Float>
    let popularity: Popularity

    /// Counts the users that items have in common.
    ///
    /// - Parameters:
    ///   - data: What to learn from.
    ///   - configuration: The settings.
    ///   - context: Threads, progress and cancellation.
    /// - Returns: Each item's neighbours.
    /// - Throws: `CancellationError` when it is cancelled, `RecommenderError` with `insufficientData` without events.
    public static func fit(
        _ data: Interactions,
        configuration: Configuration,
        context: TrainingContext
    ) throws -> ItemSimilarity {
        try context.checkCancellation()
        try data.requireEvents()
        context.progress(TrainingProgress(stage: "counting", fraction: 0))
        let usersByItem = data.usersByItem()
        let counting = CoOccurrence(
            itemsByUser: usersByItem.transposed(),
            usersByItem: usersByItem,
            discount: configuration.popularityDiscountFactor,
            minimum: configuration.minimumCointeractionCount,
            neighbours: configuration.neighbours
        )
        let nearest = try counting.nearest(threads: context.threads) { _ in try context.checkCancellation() }
        context.progress(TrainingProgress(stage: "counting", fraction: 1))
        return ItemSimilarity(nearest: nearest, popularity: Popularity(usersByItem: usersByItem))
    }

    private init(nearest: SparseMatrix, popularity: Popularity) {
        offsets = MappedArray(nearest.offsets)
        neighbours = MappedArray(nearest.columns)
        similarities = MappedArray(nearest.values)
        self.popularity = popularity
    }

    /// Related items of an item, or items for a history; popular items follow where neighbours end.
    ///
    /// Related items have no scores. For a history, scores are shares of the similarities of all items to it.
    public func recommend(_ query: Query) -> [ScoredItem] {
        if let item = query.item, query.candidates == nil { return related(to: item, query) }
        let sums = similarities(toHistory: query.history ?? query.item.map { [$0] } ?? [])
        if let candidates = query.candidates { return rank(candidates, by: sums) }
        guard !sums.isEmpty else { return popularity.scored(query) }
        var best = TopK(capacity: query.count)
        for (item, sum) in sums where !query.excluded.contains(item) { best.insert(item, score: Float(sum)) }
        let total = sums.values.sorted().reduce(0, +)
        let scored = best.sorted().map { ScoredItem(item: $0.item, score: Double($0.score) / total) }
        return filledUp(scored, query, score: 0)
    }

    private func related(to item: UInt32, _ query: Query) -> [ScoredItem] {
        var excluded = query.excluded
        excluded.insert(item)
        let near = range(item: item).lazy.map { neighbours[$0] }.filter { !excluded.contains($0) }
        var query = query
        query.excluded = excluded
        return filledUp(near.prefix(max(query.count, 0)).map { ScoredItem(item: $0, score: nil) }, query, score: nil)
    }

    private func rank(_ candidates: [UInt32], by sums: [UInt32: Double]) -> [ScoredItem] {
        candidates
            .stablySorted { left, right in
                let (first, second) = (sums[left] ?? 0, sums[right] ?? 0)
                return first == second
                    ? popularity.popularity(of: left) > popularity.popularity(of: right) : first > second
            }
            .map { ScoredItem(item: $0, score: nil) }
    }

    private func filledUp(_ items: [ScoredItem], _ query: Query, score: Double?) -> [ScoredItem] {
        guard items.count < query.count else { return items }
        var excluded = query.excluded
        for item in items { excluded.insert(item.item) }
        let popular = popularity.popular(query.count - items.count, excluding: excluded)
        return items + popular.map { ScoredItem(item: $0, score: score) }
    }

    private func similarities(toHistory history: [UInt32]) -> [UInt32: Double] {
        var sums: [UInt32: Double] = [:]
        var met = ItemSet()
        for item in history where !met.contains(item) {
            guard Int(item) < offsets.count - 1 else { continue }
            met.insert(item)
            for position in range(item: item) {
                sums[neighbours[position], default: 0] += Double(similarities[position])
            }
        }
        return sums
    }

    private func range(item: UInt32) -> Range<Int> {
        Int(item) < offsets.count - 1 ? offsets[Int(item)]..<offsets[Int(item) + 1] : 0..<0
    }
}

extension ItemSimilarity {
    /// The bytes of a model file.
    public func encoded() -> [UInt8] {
        ModelFile.encode(
            kind: ModelKind.itemSimilarity.rawValue,
            sections: popularity.sections + [offsets.bytes, neighbours.bytes, similarities.bytes]
        )
    }

    /// Opens a model file.
    ///
    /// - Parameter file: The mapped file.
    /// - Throws: `RecommenderError` with `invalidModel` when it is damaged, cut short or of another kind.
    public init(mapped file: MappedFile) throws {
        let reader = try ModelReader(file)
        try reader.expect(kind: .itemSimilarity)
        popularity = try Popularity(reader, firstSection: 0)
        offsets = try reader.section(2, of: Int.self)
        neighbours = try reader.section(3, of: UInt32.self)
        similarities = try reader.section(4, of: Float.self)
        let itemCount = popularity.counts.count
        guard offsets.count == itemCount + 1, offsets.first == 0, offsets.last == neighbours.count,
            neighbours.count == similarities.count, neighbours.allSatisfy({ Int($0) < itemCount }),
            zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
        else { throw reader.invalid("contradicts itself in its neighbours") }
    }
}
