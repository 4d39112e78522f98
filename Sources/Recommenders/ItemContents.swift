internal import Kernels

extension ItemFeatures {
    /// How often a feature is in an item counts by its logarithm, or as it is.
    enum Frequency: Sendable { case logarithmic, linear }

    /// What items are like as directions: a row an item, a column a feature, rare features weighing more.
    ///
    /// A feature that only one item has tells of no other, and numbers are none. Where features that very many items have
    /// make comparing all items with all others too long, the most frequent, which tell least, are left out.
    /// [Salton, Buckley: "Term-weighting approaches in automatic text retrieval", 1988]
    ///
    /// - Parameters:
    ///   - itemCount: The number of rows.
    ///   - frequency: How a feature's value counts.
    ///   - limit: The most pairs of items that are compared by a feature, all features together.
    /// - Returns: Rows of unit length; an empty row where nothing is known that tells of others.
    func directions(itemCount: Int, frequency: Frequency, limit: Double) -> SparseMatrix {
        let counts = itemCounts(itemCount: itemCount)
        let kept = telling(counts, limit: limit)
        let rarities = counts.map { $0 > 0 ? Logarithm.of(1 + Double(itemCount) / Double($0)) : 0 }
        var parts = (offsets: [0], columns: [UInt32](), values: [Float]())
        for item in 0..<itemCount {
            let positions = item < self.itemCount ? rows.range(row: item).filter { kept[Int(rows.columns[$0])] } : []
            let weights = positions.map { position in
                let value = Double(max(rows.values[position], 0))
                let count = frequency == .linear ? value : Logarithm.of(1 + value)
                return count * rarities[Int(rows.columns[position])]
            }
            let length = weights.reduce(0) { $0 + $1 * $1 }.squareRoot()
            for (position, weight) in zip(positions, weights) where weight > 0 && length.isFinite {
                parts.columns.append(rows.columns[position])
                parts.values.append(Float(weight / length))
            }
            parts.offsets.append(parts.columns.count)
        }
        return SparseMatrix(
            columnCount: rows.columnCount,
            sortedOffsets: parts.offsets,
            columns: parts.columns,
            values: parts.values
        )
    }

    /// How many items have each feature; none have numbers.
    private func itemCounts(itemCount: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: rows.columnCount)
        for item in 0..<min(itemCount, self.itemCount) {
            for code in codes(of: item) { counts[Int(code)] += 1 }
        }
        return counts
    }

    private func telling(_ counts: [Int], limit: Double) -> [Bool] {
        var work = 0.0
        var kept = [Bool](repeating: false, count: counts.count)
        for code in counts.indices.sorted(by: { (counts[$0], $0) < (counts[$1], $1) }) where counts[code] > 1 {
            work += Double(counts[code]) * Double(counts[code])
            guard work <= limit else { break }
            kept[code] = true
        }
        return kept
    }
}
