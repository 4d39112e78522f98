public import Kernels

/// Items that go with items: by the users they share (`aws-sims`), by a linear model of users' items (EASE), by users and
/// by what the items are like (`aws-similar-items`), or by their texts (`aws-semantic-similarity`).
///
/// For a user the similarities to the items of his history are added up.
/// [Sarwar, Karypis, Konstan, Riedl: "Item-based collaborative filtering recommendation algorithms", 2001; Linden,
/// Smith, York: "Amazon.com recommendations: item-to-item collaborative filtering", 2003]
public struct ItemSimilarity: Recommender, Equatable {
    let offsets: MappedArray<Int>
    let neighbours: MappedArray<UInt32>
    let similarities: MappedArray<Float>
    private(set) var recency: Recency
    let popularity: Popularity
    /// When each item came to be; empty where that does not matter.
    let creations: MappedArray<Int64>

    init(nearest: SparseMatrix, recency: Recency, popularity: Popularity, creations: [Int64] = []) {
        offsets = MappedArray(nearest.offsets)
        neighbours = MappedArray(nearest.columns)
        similarities = MappedArray(nearest.values)
        self.recency = recency
        self.popularity = popularity
        self.creations = MappedArray(creations)
    }

    /// The same similarities, with histories that count otherwise.
    func counting(_ recency: Recency) -> ItemSimilarity {
        var model = self
        model.recency = recency
        return model
    }

    /// Related items of an item, or items for a history; popular items follow where neighbours end.
    ///
    /// Related items have no scores. For a history, scores are shares of the similarities of all items to it.
    public func recommend(_ query: Query) -> [ScoredItem] {
        if let item = query.item, query.candidates == nil { return related(to: item, query) }
        guard let sums = sums(toHistory: query.history ?? query.item.map { [$0] } ?? []) else {
            return query.candidates.map { rank($0, by: []) } ?? popularity.scored(query)
        }
        if let candidates = query.candidates { return rank(candidates, by: sums) }
        var best = TopK(capacity: query.count)
        var total = 0.0
        for (item, sum) in sums.enumerated() where sum > 0 {
            total += Double(sum)
            let item = UInt32(item)
            if sum > best.threshold, !query.excluded.contains(item) { best.insert(item, score: sum) }
        }
        let scored = best.sorted().map { ScoredItem(item: $0.item, score: Double($0.score) / total) }
        return filledUp(scored, query, score: 0)
    }

    private func related(to item: UInt32, _ query: Query) -> [ScoredItem] {
        var excluded = query.excluded
        excluded.insert(item)
        let near = range(item: item).lazy.filter { similarities[$0] > 0 && !excluded.contains(neighbours[$0]) }
        let items =
            query.influence.map { influence in
                influenced(near.map { (neighbours[$0], similarities[$0]) }, by: influence)
            } ?? near.prefix(max(query.count, 0)).map { neighbours[$0] }
        var query = query
        query.excluded = excluded
        let related = items.prefix(max(query.count, 0)).map { ScoredItem(item: $0, score: nil) }
        return filledUp(related, query, score: nil)
    }

    private func rank(_ candidates: [UInt32], by sums: [Float]) -> [ScoredItem] {
        candidates
            .stablySorted { left, right in
                let (first, second) = (sum(sums, left), sum(sums, right))
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

    private func sum(_ sums: [Float], _ item: UInt32) -> Float { Int(item) < sums.count ? sums[Int(item)] : 0 }

    /// The similarities of each item to those of a history, added up; nil when nothing is like any of them.
    ///
    /// An item that is met again counts as much as when it was met last.
    private func sums(toHistory history: [UInt32]) -> [Float]? {
        let events = events(of: history).map { (rows: range(item: $0.item), weight: $0.weight) }
        guard events.contains(where: { !$0.rows.isEmpty }) else { return nil }
        return MappedRows(columns: neighbours, values: similarities).sums(of: events, columnCount: offsets.count - 1)
    }

    /// The items of a history, each once, with how much they count; the newest first.
    func events(of history: [UInt32]) -> [(item: UInt32, weight: Float)] {
        let weights = recency.weights(count: history.count)
        var met = ItemSet()
        var events: [(item: UInt32, weight: Float)] = []
        for (item, weight) in zip(history, weights).reversed() where !met.contains(item) {
            guard Int(item) < offsets.count - 1 else { continue }
            met.insert(item)
            events.append((item, weight))
        }
        return events
    }

    func range(item: UInt32) -> Range<Int> {
        Int(item) < offsets.count - 1 ? offsets[Int(item)]..<offsets[Int(item) + 1] : 0..<0
    }
}

extension ItemSimilarity {
    /// The bytes of a model file.
    public func encoded() -> [UInt8] {
        ModelFile.encode(
            kind: ModelKind.itemSimilarity.rawValue,
            sections: popularity.sections + [
                offsets.bytes, neighbours.bytes, similarities.bytes,
                ModelFile.bytes([recency.halfLife, recency.floor]),
            ] + (creations.isEmpty ? [] : [creations.bytes])
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
        let settings = try reader.section(5, of: Double.self)
        let itemCount = popularity.counts.count
        creations = reader.sectionCount > 6 ? try reader.section(6, of: Int64.self) : MappedArray([])
        guard creations.isEmpty || creations.count == itemCount else {
            throw reader.invalid("contradicts itself in its times")
        }
        guard settings.count == 2, offsets.count == itemCount + 1, offsets.first == 0, offsets.last == neighbours.count,
            neighbours.count == similarities.count, neighbours.allSatisfy({ Int($0) < itemCount }),
            zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
        else { throw reader.invalid("contradicts itself in its neighbours") }
        recency = Recency(halfLife: settings[0], floor: settings[1])
    }
}
