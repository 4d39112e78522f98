internal import JSON
internal import Recommenders

/// A new version beside the one that serves, on one hold-out.
struct PromotionReport: Sendable {
    /// How a model was judged.
    struct Judged: Sendable {
        let arn: String
        let model: EvaluatedVersion.Model
        /// How many of the withheld events it has learnt from.
        let seenCount: Int
    }

    /// What a difference shows.
    enum Verdict: String, Sendable {
        /// The whole interval is above zero.
        case better
        /// The whole interval is above the tolerance below zero.
        case notWorse
        /// The whole interval is below zero.
        case worse
        /// The interval holds both.
        case undecided

        init(_ difference: PairedDifference, tolerance: Double) {
            if difference.interval.lowerBound > 0 {
                self = .better
            } else if difference.interval.lowerBound >= -tolerance {
                self = .notWorse
            } else {
                self = difference.interval.upperBound < 0 ? .worse : .undecided
            }
        }
    }

    let serving: Judged
    let candidate: Judged
    let testUserCount: Int
    let withheldCount: Int
    let seed: UInt64
    let differences: [(difference: PairedDifference, tolerance: Double)]

    private var verdicts: [Verdict] { differences.map { Verdict($0.difference, tolerance: $0.tolerance) } }

    /// Whether a rule lets the candidate be served, and why.
    func decide(_ policy: PromotionPolicy) -> (isPromoted: Bool, reason: String) {
        guard testUserCount >= policy.minimumTestUsers else {
            let fact = "the data has \(testUserCount) test users, and minimumTestUsers is \(policy.minimumTestUsers)"
            return (false, "\(fact); nothing can be shown by so few")
        }
        let verdicts = verdicts
        let isNotWorse = verdicts.allSatisfy { $0 == .better || $0 == .notWorse }
        let isBetter = verdicts.contains(.better)
        let isPromoted = isNotWorse && (policy.rule == .notWorse || isBetter)
        let figures = zip(differences, verdicts).map { Self.sentence($0.difference, $0.tolerance, $1) }
        return (isPromoted, figures.joined(separator: "; "))
    }

    private static func sentence(_ difference: PairedDifference, _ tolerance: Double, _ verdict: Verdict) -> String {
        let range = "\(signed(difference.interval.lowerBound)) to \(signed(difference.interval.upperBound))"
        let claim =
            switch verdict {
            case .better: "better"
            case .notWorse: "not worse by more than \(rounded(tolerance))"
            case .worse: "worse"
            case .undecided: "not shown to be within \(rounded(tolerance))"
            }
        return
            "\(difference.measure.name) \(rounded(difference.second)) after \(rounded(difference.first)) is \(claim) "
            + "(difference \(signed(difference.difference)), 95% \(range))"
    }

    /// What is to be known of the hold-out.
    var remarks: [String] {
        [serving, candidate].filter { $0.seenCount > 0 }.map { judged in
            "SolutionVersion \"\(judged.arn)\" has seen \(judged.seenCount) of the \(withheldCount) withheld events, "
                + "so its figures are too good"
        }
    }

    var json: JSON {
        var metrics = JSONObject()
        for (entry, verdict) in zip(differences, verdicts) {
            let interval = entry.difference.interval
            metrics[entry.difference.measure.name] = [
                "serving": .double(entry.difference.first), "candidate": .double(entry.difference.second),
                "difference": .double(entry.difference.difference),
                "interval": [.double(interval.lowerBound), .double(interval.upperBound)],
                "tolerance": .double(entry.tolerance), "verdict": .string(verdict.rawValue),
            ]
        }
        return [
            "protocol": .string(HoldOut.personalize.rawValue), "seed": .string("\(seed)"),
            "testUsers": JSON(testUserCount), "withheldEvents": JSON(withheldCount),
            "serving": Self.json(serving), "candidate": Self.json(candidate), "metrics": .object(metrics),
            "remarks": .array(remarks.map(JSON.string)),
        ]
    }

    private static func json(_ judged: Judged) -> JSON {
        [
            "solutionVersionArn": .string(judged.arn), "model": .string(judged.model.rawValue),
            "seenEvents": JSON(judged.seenCount),
        ]
    }

    /// Four places after the point.
    static func rounded(_ value: Double) -> String {
        let scaled = Int((abs(value) * 10_000).rounded())
        let fraction = String(scaled % 10_000)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        return "\(sign)\(scaled / 10_000).\(String(repeating: "0", count: 4 - fraction.count))\(fraction)"
    }

    private static func signed(_ value: Double) -> String { value > 0 ? "+\(rounded(value))" : rounded(value) }
}
