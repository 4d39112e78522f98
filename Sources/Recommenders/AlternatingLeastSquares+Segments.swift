internal import Kernels

/// Which users are wanted: those who are most interested in one item, or in several together.
public struct SegmentQuery: Sendable, Equatable {
    /// The items; codes beyond the data and items without events are ignored.
    public var items: [UInt32]
    /// Users that must not be in the answer.
    public var excluded: ItemSet
    /// The most users wanted.
    public var count: Int

    /// A question.
    ///
    /// - Parameters:
    ///   - items: The items.
    ///   - excluded: Users that must not be in the answer.
    ///   - count: The most users wanted.
    public init(items: [UInt32], excluded: ItemSet = [], count: Int = 25) {
        self.items = items
        self.excluded = excluded
        self.count = count
    }
}

extension TrainedModel {
    /// Finds users by items: `aws-item-affinity` and `aws-item-attribute-affinity`.
    ///
    /// Users are in the order of the inner product of their factors with the items' mean, equal ones in the order of their
    /// codes; those without events are never in it.
    ///
    /// - Parameters:
    ///   - queries: The questions.
    ///   - threads: The most threads to work at once.
    /// - Returns: The users' codes a question, in the order of the questions; nil where the training knew none of the
    ///   items. The same for any number of threads. Nil altogether when the model has no factors of users and items.
    public func segments(_ queries: [SegmentQuery], threads: Int) -> [[UInt32]?]? {
        guard case .alternatingLeastSquares(let model) = self else { return nil }
        return model.segments(queries, threads: threads)
    }
}

extension AlternatingLeastSquares {
    fileprivate func segments(_ queries: [SegmentQuery], threads: Int) -> [[UInt32]?] {
        let vectors = queries.map { mean(of: $0.items) }
        let asked = queries.indices.filter { vectors[$0] != nil }
        let unscored = ItemSet((0..<UInt32(userFactors.rows)).filter { userFactors.isZero(row: Int($0)) })
        let ranking = DotProductRanking(items: userFactors, unscored: unscored.words, scale: Self.scoreScale)
        let requests = asked.map { index in
            DotProductRanking.Request(
                vector: vectors[index] ?? [],
                excluded: queries[index].excluded.words,
                count: min(queries[index].count, userFactors.rows),
                isSummed: false
            )
        }
        var segments = [[UInt32]?](repeating: nil, count: queries.count)
        for (index, answer) in zip(asked, ranking.answers(requests, threads: threads)) {
            segments[index] = answer.entries.map(\.item)
        }
        return segments
    }

    /// The mean of the factors of items; nil when none of them has any.
    private func mean(of items: [UInt32]) -> [Float]? {
        let known = items.filter { popularity.popularity(of: $0) > 0 }
        guard !known.isEmpty else { return nil }
        var sum = [Float](repeating: 0, count: itemFactors.columns)
        for item in known {
            for (column, value) in itemFactors.row(Int(item)).enumerated() { sum[column] += value }
        }
        return sum.map { $0 / Float(known.count) }
    }
}
