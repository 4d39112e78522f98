import FoundationEssentials
import Kernels
import Testing

@testable import Recommenders

@Suite struct EvaluationReportTests {
    /// A report's figures, computed in the plainest way.
    private struct Reference {
        var recommended: [[UInt32]] = []
        let evaluation: Evaluation
        let training: Interactions

        init(_ evaluation: Evaluation, _ model: TrainedModel, _ recipe: Recipe) {
            self.evaluation = evaluation
            training = evaluation.training
            let count = evaluation.holdOut == .strongGeneralization ? 100 : 25
            for test in evaluation.tests {
                let excluded = ItemSet(evaluation.excludesMetItems ? test.input : [])
                var query = Query(history: test.input, excluded: excluded, count: count)
                if recipe.kind == .relatedItems {
                    query = Query(item: test.input.last, excluded: excluded, count: count)
                } else if evaluation.holdOut == .leaveLastOut, model.knowsUsers {
                    query = Query(user: test.user, excluded: excluded, count: count)
                }
                recommended.append(model.recommend(query).map(\.item))
            }
        }

        func mean(_ value: (Set<UInt32>, [UInt32]) -> Double) -> Double {
            let values = zip(evaluation.tests, recommended).map { value($0.relevant, $1) }
            return values.reduce(0, +) / Double(values.count)
        }

        func users(of item: UInt32) -> Int {
            (0..<UInt32(training.userCount)).count { training.history(user: $0).contains(item) }
        }
    }

    @Test(arguments: HoldOut.allCases, Recipe.ofItems.filter { $0.kind != .personalizedRanking })
    func `the figures are those of the definitions`(holdOut: HoldOut, recipe: Recipe) throws {
        let data = try Samples.groups(users: 120, items: 60)
        let evaluation = Evaluation(data, holdOut: holdOut, seed: 4)
        let model = try recipe.configuration().fit(evaluation.training, context: TrainingContext())
        let report = evaluation.report(of: model, for: recipe, threads: 2)
        let reference = Reference(evaluation, model, recipe)
        #expect(report.userCount == evaluation.tests.count)
        for cutoff in [5, 10, 25] {
            let hits = { (relevant: Set<UInt32>, list: [UInt32]) in
                Double(relevant.intersection(list.prefix(cutoff)).count)
            }
            let expected: [(Measure.Kind, Double)] = [
                (.precision, reference.mean { hits($0, $1) / Double(cutoff) }),
                (.recall, reference.mean { hits($0, $1) / Double(min(cutoff, $0.count)) }),
                (.hitRate, reference.mean { hits($0, $1) > 0 ? 1 : 0 }),
            ]
            for (kind, value) in expected {
                #expect(abs(report[kind, at: cutoff] - value) < 1e-12, "\(kind) \(cutoff)")
            }
        }
        let counts = (0..<UInt32(60)).map { reference.users(of: $0) }
        let users = Double((0..<UInt32(120)).count { !evaluation.training.history(user: $0).isEmpty })
        let novelty = reference.mean { _, list in
            let first = list.prefix(10)
            return first.reduce(0) { $0 - log2(Double(max(1, counts[Int($1)])) / users) } / Double(first.count)
        }
        #expect(abs(report[.novelty, at: 10] - novelty) < 1e-9)
        let present = counts.filter { $0 > 0 }
        let percentile = reference.mean { _, list in
            let first = list.prefix(10)
            return first.reduce(0.0) { sum, item in
                let own = counts[Int(item)]
                let below = present.count { $0 < own }
                let equal = present.count { $0 == own } - 1
                return sum + (Double(below) + Double(equal) / 2) / Double(present.count - 1)
            } / Double(first.count)
        }
        #expect(abs(report[.popularityPercentile, at: 10] - percentile) < 1e-9)
        let distinct = Set(reference.recommended.flatMap { $0.prefix(25) })
        #expect(report.coverage == Double(distinct.count) / Double(Set(data.items).count))
    }

    @Test(arguments: HoldOut.allCases)
    func `the metrics of the API are the same in a report`(holdOut: HoldOut) throws {
        let evaluation = Evaluation(try Samples.groups(), holdOut: holdOut, seed: 1)
        let model = try Recipe.sims.configuration().fit(evaluation.training, context: TrainingContext())
        let metrics = evaluation.metrics(of: model, for: .userPersonalization, threads: 2)
        let report = evaluation.report(of: model, for: .userPersonalization)
        for (name, value) in metrics.values where name != "coverage" {
            let measure = try #require(report.measures.first { $0.name == name }, "\(name)")
            #expect(abs((report.estimates[measure]?.mean ?? -1) - value) < 1e-12, "\(name)")
        }
        #expect(metrics.coverage == report.coverage)
        #expect(report.measures.contains { $0.cutoff == 100 } == (holdOut == .strongGeneralization))
    }

    @Test func `intervals hold the mean, are as wide as theory says, and do not depend on threads`() throws {
        let evaluation = Evaluation(try Samples.groups(users: 400), holdOut: .leaveLastOut, seed: 1)
        let model = try ModelConfiguration.popularity.fit(evaluation.training, context: TrainingContext())
        let report = evaluation.report(of: model, for: .popularityCount)
        #expect(report == evaluation.report(of: model, for: .popularityCount, threads: 2))
        for (measure, estimate) in report.estimates {
            #expect(estimate.interval.contains(estimate.mean), "\(measure.name)")
        }
        let hits = try #require(report.estimates[Measure(.hitRate, at: 10)])
        let deviation = (hits.mean * (1 - hits.mean) / Double(report.userCount)).squareRoot()
        let width = hits.interval.upperBound - hits.interval.lowerBound
        #expect(abs(width / (2 * 1.96 * deviation) - 1) < 0.15, "\(width) for a deviation of \(deviation)")
    }

    @Test func `thirds of users by activity make up the whole`() throws {
        let evaluation = Evaluation(try Samples.groups(users: 400), holdOut: .leaveLastOut, seed: 1)
        let model = try ModelConfiguration.popularity.fit(evaluation.training, context: TrainingContext())
        let report = evaluation.report(of: model, for: .popularityCount)
        #expect(report.segments.count == 3)
        #expect(report.segments.reduce(0) { $0 + $1.userCount } == report.userCount)
        #expect(report.segments.allSatisfy { $0.userCount > report.userCount / 5 && $0.dimension == "activity" })
        let recall = Measure(.recall, at: 10)
        let whole = report.segments.reduce(0) { $0 + Double($1.userCount) * ($1.means[recall] ?? 0) }
        #expect(abs(whole / Double(report.userCount) - report[.recall, at: 10]) < 1e-12)
        #expect(report.segments[0].name.hasPrefix("4–"))
    }

    @Test func `users are told apart by a column, those without a value left out`() throws {
        let evaluation = Evaluation(try Samples.groups(), holdOut: .leaveLastOut, seed: 1)
        let model = try ModelConfiguration.popularity.fit(evaluation.training, context: TrainingContext())
        let names = Dictionary(uniqueKeysWithValues: (0..<UInt32(50)).map { ($0, $0 % 2 == 0 ? "even" : "odd") })
        let column = Segmentation(dimension: "PARITY", names: ["even", "none", "odd"], nameByUser: names)
        let report = evaluation.report(of: model, for: .popularityCount, segmentations: [column])
        #expect(report.segments.map(\.name) == ["even", "odd"])
        #expect(report.segments.map(\.userCount) == [25, 25])
    }

    @Test func `the deviation of ratings is that of the scores of the withheld items`() throws {
        let random = CounterRandom(seed: 1, stream: 0)
        var events = Events()
        var ratings: [Float] = []
        for user in 0..<40 {
            for step in 0..<12 {
                events.append(user, (user + step * 3) % 30, Int64(step))
                ratings.append(Float(1 + random.bits(at: UInt64(ratings.count)) % 5))
            }
        }
        let data = try events.interactions(userCount: 40, itemCount: 30)
        var columns = events.columns
        columns.weights = MappedArray(ratings)
        let rated = try Interactions(columns, userCount: 40, itemCount: 30)
        let evaluation = Evaluation(data, holdOut: .leaveLastOut, seed: 1)
        let model = try Recipe.userPersonalization.configuration(hyperparameters: ["hidden_dimension": "4"])
            .fit(evaluation.training, context: TrainingContext())
        let deviation = try #require(evaluation.deviation(of: model, from: rated, threads: 2))
        let errors = evaluation.tests.map { test -> Double in
            let score = model.recommend(Query(user: test.user, candidates: Array(test.relevant))).first?.score ?? 0
            return score - Double(rated.weight(at: rated.range(user: test.user).upperBound - 1))
        }
        let square = errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)
        #expect(deviation.count == 40)
        #expect(abs(deviation.rootMeanSquareError - square.squareRoot()) < 1e-12)
        #expect(abs(deviation.meanAbsoluteError - errors.reduce(0) { $0 + abs($1) } / 40) < 1e-12)
        #expect(evaluation.report(of: model, for: .userPersonalization, ratings: rated).ratings == nil)
        #expect(EvaluationReport.RatingDeviation([]) == nil)
    }
}

/// The logarithm to the base 2.
private func log2(_ value: Double) -> Double { Logarithm.of(value) / Logarithm.of(2.0) }
