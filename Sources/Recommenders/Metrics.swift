internal import Kernels

/// How good recommendations are, in the words of `GetSolutionMetrics`.
public struct Metrics: Sendable, Equatable {
    /// The share of distinct recommended items among all items.
    public var coverage = 0.0
    /// The mean of one over the rank of the first relevant item among 25.
    public var meanReciprocalRankAt25 = 0.0
    /// The discounted cumulative gain of the first 5, 10 and 25, over the ideal one.
    public var normalizedDiscountedCumulativeGain = PerCutoff()
    /// The share of relevant items among the first 5, 10 and 25.
    public var precision = PerCutoff()
    /// How well actions are predicted, in place of all else, by the recipe that does.
    public var actions: ActionMetrics?
    /// How well rising items are told, of `aws-trending-now` only.
    public var trendPredictionAccuracy: Double?

    /// A value for each number of items looked at.
    public struct PerCutoff: Sendable, Equatable {
        /// Among the first 5.
        public var at5 = 0.0
        /// Among the first 10.
        public var at10 = 0.0
        /// Among the first 25.
        public var at25 = 0.0

        fileprivate mutating func add(_ value: (Int) -> Double) {
            at5 += value(5)
            at10 += value(10)
            at25 += value(25)
        }

        fileprivate mutating func divide(by count: Double) {
            at5 /= count
            at10 /= count
            at25 /= count
        }
    }

    /// How many items of a list are looked at.
    static let listLength = 25

    /// No metrics: all zero.
    public init() {}

    /// The metrics of one list of items, without coverage.
    ///
    /// - Parameters:
    ///   - recommended: The items, the best first.
    ///   - relevant: The items that were right.
    public init(recommended: [UInt32], relevant: Set<UInt32>) {
        let hits = recommended.prefix(Self.listLength).map { relevant.contains($0) }
        if let first = hits.firstIndex(of: true) { meanReciprocalRankAt25 = 1 / Double(first + 1) }
        precision.add { cutoff in Double(hits.prefix(cutoff).count { $0 }) / Double(cutoff) }
        normalizedDiscountedCumulativeGain.add { cutoff in
            let gain = hits.prefix(cutoff).enumerated().reduce(0) { $1.element ? $0 + Self.gain($1.offset + 1) : $0 }
            let ideal = (0..<min(cutoff, relevant.count)).reduce(0) { $0 + Self.gain($1 + 1) }
            return ideal > 0 ? gain / ideal : 0
        }
    }

    /// The means of many lists' metrics.
    ///
    /// - Parameters:
    ///   - lists: The metrics of each list.
    ///   - coverage: The share of distinct recommended items among all items.
    public init(meanOf lists: [Metrics], coverage: Double) {
        self.coverage = coverage
        guard !lists.isEmpty else { return }
        for list in lists {
            meanReciprocalRankAt25 += list.meanReciprocalRankAt25
            normalizedDiscountedCumulativeGain.add { list.normalizedDiscountedCumulativeGain[cutoff: $0] }
            precision.add { list.precision[cutoff: $0] }
        }
        meanReciprocalRankAt25 /= Double(lists.count)
        normalizedDiscountedCumulativeGain.divide(by: Double(lists.count))
        precision.divide(by: Double(lists.count))
    }

    /// The values by the API's names.
    public var values: [String: Double] {
        if let actions { return actions.values }
        var values = [
            "coverage": coverage,
            "mean_reciprocal_rank_at_25": meanReciprocalRankAt25,
            "normalized_discounted_cumulative_gain_at_5": normalizedDiscountedCumulativeGain.at5,
            "normalized_discounted_cumulative_gain_at_10": normalizedDiscountedCumulativeGain.at10,
            "normalized_discounted_cumulative_gain_at_25": normalizedDiscountedCumulativeGain.at25,
            "precision_at_5": precision.at5,
            "precision_at_10": precision.at10,
            "precision_at_25": precision.at25,
        ]
        values["trend_prediction_accuracy"] = trendPredictionAccuracy
        return values
    }

    private static func gain(_ position: Int) -> Double { 1 / Logarithm.of(1 + Double(position)) }
}

extension Metrics.PerCutoff {
    fileprivate subscript(cutoff cutoff: Int) -> Double {
        switch cutoff {
        case 5: at5
        case 10: at10
        default: at25
        }
    }
}
