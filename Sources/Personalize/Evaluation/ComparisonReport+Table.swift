internal import Recommenders

extension ComparisonReport {
    /// The headings of the table.
    public var headings: [String] {
        ["Recipe"] + shown.map(\.heading) + ["Coverage", "Novelty"] + (hasRatings ? ["RMSE", "MAE"] : [])
    }

    /// The cells of the table, a row a recipe; the interval of 95 % stands behind the mean of the first two measures.
    public var rows: [[String]] {
        lines.map { line in
            guard case .measured(let measured) = line.outcome else {
                return [line.recipe.name] + headings.dropFirst().map { _ in "–" }
            }
            return [line.recipe.name] + cells(measured)
        }
    }

    /// Why recipes were left out.
    public var remarks: [String] {
        lines.compactMap { line in
            guard case .skipped(let reason) = line.outcome else { return nil }
            return "\(line.recipe.name) was left out: \(reason)"
        }
    }

    /// How long each training took; apart from the figures, which are the same each time.
    public var times: String {
        let times = measured.map { "\($0.recipe.name) \(FixedPoint.text($0.measured.trainSeconds, places: 2))" }
        return "seconds of training: \(times.joined(separator: ", "))"
    }

    /// The data and the split, in a sentence.
    public var summary: String {
        let (users, items) = data.counts
        return "\(data.interactions.count) interactions of \(users) users with \(items) items; "
            + "\(evaluation.tests.count) test users, protocol \(comparison.holdOut.rawValue), seed \(comparison.seed)"
    }

    var hasRatings: Bool { measured.contains { $0.measured.report.ratings != nil } }

    /// The recipes that were judged.
    var measured: [(recipe: Recipe, measured: Measured)] {
        lines.compactMap { line in
            guard case .measured(let measured) = line.outcome else { return nil }
            return (line.recipe, measured)
        }
    }

    private func cells(_ measured: Measured) -> [String] {
        let report = measured.report
        let means = shown.enumerated().map { index, measure -> String in
            guard let estimate = report.estimates[measure] else { return "–" }
            let mean = FixedPoint.text(estimate.mean, places: 4)
            guard index < 2 else { return mean }
            let half = (estimate.interval.upperBound - estimate.interval.lowerBound) / 2
            return "\(mean) ±\(FixedPoint.text(half, places: 4))"
        }
        let novelty = FixedPoint.text(report[.novelty, at: 10], places: 2)
        let ratings = [report.ratings?.rootMeanSquareError, report.ratings?.meanAbsoluteError]
            .map { $0.map { FixedPoint.text($0, places: 4) } ?? "–" }
        return means + [FixedPoint.text(report.coverage, places: 4), novelty] + (hasRatings ? ratings : [])
    }
}

extension Measure {
    /// The name in tables: `NDCG@10`.
    var heading: String {
        let short =
            switch kind {
            case .normalizedDiscountedCumulativeGain: "NDCG"
            case .reciprocalRank: "MRR"
            case .precision: "Precision"
            case .recall: "Recall"
            case .hitRate: "Hit rate"
            case .novelty: "Novelty"
            case .popularityPercentile: "Popularity"
            }
        return "\(short)@\(cutoff)"
    }
}

/// Numbers with a fixed number of decimal places.
enum FixedPoint {
    static func text(_ value: Double, places: Int) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
        let scale = (0..<places).reduce(1) { product, _ in product * 10 }
        let scaled = Int((abs(value) * Double(scale)).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard places > 0 else { return "\(sign)\(scaled)" }
        let fraction = "\(scaled % scale)"
        return "\(sign)\(scaled / scale)." + String(repeating: "0", count: places - fraction.count) + fraction
    }
}
