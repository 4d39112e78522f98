public import JSON
internal import Recommenders

extension ComparisonReport {
    /// All figures, for scripts.
    public var json: JSON {
        let (users, items) = data.counts
        return [
            "protocol": .string(comparison.holdOut.rawValue),
            "seed": .string("\(comparison.seed)"),
            "data": [
                "interactions": JSON(data.interactions.count), "users": JSON(users), "items": JSON(items),
                "firstTimestamp": .integer(data.period.lowerBound), "lastTimestamp": .integer(data.period.upperBound),
            ],
            "testUsers": JSON(evaluation.tests.count), "withheldEvents": JSON(withheldCount),
            "excludesMetItems": .bool(evaluation.excludesMetItems),
            "recipes": .array(lines.filter { $0.version == nil }.map(\.json)),
            "versions": .array(lines.filter { $0.version != nil }.map(\.json)),
        ]
    }

    var withheldCount: Int { evaluation.tests.reduce(0) { $0 + $1.withheld.count } }
}

extension ComparisonReport.Line {
    fileprivate var json: JSON {
        var json: JSON = ["recipe": .string(recipe.name)]
        if let version {
            json["solutionVersionArn"] = .string(version.arn)
            json["model"] = .string(version.model.rawValue)
            json["seenEvents"] = JSON(version.seenCount)
        }
        switch outcome {
        case .skipped(let reason): json["skipped"] = .string(reason)
        case .measured(let measured):
            if let configuration = measured.configuration {
                let settings = configuration.hyperparameters.sorted { $0.key < $1.key }
                json["algorithm"] = .string(configuration.algorithm)
                json["hyperparameters"] = .object(JSONObject(settings.map { ($0.key, .string($0.value)) }))
            }
            for (key, value) in measured.report.json.object ?? [:] { json[key] = value }
        }
        return json
    }
}

extension EvaluationReport {
    /// The figures, by the names of `GetSolutionMetrics` where it has them.
    var json: JSON {
        var metrics: JSON = ["coverage": .double(coverage)]
        var intervals: JSON = [:]
        for measure in measures {
            guard let estimate = estimates[measure] else { continue }
            metrics[measure.name] = .double(estimate.mean)
            intervals[measure.name] = [.double(estimate.interval.lowerBound), .double(estimate.interval.upperBound)]
        }
        if let ratings {
            metrics["root_mean_square_error"] = .double(ratings.rootMeanSquareError)
            metrics["mean_absolute_error"] = .double(ratings.meanAbsoluteError)
        }
        if let trendPredictionAccuracy { metrics["trend_prediction_accuracy"] = .double(trendPredictionAccuracy) }
        let segments = segments.map { segment -> JSON in
            let means = measures.map { ($0.name, JSON.double(segment.means[$0] ?? 0)) }
            return [
                "dimension": .string(segment.dimension), "name": .string(segment.name),
                "users": JSON(segment.userCount), "metrics": .object(JSONObject(means)),
            ]
        }
        return ["metrics": metrics, "confidenceIntervals": intervals, "segments": .array(segments)]
    }
}
