internal import Kernels

/// What is measured of one list of recommended items; a report gives the mean over all test users.
public struct Measure: Sendable, Hashable {
    /// What is looked at.
    public enum Kind: String, Sendable, CaseIterable {
        /// The discounted cumulative gain over the ideal one, as in `Metrics`.
        case normalizedDiscountedCumulativeGain = "normalized_discounted_cumulative_gain"
        /// One over the rank of the first relevant item.
        case reciprocalRank = "mean_reciprocal_rank"
        /// The relevant items of the list over the length of the list.
        case precision
        /// The relevant items of the list over as many as there could be in it: all relevant ones, or the list's length.
        case recall
        /// Whether any item of the list is relevant.
        case hitRate = "hit_rate"
        /// The mean self-information of the items: −log₂ of the share of training users who met them.
        ///
        /// [Zhou, Kuscsik, Liu, Medo, Wakeling, Zhang: "Solving the apparent diversity–accuracy dilemma of recommender
        /// systems", 2010]
        case novelty
        /// The mean share of the catalogue that is less popular: 1 for the most popular item, 0 for one nobody met.
        case popularityPercentile = "popularity_percentile"
    }

    /// What is looked at.
    public let kind: Kind
    /// How many items of the list are looked at.
    public let cutoff: Int

    /// A measure.
    ///
    /// - Parameters:
    ///   - kind: What is looked at.
    ///   - cutoff: How many items of the list are looked at.
    public init(_ kind: Kind, at cutoff: Int) {
        self.kind = kind
        self.cutoff = cutoff
    }

    /// The name, in the style of `GetSolutionMetrics`: `recall_at_10`.
    public var name: String { "\(kind.rawValue)_at_\(cutoff)" }

    /// All measures of lists of a length.
    static func all(listLength: Int) -> [Measure] {
        let cutoffs: [(Kind, [Int])] = [
            (.normalizedDiscountedCumulativeGain, [5, 10, 25, 100]), (.reciprocalRank, [25]),
            (.precision, [5, 10, 25]), (.recall, [5, 10, 20, 25, 50]), (.hitRate, [5, 10, 25]), (.novelty, [10]),
            (.popularityPercentile, [10]),
        ]
        return cutoffs.flatMap { kind, cutoffs in
            cutoffs.filter { $0 <= listLength }.map { Measure(kind, at: $0) }
        }
    }

    func value(of list: JudgedList) -> Double {
        let hits = list.hits.prefix(cutoff)
        switch kind {
        case .normalizedDiscountedCumulativeGain:
            let gain = hits.enumerated().reduce(0) { $1.element ? $0 + Self.gain($1.offset) : $0 }
            let ideal = (0..<min(cutoff, list.relevantCount)).reduce(0) { $0 + Self.gain($1) }
            return ideal > 0 ? gain / ideal : 0
        case .reciprocalRank: return hits.firstIndex(of: true).map { 1 / Double($0 + 1) } ?? 0
        case .precision: return Double(hits.count { $0 }) / Double(cutoff)
        case .recall:
            let most = min(cutoff, list.relevantCount)
            return most > 0 ? Double(hits.count { $0 }) / Double(most) : 0
        case .hitRate: return hits.contains(true) ? 1 : 0
        case .novelty: return Self.mean(list.novelties.prefix(cutoff))
        case .popularityPercentile: return Self.mean(list.percentiles.prefix(cutoff))
        }
    }

    /// The gain of a relevant item at a place, counted from 0.
    private static func gain(_ place: Int) -> Double { 1 / Logarithm.of(2 + Double(place)) }

    private static func mean(_ values: ArraySlice<Double>) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }
}

/// A list of recommended items, and what is known of each.
struct JudgedList {
    /// Whether each item was right.
    var hits: [Bool]
    /// How many items would have been right.
    var relevantCount: Int
    /// The self-information of each item.
    var novelties: [Double]
    /// The popularity of each item, as a share of the catalogue.
    var percentiles: [Double]

    init(_ items: [UInt32], relevant: Set<UInt32>, _ catalogue: CataloguePopularity) {
        hits = items.map { relevant.contains($0) }
        relevantCount = relevant.count
        // Models that were trained on other data may recommend what this has not: nobody met it.
        let known = UInt32(catalogue.novelties.count)
        novelties = items.map { $0 < known ? catalogue.novelties[Int($0)] : catalogue.greatestNovelty }
        percentiles = items.map { $0 < known ? catalogue.percentiles[Int($0)] : 0 }
    }
}

/// How popular each item is among the users of the training.
struct CataloguePopularity {
    let novelties: [Double]
    let percentiles: [Double]
    /// The self-information of an item that nobody met.
    let greatestNovelty: Double

    init(_ training: Interactions) {
        let usersByItem = training.usersByItem()
        let counts = (0..<training.itemCount).map { usersByItem.range(row: $0).count }
        let users = max(1, training.userCount(withAtLeast: 1))
        // An item that nobody met tells as much as one that a single user met: more cannot be known.
        let novelty = { (count: Int) in Logarithm.of(Double(users) / Double(max(count, 1))) / Logarithm.of(2.0) }
        novelties = counts.map(novelty)
        greatestNovelty = novelty(0)
        percentiles = Self.percentiles(counts)
    }

    /// The share of the other items with fewer users, those with as many counted half.
    private static func percentiles(_ counts: [Int]) -> [Double] {
        let sorted = counts.filter { $0 > 0 }.sorted()
        guard sorted.count > 1 else { return counts.map { $0 > 0 ? 1 : 0 } }
        var below: [Int: Double] = [:]
        var start = 0
        while start < sorted.count {
            let end = sorted[start...].firstIndex { $0 != sorted[start] } ?? sorted.count
            below[sorted[start]] = Double(start) + Double(end - start - 1) / 2
            start = end
        }
        return counts.map { (below[$0] ?? 0) / Double(sorted.count - 1) }
    }
}
