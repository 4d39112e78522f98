public import Kernels

/// Items in the order of how many users interacted with them: `aws-popularity-count`, the baseline, and what all other
/// recommenders answer with when they know nothing of who asks.
public struct Popularity: Recommender, Equatable {
    /// There is nothing to set.
    public struct Configuration: Sendable, Equatable {
        /// The only configuration.
        public init() {}
    }

    /// The number of different users of each item.
    let counts: MappedArray<UInt32>
    /// The items that have any, the most popular first, equal ones in the order of their codes.
    let order: MappedArray<UInt32>

    /// Counts the users of each item.
    ///
    /// - Parameters:
    ///   - data: What to learn from.
    ///   - configuration: Nothing.
    ///   - context: Progress and cancellation.
    /// - Returns: The counts.
    /// - Throws: `CancellationError` when it is cancelled, `RecommenderError` with `insufficientData` without events.
    public static func fit(
        _ data: Interactions,
        configuration: Configuration,
        context: TrainingContext
    ) throws -> Popularity {
        try context.checkCancellation()
        try data.requireEvents()
        let popularity = Popularity(usersByItem: data.usersByItem())
        context.progress(TrainingProgress(stage: "counting", fraction: 1))
        return popularity
    }

    init(usersByItem: SparseMatrix) {
        let counts = (0..<usersByItem.rowCount).map { UInt32(usersByItem.range(row: $0).count) }
        let items = (0..<UInt32(counts.count)).filter { counts[Int($0)] > 0 }
        self.counts = MappedArray(counts)
        order = MappedArray(
            items.sorted {
                let (left, right) = (counts[Int($0)], counts[Int($1)])
                return left == right ? $0 < $1 : left > right
            }
        )
    }

    /// The most popular items, or the candidates from the most to the least popular; without scores.
    public func recommend(_ query: Query) -> [ScoredItem] {
        if let candidates = query.candidates {
            return candidates.stablySorted { popularity(of: $0) > popularity(of: $1) }
                .map { ScoredItem(item: $0, score: nil) }
        }
        return popular(query.count, excluding: query.excluded).map { ScoredItem(item: $0, score: nil) }
    }

    /// The number of different users of an item; zero for a code beyond the data.
    public func popularity(of item: UInt32) -> Int { Int(item) < counts.count ? Int(counts[Int(item)]) : 0 }

    /// The items without any user, which no recommender can score.
    var unscored: ItemSet { ItemSet(order).complement(below: counts.count) }

    /// The most popular items that are not excluded.
    func popular(_ count: Int, excluding excluded: ItemSet) -> [UInt32] {
        Array(order.lazy.filter { !excluded.contains($0) }.prefix(max(count, 0)))
    }

    /// The same with each item's share of all counts as its score.
    func scored(_ query: Query) -> [ScoredItem] {
        let total = Double(counts.reduce(0) { $0 + Int($1) })
        return popular(query.count, excluding: query.excluded).map {
            ScoredItem(item: $0, score: Double(popularity(of: $0)) / total)
        }
    }
}

extension Popularity {
    /// The bytes of a model file.
    public func encoded() -> [UInt8] {
        ModelFile.encode(kind: ModelKind.popularity.rawValue, sections: sections)
    }

    /// Opens a model file.
    ///
    /// - Parameter file: The mapped file.
    /// - Throws: `RecommenderError` with `invalidModel` when it is damaged, cut short or of another kind.
    public init(mapped file: MappedFile) throws {
        let reader = try ModelReader(file)
        try reader.expect(kind: .popularity)
        try self.init(reader, firstSection: 0)
    }

    var sections: [[UInt8]] { [counts.bytes, order.bytes] }

    init(_ reader: ModelReader, firstSection: Int) throws(RecommenderError) {
        counts = try reader.section(firstSection, of: UInt32.self)
        order = try reader.section(firstSection + 1, of: UInt32.self)
        let itemCount = counts.count
        guard order.allSatisfy({ Int($0) < itemCount }) else { throw reader.invalid("names items beyond its last") }
    }
}

extension Recommender {
    /// Answers questions on several threads, each by `recommend(_:)`.
    public func recommend(_ queries: [Query], threads: Int) -> [[ScoredItem]] {
        // The blocks cannot fail.
        let blocks = try? Parallel.mapBlocks(count: queries.count, blockSize: 16, threads: threads) { block in
            queries[block].map { recommend($0) }
        }
        return blocks?.flatMap { $0 } ?? []
    }
}

extension Interactions {
    /// Throws if there is nothing to learn from.
    func requireEvents() throws(RecommenderError) {
        guard count > 0 else {
            throw RecommenderError(.insufficientData, "the data holds no interactions; import some first")
        }
    }
}

extension Array {
    /// The elements sorted, equal ones in their present order.
    func stablySorted(by isBefore: (Element, Element) -> Bool) -> [Element] {
        enumerated().sorted { left, right in
            if isBefore(left.element, right.element) { return true }
            return !isBefore(right.element, left.element) && left.offset < right.offset
        }
        .map(\.element)
    }
}
