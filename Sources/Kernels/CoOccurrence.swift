/// Counts for each item with which others it shares users, and keeps its nearest.
///
/// The similarity of items i and j with n users each and c users in common is c / (nᵢ nⱼ)^discount: at a discount of ½
/// the cosine, at 0 the count, at 1 the lift. [Linden, Smith, York: "Amazon.com recommendations: item-to-item
/// collaborative filtering", 2003; Deshpande, Karypis: "Item-based top-N recommendation algorithms", 2004]
public struct CoOccurrence: Sendable {
    private let itemsByUser: SparseMatrix
    private let usersByItem: SparseMatrix
    private let discount: Double
    private let minimum: Int
    private let neighbours: Int

    /// A count over pairs of user and item, each present once.
    ///
    /// - Parameters:
    ///   - itemsByUser: A row a user.
    ///   - usersByItem: Its transpose.
    ///   - discount: How much popularity counts against an item, from 0 to 1.
    ///   - minimum: The fewest users in common for two items to be neighbours.
    ///   - neighbours: The most neighbours kept of an item.
    public init(
        itemsByUser: SparseMatrix,
        usersByItem: SparseMatrix,
        discount: Double,
        minimum: Int,
        neighbours: Int
    ) {
        self.itemsByUser = itemsByUser
        self.usersByItem = usersByItem
        self.discount = discount
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
        let discounts = (0..<count).map { Float(Power.of(Double(usersByItem.range(row: $0).count), -discount)) }
        let rows = try Parallel.mapBlocks(count: count, blockSize: count / 256 + 1, threads: threads) { block in
            try checkpoint(block)
            return self.nearest(of: block, discounts: discounts)
        }
        var offsets = [0]
        offsets.reserveCapacity(count + 1)
        for row in rows.joined() { offsets.append(offsets[offsets.count - 1] + row.count) }
        return SparseMatrix(
            unchecked: count,
            offsets: offsets,
            columns: rows.joined().joined().map(\.item),
            values: rows.joined().joined().map(\.score)
        )
    }

    private func nearest(of block: Range<Int>, discounts: [Float]) -> [[TopK.Entry]] {
        var counts = [UInt32](repeating: 0, count: usersByItem.rowCount)
        var touched: [UInt32] = []
        return block.map { item in
            count(with: item, into: &counts, touched: &touched)
            var best = TopK(capacity: neighbours)
            for other in touched {
                let common = Int(counts[Int(other)])
                counts[Int(other)] = 0
                guard common >= minimum, other != item else { continue }
                let score = Float(common) * discounts[item] * discounts[Int(other)]
                if score > best.threshold { best.insert(other, score: score) }
            }
            touched.removeAll(keepingCapacity: true)
            return best.sorted()
        }
    }

    private func count(with item: Int, into counts: inout [UInt32], touched: inout [UInt32]) {
        unsafe counts.withUnsafeMutableBufferPointer { counts in
            unsafe itemsByUser.columns.withUnsafeBufferPointer { items in
                for position in usersByItem.range(row: item) {
                    for other in itemsByUser.range(row: Int(usersByItem.columns[position])) {
                        let other = unsafe items[other]
                        let count = unsafe counts[Int(other)]
                        if count == 0 { touched.append(other) }
                        unsafe counts[Int(other)] = count &+ 1
                    }
                }
            }
        }
    }
}
