internal import Recommenders

extension ComparisonReport {
    /// The headings of the table.
    public var headings: [String] {
        [comparison.versions.isEmpty ? "Recipe" : "Recipe or version"] + shown.map(\.heading) + ["Coverage", "Novelty"]
            + (hasRatings ? ["RMSE", "MAE"] : [])
    }

    /// The cells of the table, a row a recipe; the interval of 95 % stands behind the mean of the first two measures.
    public var rows: [[String]] {
        lines.map { line in
            guard case .measured(let measured) = line.outcome else {
                return [line.name] + headings.dropFirst().map { _ in "–" }
            }
            return [line.name] + cells(measured)
        }
    }

    /// Why recipes were left out, and what versions have learnt from.
    public var remarks: [String] {
        lines.compactMap { line in
            if let version = line.version { return remark(line.name, version) }
            guard case .skipped(let reason) = line.outcome else { return nil }
            return "\(line.recipe.name) was left out: \(reason)"
        }
    }

    private func remark(_ name: String, _ version: Version) -> String {
        let model = version.model == .served ? "the served model" : "the model that its metrics were measured by"
        guard version.seenCount > 0 else { return "\(name): \(model), which has seen no withheld event" }
        return "\(name): \(model), which has seen \(version.seenCount) of \(withheldCount) withheld events, "
            + "so its figures are too good"
    }

    /// How long each training took; apart from the figures, which are the same each time.
    public var times: String {
        let times = measured.compactMap { name, measured in
            measured.trainSeconds.map { "\(name) \(FixedPoint.text($0, places: 2))" }
        }
        return "seconds of training: \(times.joined(separator: ", "))"
    }

    /// The data and the split, in a sentence.
    public var summary: String {
        let (users, items) = data.counts
        return "\(data.interactions.count) interactions of \(users) users with \(items) items; "
            + "\(evaluation.tests.count) test users, protocol \(comparison.holdOut.rawValue), seed \(comparison.seed)"
    }

    var hasRatings: Bool { measured.contains { $0.measured.report.ratings != nil } }

    /// The recipes and versions that were judged.
    var measured: [(name: String, measured: Measured)] {
        lines.compactMap { line in
            guard case .measured(let measured) = line.outcome else { return nil }
            return (line.name, measured)
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

extension ComparisonReport.Line {
    /// Which version it is; nil of a recipe.
    public var version: ComparisonReport.Version? {
        guard case .measured(let measured) = outcome else { return nil }
        return measured.version
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
