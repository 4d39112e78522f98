public import Kernels

/// Items that ever more users turn to: `aws-trending-now`.
///
/// The users of an item in the newest interval are compared with those in the one before. If their numbers a and b came
/// of the same rate, a would be binomial with a half of a + b; how far it is above that, in standard deviations, is
/// (a − b) / √(a + b), by which items are put in order: neither do items come first that always have many users, nor such
/// that have one after none.
/// [Przyborowski, Wilenski: "Homogeneity of results in testing samples from Poisson series", 1940; Kleinberg: "Bursty and
/// hierarchical structure in streams", 2002, for rates that change as what to look for]
///
/// Where either interval has no events at all there is no trend, and items come by their popularity; they also follow
/// the rising ones.
public struct Trending: Recommender, Equatable {
    /// How long the intervals are, and when the newest ends.
    public struct Configuration: Sendable, Equatable {
        /// The length of an interval in seconds, two hours by default.
        public var interval: Int64
        /// When the newest interval ends, in seconds since 1970; at the newest event when nil, the default.
        public var now: Int64?

        /// Settings.
        ///
        /// - Parameters:
        ///   - interval: The length of an interval in seconds, more than zero.
        ///   - now: When the newest interval ends.
        public init(interval: Int64 = 7200, now: Int64? = nil) {
            self.interval = interval
            self.now = now
        }
    }

    /// By how many standard deviations each item's users have become more; zero where they have not.
    let rises: MappedArray<Float>
    /// The items that rise, the fastest first.
    let order: MappedArray<UInt32>
    let popularity: Popularity

    /// Counts users in two intervals.
    ///
    /// - Parameters:
    ///   - data: What to learn from.
    ///   - configuration: The intervals.
    ///   - context: Progress and cancellation.
    /// - Returns: The items that rise.
    /// - Throws: `CancellationError` when it is cancelled, `RecommenderError` with `insufficientData` without events.
    public static func fit(
        _ data: Interactions,
        configuration: Configuration,
        context: TrainingContext
    ) throws -> Trending {
        try context.checkCancellation()
        try data.requireEvents()
        let counts = IntervalCounts(data, configuration)
        let rises = counts.hasTrend ? counts.rises : [Float](repeating: 0, count: data.itemCount)
        let popularity = Popularity(usersByItem: data.usersByItem())
        context.progress(TrainingProgress(stage: "counting", fraction: 1))
        return Trending(rises: rises, popularity: popularity)
    }

    private init(rises: [Float], popularity: Popularity) {
        let order = (0..<UInt32(rises.count)).filter { rises[Int($0)] > 0 }
            .sorted { left, right in
                let (first, second) = (rises[Int(left)], rises[Int(right)])
                if first != second { return first > second }
                let users = (popularity.popularity(of: left), popularity.popularity(of: right))
                return users.0 == users.1 ? left < right : users.0 > users.1
            }
        self.rises = MappedArray(rises)
        self.order = MappedArray(order)
        self.popularity = popularity
    }

    /// The items that rise fastest, then popular ones; or the candidates in that order; without scores.
    public func recommend(_ query: Query) -> [ScoredItem] {
        if let candidates = query.candidates {
            return candidates.stablySorted { left, right in
                let (first, second) = (rise(of: left), rise(of: right))
                if first != second { return first > second }
                return popularity.popularity(of: left) > popularity.popularity(of: right)
            }
            .map { ScoredItem(item: $0, score: nil) }
        }
        let rising = order.lazy.filter { !query.excluded.contains($0) }.prefix(max(query.count, 0))
        var excluded = query.excluded
        for item in rising { excluded.insert(item) }
        let popular = popularity.popular(query.count - rising.count, excluding: excluded)
        return (Array(rising) + popular).map { ScoredItem(item: $0, score: nil) }
    }

    private func rise(of item: UInt32) -> Float { Int(item) < rises.count ? rises[Int(item)] : 0 }
}

/// The different users of each item in two intervals that follow one another.
struct IntervalCounts {
    private var newest: [UInt32]
    private var before: [UInt32]

    init(_ data: Interactions, _ configuration: Trending.Configuration) {
        newest = [UInt32](repeating: 0, count: data.itemCount)
        before = newest
        let interval = UInt64(max(configuration.interval, 1))
        guard let now = configuration.now ?? data.timestamps.max() else { return }
        for user in 0..<UInt32(data.userCount) {
            var seen: (newest: Set<UInt32>, before: Set<UInt32>) = ([], [])
            for position in data.range(user: user) where data.timestamps[position] <= now {
                // The distance of two times may be more than a signed number holds.
                let age = UInt64(bitPattern: now &- data.timestamps[position])
                let item = data.items[position]
                if age < interval {
                    if seen.newest.insert(item).inserted { newest[Int(item)] += 1 }
                } else if age - interval < interval, seen.before.insert(item).inserted {
                    before[Int(item)] += 1
                }
            }
        }
    }

    /// Whether there are events in both intervals.
    var hasTrend: Bool { newest.contains { $0 > 0 } && before.contains { $0 > 0 } }

    /// How many users each item has gained; none where it has lost some.
    var gains: [Int] { zip(newest, before).map { max(0, Int($0) - Int($1)) } }

    var rises: [Float] {
        zip(newest, before).map { newest, before in
            newest > before ? (Float(newest) - Float(before)) / (Float(newest) + Float(before)).squareRoot() : 0
        }
    }
}

extension Trending {
    /// The bytes of a model file.
    public func encoded() -> [UInt8] {
        ModelFile.encode(kind: ModelKind.trending.rawValue, sections: popularity.sections + [rises.bytes, order.bytes])
    }

    /// Opens a model file.
    ///
    /// - Parameter file: The mapped file.
    /// - Throws: `RecommenderError` with `invalidModel` when it is damaged, cut short or of another kind.
    public init(mapped file: MappedFile) throws {
        let reader = try ModelReader(file)
        try reader.expect(kind: .trending)
        popularity = try Popularity(reader, firstSection: 0)
        rises = try reader.section(2, of: Float.self)
        order = try reader.section(3, of: UInt32.self)
        let itemCount = popularity.counts.count
        guard rises.count == itemCount, order.allSatisfy({ Int($0) < itemCount }) else {
            throw reader.invalid("contradicts itself in its items")
        }
    }
}

extension Trending.Configuration {
    /// The intervals that `trend_discovery_frequency` names.
    static let frequencies: [(name: String, interval: Int64)] = [
        ("30 minutes", 1800), ("1 hour", 3600), ("2 hours", 7200), ("3 hours", 10_800), ("1 day", 86_400),
    ]

    /// The settings by the names of the hyperparameters.
    var hyperparameters: [String: String] {
        let name = Self.frequencies.first { $0.interval == interval }?.name
        return ["trend_discovery_frequency": name ?? "\(interval) seconds"]
    }
}

extension Hyperparameter {
    static let trending = [
        Hyperparameter(
            name: "trend_discovery_frequency",
            defaultValue: "2 hours",
            values: .word(Trending.Configuration.frequencies.map(\.name)),
            isTunable: false,
            summary: "How long the two intervals are whose users are compared."
        )
    ]
}
