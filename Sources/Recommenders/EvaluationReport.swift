/// How good the recommendations of one model are, on the hold-out that all are judged by.
public struct EvaluationReport: Sendable, Equatable {
    /// A mean over test users.
    public struct Estimate: Sendable, Equatable {
        /// The mean.
        public let mean: Double
        /// In which 95 of 100 such means would lie, by the bootstrap.
        public let interval: ClosedRange<Double>
    }

    /// The users of one kind.
    public struct Segment: Sendable, Equatable {
        /// By what users are told apart: `activity`, or a column of the Users dataset.
        public let dimension: String
        /// What is common to these: `1–17 events`, or a value of the column.
        public let name: String
        /// How many of them are tested.
        public let userCount: Int
        /// The means over them, by measure.
        public let means: [Measure: Double]
    }

    /// How far predicted ratings are from those that were given.
    public struct RatingDeviation: Sendable, Equatable {
        /// How many ratings were predicted.
        public let count: Int
        /// The root of the mean square error (RMSE).
        public let rootMeanSquareError: Double
        /// The mean absolute error (MAE).
        public let meanAbsoluteError: Double

        /// The deviation of pairs of a predicted and a given rating; nil without any.
        public init?(_ pairs: [(predicted: Double, given: Double)]) {
            guard !pairs.isEmpty else { return nil }
            let errors = pairs.map { $0.predicted - $0.given }
            count = errors.count
            rootMeanSquareError = (errors.reduce(0) { $0 + $1 * $1 } / Double(count)).squareRoot()
            meanAbsoluteError = errors.reduce(0) { $0 + abs($1) } / Double(count)
        }
    }

    /// How many users are tested.
    public let userCount: Int
    /// The measures, in the order in which they are told.
    public let measures: [Measure]
    /// The mean and interval of each measure.
    public let estimates: [Measure: Estimate]
    /// The share of distinct items among the first 25 of all lists in all items.
    public let coverage: Double
    /// The same figures for kinds of users.
    public let segments: [Segment]
    /// How well ratings are predicted, by recipes that do.
    public let ratings: RatingDeviation?
    /// How well rising items are told, of `aws-trending-now` only.
    public var trendPredictionAccuracy: Double?

    /// The mean of a measure; zero when it is not one of the report.
    public subscript(kind: Measure.Kind, at cutoff: Int) -> Double {
        estimates[Measure(kind, at: cutoff)]?.mean ?? 0
    }
}

/// A way to tell users apart.
public struct Segmentation: Sendable {
    /// By what: `activity`, or the name of a column.
    public let dimension: String
    /// The names, in the order in which they are told.
    public let names: [String]
    /// The name for each user's code; users without one are in none.
    public let nameByUser: [UInt32: String]

    /// A way to tell users apart.
    ///
    /// - Parameters:
    ///   - dimension: By what.
    ///   - names: The names, in the order in which they are told.
    ///   - nameByUser: The name for each user's code.
    public init(dimension: String, names: [String], nameByUser: [UInt32: String]) {
        self.dimension = dimension
        self.names = names
        self.nameByUser = nameByUser
    }
}

extension Evaluation {
    /// Thirds of the test users, by how many events the model is told of them.
    public var activity: Segmentation {
        let counts = tests.map(\.input.count).sorted()
        guard let last = counts.last else { return Segmentation(dimension: "activity", names: [], nameByUser: [:]) }
        var bounds: [Int] = []
        for bound in [counts[(counts.count - 1) / 3], counts[(counts.count - 1) * 2 / 3], last]
        where bounds.last.map({ $0 < bound }) ?? true { bounds.append(bound) }
        let lows = [counts[0]] + bounds.dropLast().map { $0 + 1 }
        let names = zip(lows, bounds).map { $0 == $1 ? "\($0) events" : "\($0)–\($1) events" }
        let pairs = tests.map { test in
            (test.user, names[bounds.firstIndex { test.input.count <= $0 } ?? names.count - 1])
        }
        return Segmentation(dimension: "activity", names: names, nameByUser: Dictionary(uniqueKeysWithValues: pairs))
    }

    /// Measures a model that was trained on `training`.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - recipe: What it is used for: related items are asked for the newest item of each user's input.
    ///   - ratings: The same events with their ratings as weights, for recipes that predict ratings.
    ///   - segmentations: How users are told apart; by activity unless said otherwise.
    ///   - threads: The most threads to work at once; the report does not depend on it.
    /// - Returns: The figures; all zero when there are no test users.
    public func report(
        of model: TrainedModel,
        for recipe: Recipe,
        ratings: Interactions? = nil,
        segmentations: [Segmentation]? = nil,
        threads: Int = 1
    ) -> EvaluationReport {
        let ask = { model.recommend($0, threads: threads) }
        return report(
            to: { query(for: $0, model, recipe) },
            ask,
            ratings: recipe.learnsRatings
                ? ratings.flatMap { deviation(of: model, from: $0, threads: threads) } : nil,
            segmentations: segmentations,
            threads: threads
        )
    }

    /// Measures a model that was trained on other data.
    ///
    /// It is asked by what it is told of each test user, whom it may know beside that. Whether it has learnt from what
    /// is withheld is for the caller to find out.
    ///
    /// - Parameters:
    ///   - model: The model, and what its codes are in this data.
    ///   - recipe: What it is used for.
    ///   - ratings: The same events with their ratings as weights, for recipes that predict ratings.
    ///   - segmentations: How users are told apart; by activity unless said otherwise.
    ///   - threads: The most threads to work at once; the report does not depend on it.
    /// - Returns: The figures; all zero when there are no test users.
    public func report(
        of model: TranslatedModel,
        for recipe: Recipe,
        ratings: Interactions? = nil,
        segmentations: [Segmentation]? = nil,
        threads: Int = 1
    ) -> EvaluationReport {
        let ask = { model.recommend($0, threads: threads) }
        return report(
            to: question(model, recipe),
            ask,
            ratings: recipe.learnsRatings
                ? ratings.flatMap { deviation(from: $0, areUsersKnown: true, ask) } : nil,
            segmentations: segmentations,
            threads: threads
        )
    }

    /// How a model that was trained on other data is asked for a test user.
    func question(_ model: TranslatedModel, _ recipe: Recipe) -> (Test) -> Query {
        { test in
            var query = query(for: test, model.model, recipe)
            guard recipe.kind != .relatedItems else { return query }
            (query.user, query.history) = (test.user, test.input)
            return query
        }
    }

    private func report(
        to question: (Test) -> Query,
        _ ask: ([Query]) -> [[ScoredItem]],
        ratings: EvaluationReport.RatingDeviation?,
        segmentations: [Segmentation]?,
        threads: Int
    ) -> EvaluationReport {
        let measures = Measure.all(listLength: holdOut.listLength)
        let catalogue = CataloguePopularity(training)
        var rows: [[Double]] = []
        var distinct = ItemSet()
        forEachAnswer(to: question, ask) { test, items in
            let list = JudgedList(items, relevant: test.relevant, catalogue)
            rows.append(measures.map { $0.value(of: list) })
            for item in items.prefix(Metrics.listLength) { distinct.insert(item) }
        }
        return EvaluationReport(
            userCount: tests.count,
            measures: measures,
            estimates: estimates(measures, rows, threads: threads),
            coverage: coverage(distinct),
            segments: (segmentations ?? [activity]).flatMap { segments($0, measures, rows) },
            ratings: ratings
        )
    }

    private func estimates(
        _ measures: [Measure],
        _ rows: [[Double]],
        threads: Int
    ) -> [Measure: EvaluationReport.Estimate] {
        let intervals = Bootstrap(seed: seed, userCount: rows.count).intervals(rows, threads: threads)
        let means = Self.means(rows, columns: measures.count)
        return Dictionary(
            uniqueKeysWithValues: zip(measures, zip(means, intervals)).map { measure, estimate in
                (measure, EvaluationReport.Estimate(mean: estimate.0, interval: estimate.1))
            }
        )
    }

    private func segments(
        _ segmentation: Segmentation,
        _ measures: [Measure],
        _ rows: [[Double]]
    ) -> [EvaluationReport.Segment] {
        var byName: [String: [[Double]]] = [:]
        for (test, row) in zip(tests, rows) {
            if let name = segmentation.nameByUser[test.user] { byName[name, default: []].append(row) }
        }
        return segmentation.names.compactMap { name in
            guard let rows = byName[name] else { return nil }
            let means = Self.means(rows, columns: measures.count)
            return EvaluationReport.Segment(
                dimension: segmentation.dimension,
                name: name,
                userCount: rows.count,
                means: Dictionary(uniqueKeysWithValues: zip(measures, means))
            )
        }
    }

    private static func means(_ rows: [[Double]], columns: Int) -> [Double] {
        guard !rows.isEmpty else { return [Double](repeating: 0, count: columns) }
        return (0..<columns).map { column in rows.reduce(0) { $0 + $1[column] } / Double(rows.count) }
    }
}

// MARK: - Ratings

extension Evaluation {
    /// How far a model's scores of the withheld items are from the ratings they were given; nil when none has a rating.
    func deviation(
        of model: TrainedModel,
        from ratings: Interactions,
        threads: Int
    ) -> EvaluationReport.RatingDeviation? {
        deviation(from: ratings, areUsersKnown: model.knowsUsers) { model.recommend($0, threads: threads) }
    }

    /// The same of answers to questions, where it is said whether the test users may be known by their codes.
    func deviation(
        from ratings: Interactions,
        areUsersKnown: Bool,
        _ ask: ([Query]) -> [[ScoredItem]]
    ) -> EvaluationReport.RatingDeviation? {
        let given = tests.map { givenRatings($0, in: ratings) }
        let queries = zip(tests, given).map { test, given in
            let isKnown = areUsersKnown && holdOut.trainsOnTestUsers
            return Query(
                user: isKnown ? test.user : nil,
                history: isKnown ? nil : test.input,
                candidates: given.map(\.item)
            )
        }
        let answers = ask(queries)
        var pairs: [(predicted: Double, given: Double)] = []
        for (given, answer) in zip(given, answers) {
            let scores = Dictionary(answer.map { ($0.item, $0.score) }) { first, _ in first }
            for (item, rating) in given {
                if let score = scores[item].flatMap(\.self) { pairs.append((score, rating)) }
            }
        }
        return EvaluationReport.RatingDeviation(pairs)
    }

    /// The withheld items of a user that have a rating; of several ratings of one item the last.
    private func givenRatings(_ test: Test, in ratings: Interactions) -> [(item: UInt32, rating: Double)] {
        let withheld = Set(test.withheld)
        var given: [(item: UInt32, rating: Double)] = []
        for position in ratings.range(user: test.user) {
            let event = Test.Event(item: ratings.items[position], timestamp: ratings.timestamps[position])
            guard withheld.contains(event) else { continue }
            given.removeAll { $0.item == event.item }
            given.append((event.item, Double(ratings.weight(at: position))))
        }
        return given
    }
}
