internal import CKernels

/// Finds for each query vector the items of the greatest inner product, block by block.
///
/// A block of items is turned into columns and scored against all queries of a group while it is in the nearest cache.
public struct DotProductRanking: Sendable {
    /// What is asked with one query vector.
    public struct Request: Sendable {
        /// The query vector, as long as an item's.
        public var vector: [Float]
        /// Items left out, a bit each, 64 to a word; what is beyond its end is not left out.
        public var excluded: [UInt64]
        /// The most items wanted.
        public var count: Int
        /// Whether the sum of exponentials is wanted; it takes a third as long again.
        public var isSummed: Bool

        /// A request.
        ///
        /// - Parameters:
        ///   - vector: The query vector.
        ///   - excluded: Items left out, a bit each.
        ///   - count: The most items wanted.
        ///   - isSummed: Whether the sum of exponentials is wanted.
        public init(vector: [Float], excluded: [UInt64] = [], count: Int, isSummed: Bool = true) {
            self.vector = vector
            self.excluded = excluded
            self.count = count
            self.isSummed = isSummed
        }
    }

    /// The best items of one request.
    public struct Answer: Sendable, Equatable {
        /// The items, the best first; their scores are the inner products.
        public let entries: [TopK.Entry]
        /// Σ e^(scale · score) over all items that can be scored, those left out by the request too; 0 where not wanted.
        public let exponentialSum: Double
    }

    /// The items of a block: whole words of the sets of items, whole panels.
    private static let blockSize = 128
    /// The most requests of a group.
    private static let group = 512

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
        let group = max(1, min(Self.group, (requests.count + 2 * threads - 1) / max(2 * threads, 1)))
        // The blocks cannot fail.
        let blocks = try? Parallel.mapBlocks(count: requests.count, blockSize: group, threads: threads) {
            self.answers(requests[$0])
        }
        return blocks?.flatMap { $0 } ?? []
    }

    private func answers(_ requests: ArraySlice<Request>) -> [Answer] {
        var states = requests.map { State(request: $0) }
        let queries = tiles(of: requests)
        var panels = Matrix(rows: Self.blockSize, columns: items.stride)
        var scores = Matrix(rows: Int(MILLRACE_TILE_ROWS), columns: Self.blockSize)
        for start in stride(from: 0, to: items.rows, by: Self.blockSize) {
            let block = start..<min(start + Self.blockSize, items.rows)
            turn(block, into: &panels)
            let unscored = MaskWords(unscored, of: block)
            for first in stride(from: 0, to: states.count, by: Int(MILLRACE_TILE_ROWS)) {
                score(block.count, tile: first, of: queries, with: panels, into: &scores)
                for index in first..<min(first + Int(MILLRACE_TILE_ROWS), states.count) {
                    unsafe scores.withUnsafeMutableNumbers { scores in
                        let scores = unsafe scores + (index - first) * Self.blockSize
                        unsafe states[index].take(block, scores: scores, unscored: unscored, scale: scale)
                    }
                }
            }
        }
        return states.map { Answer(entries: $0.best.sorted(), exponentialSum: $0.exponentialSum) }
    }

    /// The query vectors, eight to a tile: for each column the numbers of all eight.
    private func tiles(of requests: ArraySlice<Request>) -> Matrix {
        let rows = Int(MILLRACE_TILE_ROWS)
        var tiles = Matrix(rows: (requests.count + rows - 1) / rows, columns: items.stride * rows)
        let stride = tiles.stride
        unsafe tiles.withUnsafeMutableNumbers { tiles in
            for (index, request) in requests.enumerated() {
                precondition(request.vector.count == items.columns, "the query is not as long as an item's row")
                let tile = unsafe tiles + index / rows * stride + index % rows
                for (column, value) in request.vector.enumerated() { unsafe tile[column * rows] = value }
            }
        }
        return tiles
    }

    /// Turns the rows of a block into columns, 32 to a panel.
    private func turn(_ block: Range<Int>, into panels: inout Matrix) {
        let (width, stride) = (Int(MILLRACE_TILE_COLUMNS), items.stride)
        unsafe items.withUnsafeNumbers { items in
            unsafe panels.withUnsafeMutableNumbers { panels in
                for start in Swift.stride(from: 0, to: block.count, by: width) {
                    let rows = unsafe items + (block.lowerBound + start) * stride
                    let count = min(width, block.count - start)
                    unsafe millrace_pack(rows, stride, count, self.items.columns, panels + start * stride)
                }
            }
        }
    }

    private func score(_ count: Int, tile: Int, of queries: Matrix, with panels: Matrix, into scores: inout Matrix) {
        let (width, stride) = (Int(MILLRACE_TILE_COLUMNS), items.stride)
        unsafe scores.withUnsafeMutableNumbers { scores in
            unsafe queries.withUnsafeNumbers { queries in
                unsafe panels.withUnsafeNumbers { panels in
                    let left = unsafe queries + tile * stride
                    for start in Swift.stride(from: 0, to: count, by: width) {
                        let right = unsafe panels + start * stride
                        unsafe millrace_multiply(left, right, items.columns, 0, scores + start, Self.blockSize)
                    }
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
    private let isSummed: Bool

    init(request: DotProductRanking.Request) {
        best = TopK(capacity: request.count)
        excluded = request.excluded
        isSummed = request.isSummed
    }

    /// Takes the scores of a block that begins on a multiple of 64.
    mutating func take(
        _ block: Range<Int>,
        scores: UnsafeMutablePointer<Float>,
        unscored: MaskWords,
        scale: Float
    ) {
        let count = (block.count + 15) / 16 * 16
        for index in block.count..<count { unsafe scores[index] = -.infinity }
        unsafe unscored.mask(scores, block.count)
        if isSummed { exponentialSum += unsafe Double(millrace_exponential_sum(scores, count, scale)) }
        unsafe MaskWords(excluded, of: block).mask(scores, block.count)
        unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: count) { positions in
            guard let base = positions.baseAddress else { return }
            let found = unsafe millrace_candidates(scores, count, best.threshold, base)
            for index in 0..<found {
                let position = unsafe positions[index]
                let item = UInt32(truncatingIfNeeded: block.lowerBound &+ Int(position))
                unsafe best.insert(item, score: scores[Int(position)])
            }
        }
    }
}

/// The words of a set of items that tell of one block.
private struct MaskWords {
    private let lower: UInt64
    private let upper: UInt64

    @inline(__always)
    init(_ words: [UInt64], of block: Range<Int>) {
        let first = block.lowerBound / 64
        lower = first < words.count ? words[first] : 0
        upper = first + 1 < words.count ? words[first + 1] : 0
    }

    /// Takes the items of the set out.
    @inline(__always)
    func mask(_ scores: UnsafeMutablePointer<Float>, _ count: Int) {
        unsafe Self.mask(lower, scores, count)
        if count > 64 { unsafe Self.mask(upper, scores + 64, count - 64) }
    }

    @inline(__always)
    private static func mask(_ word: UInt64, _ scores: UnsafeMutablePointer<Float>, _ count: Int) {
        var bits = word
        while bits != 0 {
            let index = bits.trailingZeroBitCount
            if index < count { unsafe scores[index] = -.infinity }
            bits &= bits - 1
        }
    }
}
