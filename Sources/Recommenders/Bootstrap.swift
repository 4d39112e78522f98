internal import Kernels

/// Confidence intervals of means over users, by drawing as many users again and again with replacement.
///
/// [Efron: "Bootstrap methods: another look at the jackknife", 1979; the interval is that of percentiles]
struct Bootstrap: Sendable {
    /// The share of draws that an interval holds.
    static let confidence = 0.95

    let seed: UInt64
    /// How often users are drawn.
    let resamples: Int

    /// - Parameters:
    ///   - seed: What the draws derive from.
    ///   - userCount: How many users there are; for very many, fewer draws are enough and are made.
    init(seed: UInt64, userCount: Int) {
        self.seed = seed
        resamples = min(1000, max(200, 20_000_000 / max(1, userCount)))
    }

    /// The interval of the mean of each column.
    ///
    /// - Parameters:
    ///   - rows: The values of each user, all equally many.
    ///   - threads: The most threads to work at once; the result does not depend on it.
    /// - Returns: An interval a column; none without rows.
    func intervals(_ rows: [[Double]], threads: Int) -> [ClosedRange<Double>] {
        guard let first = rows.first else { return [] }
        // The blocks cannot fail.
        let means = try? Parallel.mapBlocks(count: resamples, blockSize: 16, threads: threads) { block in
            block.map { mean(rows, columns: first.count, resample: $0) }
        }
        let drawn = means?.flatMap { $0 } ?? []
        return first.indices.map { column in
            let sorted = drawn.map { $0[column] }.sorted()
            let tail = Int((1 - Self.confidence) / 2 * Double(sorted.count))
            return sorted[tail]...sorted[sorted.count - 1 - tail]
        }
    }

    private func mean(_ rows: [[Double]], columns: Int, resample: Int) -> [Double] {
        let random = CounterRandom(seed: seed, stream: 7)
        let start = UInt64(resample) * UInt64(rows.count)
        var sums = [Double](repeating: 0, count: columns)
        for draw in 0..<UInt64(rows.count) {
            let row = Int(random.bits(at: start + draw).multipliedFullWidth(by: UInt64(rows.count)).high)
            for column in 0..<columns { sums[column] += rows[row][column] }
        }
        return sums.map { $0 / Double(rows.count) }
    }
}
