internal import CKernels

/// Finds for each query vector the items of the greatest inner product, block by block.
///
/// A block of items is scored against all queries of a group while it is in the nearest cache; where no sum is wanted,
/// blocks whose items are too short to matter are passed over, and for a query alone so are items of which their bytes
/// say that they cannot matter.
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

    /// The most requests of a group.
    private static let group = 512
    /// The most items of a block that are scored one by one.
    private static let mostCandidates = 32
    /// The most requests of a tile.
    private static let tile = Int(MILLRACE_TILE_ROWS)

    private let panels: ItemPanels
    private let scale: Float

    /// A ranking of items; it holds a copy of them.
    ///
    /// - Parameters:
    ///   - items: A row an item.
    ///   - unscored: Items that cannot be scored, a bit each, 64 to a word: never in an answer nor in its sum.
    ///   - scale: What scores are multiplied by in the exponent.
    public init(items: Matrix, unscored: [UInt64] = [], scale: Float) {
        panels = ItemPanels(items, without: unscored)
        self.scale = scale
    }

    /// Answers requests.
    ///
    /// - Parameters:
    ///   - requests: What is asked.
    ///   - threads: The most threads to work at once.
    /// - Returns: An answer a request, in their order; the same for any number of threads.
    public func answers(_ requests: [Request], threads: Int) -> [Answer] {
        guard requests.count > 1 else { return requests.map(answer) }
        let group = max(1, min(Self.group, (requests.count + 2 * threads - 1) / max(2 * threads, 1)))
        // The blocks cannot fail.
        let blocks = try? Parallel.mapBlocks(count: requests.count, blockSize: group, threads: threads) {
            self.answers(requests[$0])
        }
        return blocks?.flatMap { $0 } ?? []
    }

    /// Answers one request.
    ///
    /// - Parameter request: What is asked.
    /// - Returns: Its answer, the same as among others.
    public func answer(_ request: Request) -> Answer {
        precondition(request.vector.count == panels.columns, "the query is not as long as an item's row")
        var state = State(request: request)
        let query = request.isSummed ? nil : panels.quantized?.query(request.vector)
        unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: ItemPanels.blockSize) { buffer in
            guard let scores = buffer.baseAddress else { return }
            for block in panels.bounds.indices {
                guard state.wantsMore(panels.bounds[block]) else { break }
                if let query, unsafe takeSome(of: block, query, request.vector, scores: scores, &state) { continue }
                unsafe panels.multiply(block, request.vector, into: scores)
                unsafe state.take(panels.items[panels.positions(block)], scores: scores, scale: scale)
            }
        }
        return Answer(entries: state.best.sorted(), exponentialSum: state.exponentialSum)
    }

    /// Takes from a block the items that may be among the best, unless they are so many that it is better taken whole.
    private func takeSome(
        of block: Int,
        _ query: QuantizedItems.Query,
        _ vector: [Float],
        scores: UnsafeMutablePointer<Float>,
        _ state: inout State
    ) -> Bool {
        guard state.best.threshold > -.infinity, let quantized = panels.quantized else { return false }
        let first = panels.positions(block).lowerBound
        return unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: ItemPanels.blockSize + 1) { buffer in
            guard let some = buffer.baseAddress else { return false }
            let found = unsafe quantized.candidates(block, query, above: state.best.threshold, into: some)
            guard found <= Self.mostCandidates else { return false }
            var count = 0
            for index in 0..<found {
                let item = unsafe panels.items[first + Int(some[index])]
                unsafe some[count] = item
                count += state.isExcluded(item) ? 0 : 1
            }
            let chosen = unsafe UnsafeBufferPointer(start: some, count: count)
            unsafe panels.multiply(chosen, vector, into: scores)
            for index in 0..<count { unsafe state.best.insert(chosen[index], score: scores[index]) }
            return true
        }
    }

    private func answers(_ requests: ArraySlice<Request>) -> [Answer] {
        var states = requests.map { State(request: $0) }
        let vectors = requests.map(\.vector)
        let tiles = tiles(of: vectors)
        var scores = Matrix(rows: Self.tile, columns: ItemPanels.blockSize)
        var isOpen = true
        for block in panels.bounds.indices where isOpen {
            isOpen = false
            for first in stride(from: 0, to: states.count, by: Self.tile) {
                let some = first..<min(first + Self.tile, states.count)
                guard some.contains(where: { states[$0].wantsMore(panels.bounds[block]) }) else { continue }
                isOpen = true
                unsafe tiles.withUnsafeNumbers { tiles in
                    let tile = unsafe tiles + first * panels.columns
                    unsafe panels.multiply(block, tile: tile, into: &scores)
                }
                take(block, some, scores: &scores, &states)
            }
        }
        return states.map { Answer(entries: $0.best.sorted(), exponentialSum: $0.exponentialSum) }
    }

    private func take(_ block: Int, _ some: Range<Int>, scores: inout Matrix, _ states: inout [State]) {
        let items = panels.items[panels.positions(block)]
        unsafe scores.withUnsafeMutableNumbers { scores in
            for index in some {
                let row = unsafe scores + (index - some.lowerBound) * ItemPanels.blockSize
                unsafe states[index].take(items, scores: row, scale: scale)
            }
        }
    }

    /// The query vectors, eight to a tile: for each column the numbers of all eight.
    private func tiles(of vectors: [[Float]]) -> Matrix {
        let rows = Self.tile
        var tiles = Matrix(rows: 1, columns: (vectors.count + rows - 1) / rows * rows * panels.columns)
        unsafe tiles.withUnsafeMutableNumbers { tiles in
            for (index, vector) in vectors.enumerated() {
                precondition(vector.count == panels.columns, "the query is not as long as an item's row")
                let tile = unsafe tiles + index / rows * rows * panels.columns + index % rows
                for (column, value) in vector.enumerated() { unsafe tile[column * rows] = value }
            }
        }
        return tiles
    }
}

/// The selection of one request as the blocks go by.
private struct State {
    var best: TopK
    var exponentialSum = 0.0
    private let excluded: [UInt64]
    private let isSummed: Bool
    private let length: Float

    init(request: DotProductRanking.Request) {
        best = TopK(capacity: request.count)
        excluded = request.excluded
        isSummed = request.isSummed
        let square = request.vector.reduce(0.0) { $0 + Double($1) * Double($1) }
        length = Float(square.squareRoot()).nextUp
    }

    /// Whether a block matters, no item of which is longer than this; if not, none of the later ones does.
    func wantsMore(_ bound: Float) -> Bool { isSummed || !(bound * length <= best.threshold) }

    /// Takes the scores of a block's items.
    mutating func take(_ items: ArraySlice<UInt32>, scores: UnsafeMutablePointer<Float>, scale: Float) {
        let count = (items.count + 15) / 16 * 16
        for index in items.count..<count { unsafe scores[index] = -.infinity }
        if isSummed { exponentialSum += unsafe Double(millrace_exponential_sum(scores, count, scale)) }
        unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: count) { positions in
            guard let base = positions.baseAddress else { return }
            let found = unsafe millrace_candidates(scores, count, best.threshold, base)
            for index in 0..<found {
                let position = unsafe Int(positions[index])
                let item = items[items.startIndex + position]
                if !isExcluded(item) { unsafe best.insert(item, score: scores[position]) }
            }
        }
    }

    @inline(__always)
    func isExcluded(_ item: UInt32) -> Bool {
        let word = Int(item) / 64
        return word < excluded.count && excluded[word] >> UInt64(item % 64) & 1 == 1
    }
}
