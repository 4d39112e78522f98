internal import Kernels

/// Which rows of a network's table each item is the sum of.
///
/// The first rows are the items' own; those of features follow. An item has two codes: as itself it is the sum of its own
/// row and the mean of its features' rows, and beyond the last item once more by its features alone. Only features that
/// two items with events have say something about others; the rest are left out.
struct ItemBags {
    /// A row a code: twice as many as items, or as many when there are no features.
    let rows: SparseMatrix
    /// The number of rows of the table.
    let tableRowCount: Int
    /// The items that can be told; all others are never in an answer.
    let scored: ItemSet
    /// The items with features that say something.
    private let described: ItemSet
    /// The described items that are known by their features alone.
    private let cold: ItemSet
    /// The mean of its features, a row an item; nothing without features.
    private let features: SparseMatrix?
    private let itemCount: Int

    /// The share of windows in which a described item is known by its features alone, so that they learn to stand for it.
    private static let anonymousShare = 0.2

    init(_ data: Interactions, use: RecurrentNetwork.FeatureUse) {
        itemCount = data.itemCount
        var events = [Int](repeating: 0, count: data.itemCount)
        for item in data.items { events[Int(item)] += 1 }
        let met = ItemSet((0..<UInt32(data.itemCount)).filter { events[Int($0)] > 0 })
        guard let given = data.itemFeatures, use != .none else {
            (rows, tableRowCount) = (.identity(data.itemCount), data.itemCount)
            (scored, described, cold, features) = (met, [], [], nil)
            return
        }
        let matrix = given.means(telling: met, itemCount: data.itemCount)
        let described = ItemSet((0..<UInt32(data.itemCount)).filter { !matrix.range(row: Int($0)).isEmpty })
        var cold = met.complement(below: data.itemCount)
        var scored = met
        if case .coldstart(let start) = use {
            cold.formUnion(start.coldItems(data, events: events))
            scored.formUnion(described)
        }
        self.described = described
        self.cold = cold.intersection(described)
        self.scored = scored
        features = matrix
        tableRowCount = data.itemCount + matrix.columnCount
        rows = Self.rows(of: matrix)
    }

    /// The code by which an item is known in a window.
    func code(of item: UInt32, window: UInt64, random: CounterRandom) -> UInt32 {
        guard described.contains(item) else { return item }
        let isAnonymous = random.uniform(at: window << 32 | UInt64(item)) < Self.anonymousShare
        return isAnonymous || cold.contains(item) ? item + UInt32(itemCount) : item
    }

    /// The code by which an item is known when the network has learnt.
    func finalCode(of item: UInt32) -> UInt32 { cold.contains(item) ? item + UInt32(itemCount) : item }

    /// A table whose sums are given vectors: a feature's row is the mean of those who have it, an item's own the rest.
    func table(summingTo vectors: Matrix) -> Matrix {
        guard let features else { return vectors }
        let means = features.transposed().normalizingRows().weightedSums(of: vectors)
        var own = vectors
        own.addMultiple(of: features.weightedSums(of: means), factor: -1)
        return own.appending(means)
    }

    /// Items with their own row and those of their features, then those of their features alone.
    private static func rows(of features: SparseMatrix) -> SparseMatrix {
        let itemCount = features.rowCount
        var parts = (offsets: [0], columns: [UInt32](), values: [Float]())
        for code in 0..<2 * itemCount {
            let item = code % itemCount
            if code < itemCount {
                parts.columns.append(UInt32(item))
                parts.values.append(1)
            }
            for position in features.range(row: item) {
                parts.columns.append(features.columns[position] + UInt32(itemCount))
                parts.values.append(features.values[position])
            }
            parts.offsets.append(parts.columns.count)
        }
        return SparseMatrix(
            columnCount: itemCount + features.columnCount,
            sortedOffsets: parts.offsets,
            columns: parts.columns,
            values: parts.values
        )
    }
}

extension ItemFeatures {
    /// A row an item, with one over their number for each of its features that at least two of some items have.
    fileprivate func means(telling items: ItemSet, itemCount: Int) -> SparseMatrix {
        var counts = [Int](repeating: 0, count: rows.columnCount)
        for item in 0..<itemCount where items.contains(UInt32(item)) {
            for code in codes(of: item) { counts[Int(code)] += 1 }
        }
        var columns: [Int: UInt32] = [:]
        for code in 0..<rows.columnCount where counts[code] >= 2 { columns[code] = UInt32(columns.count) }
        var parts = (offsets: [0], columns: [UInt32](), values: [Float]())
        for item in 0..<itemCount {
            let telling = codes(of: item).compactMap { columns[Int($0)] }
            parts.columns += telling
            parts.values += telling.map { _ in 1 / Float(telling.count) }
            parts.offsets.append(parts.columns.count)
        }
        return SparseMatrix(
            columnCount: columns.count,
            sortedOffsets: parts.offsets,
            columns: parts.columns,
            values: parts.values
        )
    }
}

extension RecurrentNetwork.ColdStart {
    /// The items with few events, all of them of late.
    fileprivate func coldItems(_ data: Interactions, events: [Int]) -> ItemSet {
        var first = [Int64](repeating: .max, count: data.itemCount)
        for (item, time) in zip(data.items, data.timestamps) { first[Int(item)] = min(first[Int(item)], time) }
        let latest = isRelativeToLatestItem ? first.filter { $0 < .max }.max() : data.timestamps.max()
        let begin = Double(latest ?? 0) - maximumDays * 86_400
        return ItemSet(
            (0..<UInt32(data.itemCount)).filter { item in
                let count = events[Int(item)]
                return count > 0 && count <= maximumInteractions && Double(first[Int(item)]) >= begin
            }
        )
    }
}
