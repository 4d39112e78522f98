/// How much better one model is than another for the same users, by one measure.
///
/// Users are drawn with both their values, so that what is hard about a user weighs on neither side.
/// [Efron, Tibshirani: "An introduction to the bootstrap", 1993, chapter 13 for the interval of percentiles]
public struct PairedDifference: Sendable, Equatable {
    /// By what.
    public let measure: Measure
    /// The mean of the first model.
    public let first: Double
    /// The mean of the second model.
    public let second: Double
    /// In which 95 of 100 such differences, the second less the first, would lie.
    public let interval: ClosedRange<Double>

    /// The second less the first.
    public var difference: Double { second - first }

    /// A difference of known parts.
    public init(_ measure: Measure, first: Double, second: Double, interval: ClosedRange<Double>) {
        self.measure = measure
        self.first = first
        self.second = second
        self.interval = interval
    }
}

extension Evaluation {
    /// A model that was trained on other data, and what it is used for.
    public struct Contender: Sendable {
        /// The model, and what its codes are in the data of the evaluation.
        public let model: TranslatedModel
        /// What it is used for.
        public let recipe: Recipe

        /// A model and what it is used for.
        public init(_ model: TranslatedModel, recipe: Recipe) {
            self.model = model
            self.recipe = recipe
        }
    }

    /// Compares two models user by user.
    ///
    /// - Parameters:
    ///   - first: One model.
    ///   - second: The other.
    ///   - measures: By what.
    ///   - threads: The most threads to work at once; the result does not depend on it.
    /// - Returns: A difference a measure, in their order; none when there are no test users.
    public func compare(
        _ first: Contender,
        with second: Contender,
        by measures: [Measure],
        threads: Int = 1
    ) -> [PairedDifference] {
        let catalogue = CataloguePopularity(training)
        let values = [first, second].map { self.values(measures, of: $0, catalogue, threads: threads) }
        let rows = zip(values[0], values[1]).map { zip($0, $1).map { $1 - $0 } }
        let intervals = Bootstrap(seed: seed, userCount: rows.count).intervals(rows, threads: threads)
        return zip(measures.indices, intervals).map { column, interval in
            let means = values.map { rows in rows.reduce(0) { $0 + $1[column] } / Double(rows.count) }
            return PairedDifference(measures[column], first: means[0], second: means[1], interval: interval)
        }
    }

    /// The values of each test user, in the order of the tests.
    private func values(
        _ measures: [Measure],
        of contender: Contender,
        _ catalogue: CataloguePopularity,
        threads: Int
    ) -> [[Double]] {
        var rows: [[Double]] = []
        let ask = { contender.model.recommend($0, threads: threads) }
        forEachAnswer(to: question(contender.model, contender.recipe), ask) { test, items in
            let list = JudgedList(items, relevant: test.relevant, catalogue)
            rows.append(measures.map { $0.value(of: list) })
        }
        return rows
    }
}

extension Measure {
    /// The measures of lists of 25 of which more is better, by which versions are promoted.
    public static var ofQuality: [Measure] {
        all(listLength: HoldOut.personalize.listLength).filter { ![.novelty, .popularityPercentile].contains($0.kind) }
    }
}
