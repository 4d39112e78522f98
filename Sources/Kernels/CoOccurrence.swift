internal import CKernels

/// Finds for each item its nearest by the users they share.
///
/// Items i and j whose common users weigh w together (their number where none weighs more than another) are as near as
/// w fᵢ fⱼ, f being a factor of each item: with one over the root of its number of users the cosine, with 1 the count.
/// [Sarwar, Karypis, Konstan, Riedl: "Item-based collaborative filtering recommendation algorithms", 2001; Deshpande,
/// Karypis: "Item-based top-N recommendation algorithms", 2004]
public struct CoOccurrence: Sendable {
    private let itemsByUser: SparseMatrix
    private let usersByItem: SparseMatrix
    private let itemFactors: [Float]
    private let userWeights: [Float]?
    private let minimum: Int
    private let neighbours: Int

    /// A count over pairs of user and item, each present once; their values do not matter.
    ///
    /// - Parameters:
    ///   - itemsByUser: A row a user.
    ///   - usersByItem: Its transpose.
    ///   - itemFactors: What the nearness of each item is multiplied by, zero or more.
    ///   - userWeights: How much each user counts, more than zero; all count 1 when absent.
    ///   - minimum: The fewest users in common for two items to be neighbours.
    ///   - neighbours: The most neighbours kept of an item.
    public init(
        itemsByUser: SparseMatrix,
        usersByItem: SparseMatrix,
        itemFactors: [Float],
        userWeights: [Float]? = nil,
        minimum: Int,
        neighbours: Int
    ) {
        let itemCount = usersByItem.rowCount
        precondition(itemFactors.count == itemCount && itemsByUser.columnCount == itemCount, "the sides differ")
        precondition((userWeights?.count ?? itemsByUser.rowCount) == itemsByUser.rowCount, "a user has no weight")
        self.itemsByUser = itemsByUser
        self.usersByItem = usersByItem
        let padding = [Float](repeating: 0, count: Scores.padded(itemCount) - itemCount)
        self.itemFactors = itemFactors + padding
        self.userWeights = userWeights
        self.minimum = max(minimum, 1)
        self.neighbours = neighbours
    }

    /// The neighbours of all items: a row an item, the nearest first, with their similarities.
    ///
    /// - Parameters:
    ///   - threads: The most threads to work at once.
    ///   - checkpoint: Called on any thread with each block of items; what it throws ends the work.
    /// - Returns: A matrix with a row and a column an item.
    /// - Throws: What `checkpoint` throws.
    public func nearest(
        threads: Int,
        checkpoint: @escaping @Sendable (Range<Int>) throws -> Void = { _ in }
    ) throws -> SparseMatrix {
        let count = usersByItem.rowCount
        let blocks = try Parallel.mapBlocks(count: count, blockSize: count / 256 + 1, threads: threads) { block in
            try checkpoint(block)
            return self.nearest(of: block)
        }
        return SparseMatrix(joining: blocks, columnCount: count)
    }

    private func nearest(of block: Range<Int>) -> SparseMatrix.Part {
        var scores = Scores(itemCount: usersByItem.rowCount, counts: minimum > 1 && userWeights != nil)
        var part = SparseMatrix.Part()
        for item in block {
            let users = usersByItem.columns[usersByItem.range(row: item)]
            let work = users.reduce(0) { $0 + itemsByUser.range(row: Int($1)).count }
            scores.begin(isSparse: work < usersByItem.rowCount / 16)
            for user in users {
                scores.add(itemsByUser, row: Int(user), weight: userWeights?[Int(user)] ?? 1)
            }
            var best = TopK(capacity: itemFactors[item] > 0 ? neighbours : 0)
            scores.select(into: &best, factors: itemFactors, except: item, minimum: minimum)
            part.append(best.sorted(), factor: itemFactors[item])
        }
        return part
    }
}

/// What one item shares with all others, as its users go by.
private struct Scores {
    /// The items of a block that is looked through at once.
    private static let blockSize = 512

    private var sums: [Float]
    private var counts: [UInt32]
    private var scaled: [Float]
    private var positions: [UInt32]
    private var touched: [UInt32] = []
    private var isSparse = false

    init(itemCount: Int, counts: Bool) {
        sums = [Float](repeating: 0, count: Self.padded(itemCount))
        self.counts = counts ? [UInt32](repeating: 0, count: itemCount) : []
        scaled = [Float](repeating: 0, count: Self.blockSize)
        positions = [UInt32](repeating: 0, count: Self.blockSize)
    }

    static func padded(_ count: Int) -> Int { (count + 15) / 16 * 16 }

    /// Begins with an item; where it meets few others, those are noted, so that the rest need not be looked at.
    mutating func begin(isSparse: Bool) { self.isSparse = isSparse }

    mutating func add(_ rows: SparseMatrix, row: Int, weight: Float) {
        let range = rows.range(row: row)
        unsafe rows.columns.withUnsafeBufferPointer { items in
            unsafe sums.withUnsafeMutableBufferPointer { sums in
                if isSparse {
                    for position in range {
                        let item = unsafe items[position]
                        if unsafe sums[Int(item)] == 0 { touched.append(item) }
                        unsafe sums[Int(item)] += weight
                    }
                } else {
                    for position in range { unsafe sums[Int(items[position])] += weight }
                }
            }
            guard !counts.isEmpty else { return }
            for position in range { unsafe counts[Int(items[position])] += 1 }
        }
    }

    /// Offers all items met to a selection, by their sums times their factors, and forgets them.
    mutating func select(into best: inout TopK, factors: [Float], except own: Int, minimum: Int) {
        unsafe sums.withUnsafeMutableBufferPointer { sums in
            unsafe counts.withUnsafeMutableBufferPointer { counts in
                unsafe factors.withUnsafeBufferPointer { factors in
                    let offered = unsafe Offered(
                        sums: sums,
                        counts: counts,
                        factors: factors,
                        own: own,
                        minimum: minimum
                    )
                    if isSparse {
                        for item in touched { unsafe offered.offer(Int(item), to: &best) }
                        for item in touched { unsafe offered.forget(Int(item)) }
                    } else {
                        for start in stride(from: 0, to: sums.count, by: Self.blockSize) {
                            unsafe offered.offerBlock(from: start, scaled: &scaled, positions: &positions, to: &best)
                        }
                        unsafe sums.update(repeating: 0)
                        unsafe counts.update(repeating: 0)
                    }
                }
            }
        }
        touched.removeAll(keepingCapacity: true)
    }
}

/// What is offered to the selection of one item.
@unsafe
private struct Offered {
    let sums: UnsafeMutableBufferPointer<Float>
    let counts: UnsafeMutableBufferPointer<UInt32>
    let factors: UnsafeBufferPointer<Float>
    let own: Int
    let minimum: Int

    @inline(__always)
    func offer(_ item: Int, to best: inout TopK) {
        guard unsafe item != own, unsafe isCommon(item) else { return }
        let score = unsafe sums[item] * factors[item]
        if score > 0 { best.insert(UInt32(truncatingIfNeeded: item), score: score) }
    }

    @inline(__always)
    private func isCommon(_ item: Int) -> Bool {
        guard unsafe minimum > 1 else { return true }
        return unsafe counts.isEmpty ? sums[item] >= Float(minimum) : counts[item] >= UInt32(minimum)
    }

    @inline(__always)
    func forget(_ item: Int) {
        unsafe sums[item] = 0
        if unsafe !counts.isEmpty { unsafe counts[item] = 0 }
    }

    func offerBlock(from start: Int, scaled: inout [Float], positions: inout [UInt32], to best: inout TopK) {
        let count = unsafe min(scaled.count, sums.count - start)
        unsafe scaled.withUnsafeMutableBufferPointer { scaled in
            unsafe positions.withUnsafeMutableBufferPointer { positions in
                guard let first = scaled.baseAddress, let found = positions.baseAddress else { return }
                for index in 0..<count { unsafe scaled[index] = sums[start &+ index] * factors[start &+ index] }
                let end = unsafe millrace_candidates(first, count, max(best.threshold, 0), found)
                for index in 0..<end { unsafe offer(start &+ Int(found[index]), to: &best) }
            }
        }
    }
}

extension SparseMatrix {
    /// Some of the rows of a matrix that is made in parts.
    struct Part: Sendable {
        var lengths: [Int] = []
        var columns: [UInt32] = []
        var values: [Float] = []

        mutating func append(_ entries: [TopK.Entry], factor: Float) {
            lengths.append(entries.count)
            for entry in entries {
                columns.append(entry.item)
                values.append(entry.score * factor)
            }
        }
    }

    /// A matrix from its parts, in their order.
    init(joining parts: [Part], columnCount: Int) {
        var offsets = [0]
        for length in parts.lazy.flatMap(\.lengths) { offsets.append(offsets[offsets.count - 1] + length) }
        self.init(
            unchecked: columnCount,
            offsets: offsets,
            columns: Array(parts.lazy.map(\.columns).joined()),
            values: Array(parts.lazy.map(\.values).joined())
        )
    }
}
