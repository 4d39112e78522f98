internal import FoundationEssentials
internal import JSON

/// What an experiment has come to.
struct ExperimentReport: Sendable {
    enum Winner: String, Sendable {
        case candidate = "CANDIDATE"
        case serving = "SERVING"
        case noneYet = "NONE_YET"
    }

    let experiment: Experiment
    /// Users whose time for an outcome is over.
    var serving = SequentialTest.Count()
    var candidate = SequentialTest.Count()
    /// Users whose time for an outcome is not over.
    var pendingUsers = 0
    var shadow: ShadowTally?

    private var test: SequentialTest { SequentialTest(errorRate: experiment.settings.errorRate) }

    /// The candidate's less the serving version's: shares of users, or mean reciprocal ranks of a shadow.
    var finding: SequentialTest.Finding { shadow?.finding(test) ?? test.difference(serving, candidate) }

    /// Who has won, once each has answered enough.
    var winner: Winner {
        let least = shadow?.outcomes ?? min(serving.users, candidate.users)
        guard least >= experiment.settings.minimumUsers else { return .noneYet }
        let interval = finding.interval
        return interval.lowerBound > 0 ? .candidate : interval.upperBound < 0 ? .serving : .noneYet
    }

    /// The figures in a sentence.
    var sentence: String {
        let finding = finding
        let range = [finding.interval.lowerBound, finding.interval.upperBound].map(PromotionReport.rounded)
        let sure =
            "difference \(PromotionReport.rounded(finding.estimate)), always valid interval \(range[0]) to \(range[1])"
        if let shadow {
            return
                "the mean reciprocal rank of what users found by themselves is \(rank(shadow.shadowRank)) in the shadow and "
                + "\(rank(shadow.servedRank)) in the answers, by \(shadow.outcomes) events (\(sure))"
        }
        let rates = [candidate, serving].map { "\(PromotionReport.rounded($0.rate)) of \($0.users) users" }
        return "the candidate had outcomes with \(rates[0]), the serving version with \(rates[1]) (\(sure))"
    }

    private func rank(_ sum: Double) -> String {
        PromotionReport.rounded(sum / Double(max(shadow?.outcomes ?? 0, 1)))
    }

    var json: JSON {
        let finding = finding
        var json: JSON = [
            "winner": .string(winner.rawValue), "summary": .string(sentence), "difference": .double(finding.estimate),
            "interval": [.double(finding.interval.lowerBound), .double(finding.interval.upperBound)],
            "pValue": .double(finding.pValue),
        ]
        if let shadow {
            let count = Double(max(shadow.answers, 1))
            let outcomes = Double(max(shadow.outcomes, 1))
            json["shadow"] = [
                "answers": JSON(shadow.answers), "meanOverlapAt10": .double(shadow.overlap / count),
                "outcomes": JSON(shadow.outcomes),
                "servingMeanReciprocalRank": .double(shadow.servedRank / outcomes),
                "candidateMeanReciprocalRank": .double(shadow.shadowRank / outcomes),
            ]
        } else {
            json["serving"] = Self.json(serving)
            json["candidate"] = Self.json(candidate)
            json["pendingUsers"] = JSON(pendingUsers)
        }
        return json
    }

    private static func json(_ count: SequentialTest.Count) -> JSON {
        ["users": JSON(count.users), "conversions": JSON(count.conversions), "rate": .double(count.rate)]
    }
}

extension PersonalizeService {
    /// What an experiment has come to now.
    func report(of experiment: Experiment) async throws(PersonalizeError) -> ExperimentReport {
        var report = ExperimentReport(experiment: experiment)
        guard experiment.settings.mode != .shadow else {
            try await compareShadows()
            report.shadow = try await reading { try await $0.shadowTally(of: experiment.id) }
            return report
        }
        try await saveExposures()
        let counts = try await counts(of: experiment.id, minutes: experiment.settings.outcomeMinutes)
        let all = try await reading { try await $0.tallies(of: experiment.id, before: .max, window: 0) }
        report.serving = counts[try await versionNumber(experiment.servingArn)] ?? report.serving
        report.candidate = counts[try await versionNumber(experiment.candidateArn)] ?? report.candidate
        report.pendingUsers = all.reduce(0) { $0 + $1.users } - report.serving.users - report.candidate.users
        return report
    }

    /// The users of each version of a trial whose time for an outcome is over.
    func counts(of trial: String, minutes: Int) async throws(PersonalizeError) -> [Int64: SequentialTest.Count] {
        let window = Int64(minutes) * 60
        let before = Int64(now().timeIntervalSince1970) - window
        let tallies = try await reading { try await $0.tallies(of: trial, before: before, window: window) }
        return Dictionary(
            uniqueKeysWithValues: tallies.map {
                ($0.version, SequentialTest.Count(users: $0.users, conversions: $0.conversions))
            }
        )
    }

    private func versionNumber(_ arn: String) async throws(PersonalizeError) -> Int64 {
        RecommendationID.number(ofVersion: try await found(arn)?.sequence ?? 0)
    }
}
