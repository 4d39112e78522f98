/// Finds for each query vector the items of the greatest inner product, block by block.
///
/// A block of items is scored against several queries while it is in the nearest cache.
public struct DotProductRanking: Sendable {
    /// What is asked with one query vector.
    public struct Request: Sendable {
        /// The query vector, as long as an item's.
        public var vector: [Float]
        /// Items left out, a bit each, 64 to a word; what is beyond its end is not left out.
        public var excluded: [UInt64]
        /// The most items wanted.
        public var count: Int

        /// A request.
        ///
        /// - Parameters:
        ///   - vector: The query vector.
        ///   - excluded: Items left out, a bit each.
        ///   - count: The most items wanted.
        public init(vector: [Float], excluded: [UInt64] = [], count: Int) {
            self.vector = vector
            self.excluded = excluded
            self.count = count
        }
    }

    /// The best items of one request.
    public struct Answer: Sendable, Equatable {
        /// The items, the best first; their scores are the inner products.
        public let entries: [TopK.Entry]
        /// Σ e^(scale · score) over all items that can be scored, those left out by the request too.
        public let exponentialSum: Double
    }

    private static let blockSize = 128
    private static let group = 8

    private let items: Matrix
    private let unscored: [UInt64]
    private let scale: Float

    /// A ranking of items.
    ///
    /// - Parameters:
    ///   - items: A row an item.
    ///   - unscored: Items that cannot be scored, a bit each, 64 to a word: never in an answer nor in its sum.
    ///   - scale: What scores are multiplied by in the exponent.
    public init(items: Matrix, unscored: [UInt64] = [], scale: Float) {
        self.items = items
        self.unscored = unscored
        self.scale = scale
    }

    /// Answers requests.
    ///
    /// - Parameters:
    ///   - requests: What is asked.
    ///   - threads: The most threads to work at once.
    /// - Returns: An answer a request, in their order; the same for any number of threads.
    public func answers(_ requests: [Request], threads: Int) -> [Answer] {
        guard requests.count > Self.group, threads > 1 else {
            return stride(from: 0, to: requests.count, by: Self.group).flatMap {
                answers(requests[$0..<min($0 + Self.group, requests.count)])
            }
        }
        // The blocks cannot fail.
        let blocks = try? Parallel.mapBlocks(count: requests.count, blockSize: Self.group, threads: threads) {
            self.answers(requests[$0])
        }
        return blocks?.flatMap { $0 } ?? []
    }

    private func answers(_ requests: ArraySlice<Request>) -> [Answer] {
        var queries = Matrix(rows: requests.count, columns: items.columns)
        for (row, request) in requests.enumerated() {
            precondition(request.vector.count == items.columns, "the query is not as long as an item's row")
            for (column, value) in request.vector.enumerated() { queries[row, column] = value }
        }
        var states = requests.map { State(request: $0) }
        var scores = Matrix(rows: 1, columns: Self.blockSize)
        for start in stride(from: 0, to: items.rows, by: Self.blockSize) {
            let block = start..<min(start + Self.blockSize, items.rows)
            for row in states.indices {
                unsafe scores.withUnsafeMutableVectors { scores in
                    unsafe score(block, query: row, of: queries, into: scores)
                    unsafe states[row].take(block, scores: scores, unscored: unscored, scale: scale)
                }
            }
        }
        return states.map { Answer(entries: $0.best.sorted(), exponentialSum: $0.exponentialSum) }
    }

    private func score(
        _ block: Range<Int>,
        query: Int,
        of queries: Matrix,
        into scores: UnsafeMutablePointer<Vector>
    ) {
        let vectors = items.vectors
        unsafe queries.withUnsafeVectors { queries in
            unsafe items.withUnsafeVectors { items in
                let query = unsafe queries + query * vectors
                var item = block.lowerBound
                var index = 0
                while item < block.upperBound {
                    let rows = unsafe FourRows(
                        items + item &* vectors,
                        stride: vectors,
                        count: min(4, block.upperBound &- item)
                    )
                    unsafe scores[index] = dots(query, rows.rows, vectors)
                    item &+= 4
                    index &+= 1
                }
            }
        }
    }
}

/// The selection of one request as the blocks go by.
private struct State {
    var best: TopK
    var exponentialSum = 0.0
    private let excluded: [UInt64]

    init(request: DotProductRanking.Request) {
        best = TopK(capacity: request.count)
        excluded = request.excluded
    }

    /// Takes the scores of a block that begins on a multiple of 64.
    mutating func take(
        _ block: Range<Int>,
        scores: UnsafeMutablePointer<Vector>,
        unscored: [UInt64],
        scale: Float
    ) {
        let values = unsafe UnsafeMutableRawPointer(scores).assumingMemoryBound(to: Float.self)
        let count = block.count
        let vectors = (count + 3) / 4
        for index in count..<vectors * 4 { unsafe values[index] = -.infinity }
        unsafe mask(values, block, by: unscored)
        var total = Vector.zero
        for index in 0..<vectors {
            let score = unsafe scores[index]
            let isScored = score .> -.infinity
            total += exponential(score * scale).replacing(with: 0, where: .!isScored)
        }
        exponentialSum += Double(sum(total))
        unsafe mask(values, block, by: excluded)
        for index in 0..<vectors {
            let isCandidate = unsafe scores[index] .> best.threshold
            guard any(isCandidate) else { continue }
            for lane in 0..<4 where isCandidate[lane] {
                let item = UInt32(truncatingIfNeeded: block.lowerBound &+ index &* 4 &+ lane)
                unsafe best.insert(item, score: values[index &* 4 &+ lane])
            }
        }
    }

    private func mask(_ values: UnsafeMutablePointer<Float>, _ block: Range<Int>, by words: [UInt64]) {
        let first = block.lowerBound / 64
        let end = min(words.count, (block.upperBound + 63) / 64)
        for word in first..<max(first, end) {
            var bits = words[word]
            while bits != 0 {
                let index = (word - first) * 64 + bits.trailingZeroBitCount
                if index < block.count { unsafe values[index] = -.infinity }
                bits &= bits - 1
            }
        }
    }
}
