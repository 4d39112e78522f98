internal import FoundationEssentials
internal import JSON
internal import Logging

/// Looks after experiments and live bounds for as long as the service runs.
extension PersonalizeService {
    /// How often experiments and live bounds are looked at.
    private static let reviewPause = 60.0

    /// Saves what the runtime has taken note of, whenever it is enough.
    func runTrials(_ signals: AsyncStream<Void>) async {
        for await _ in signals {
            _ = await insist { () async throws(PersonalizeError) in try await saveExposures() }
            _ = await insist { () async throws(PersonalizeError) in try await compareShadows() }
        }
    }

    /// Decides about experiments and live bounds, as long as there are any.
    func runRolloutReviews() async {
        while !Task.isCancelled {
            // Listened to before anything is read, so that no change falls between.
            let news = changes.of(Self.rolloutTopic)
            _ = await insist { () async throws(PersonalizeError) in try await reviewRollouts() }
            let isWatching = !runtime.trials.all.isEmpty
            await wait(until: isWatching ? now().addingTimeInterval(Self.reviewPause) : .distantFuture, or: news)
        }
    }

    /// Decides what the figures of now decide: experiments that are won, candidates and versions below their bound.
    ///
    /// - Throws: `PersonalizeError` when the store fails.
    public func reviewRollouts() async throws(PersonalizeError) {
        try await saveExposures()
        for arn in runtime.trials.all.keys.sorted() {
            do throws(PersonalizeError) {
                guard let campaign = try await found(arn), campaign.status == .active, !campaign.isUpdating else {
                    continue
                }
                let rollout = try await rollout(of: arn)
                if let experiment = rollout.experiment {
                    try await review(experiment, of: campaign, rollout.policy)
                } else if let bound = rollout.policy.liveBound {
                    try await review(bound, of: campaign, rollout)
                }
            } catch {
                guard error.code != .internalFailure else { throw error }
                logger.warning(
                    "rollout not reviewed",
                    metadata: ["resource.arn": "\(arn)", "reason": "\(error.message)"]
                )
            }
        }
    }

    private func review(
        _ experiment: Experiment,
        of campaign: Resource,
        _ policy: PromotionPolicy
    ) async throws(PersonalizeError) {
        let arn = campaign.arn
        guard campaign.servedVersionArn == experiment.servingArn else {
            let reason = "the campaign was moved to SolutionVersion \"\(campaign.servedVersionArn ?? "")\" meanwhile"
            return try await endExperiment(experiment, of: arn, because: reason, author: "experiment")
        }
        let report = try await report(of: experiment)
        if let bound = policy.liveBound, experiment.settings.mode != .shadow,
            report.candidate.users >= experiment.settings.minimumUsers,
            SequentialTest(errorRate: experiment.settings.errorRate).isBelow(bound.minimumRate, report.candidate)
        {
            let reason = "the candidate had outcomes with \(Self.sentence(report.candidate, below: bound))"
            return try await endExperiment(experiment, of: arn, because: reason, author: "live bound", .rolledBack)
        }
        switch report.winner {
        case .noneYet: return
        case .serving:
            let isServed = experiment.settings.mode != .shadow
            try await endExperiment(
                experiment,
                of: arn,
                because: "the serving version has won: \(report.sentence)",
                author: "experiment",
                isServed ? .rolledBack : .experimentEnded
            )
        case .candidate:
            try await endExperiment(
                experiment,
                of: arn,
                because: "the candidate has won: \(report.sentence)",
                author: "experiment",
                experiment.settings.promotesWinner ? .promoted : .experimentEnded
            )
        }
    }

    private func review(
        _ bound: PromotionPolicy.LiveBound,
        of campaign: Resource,
        _ rollout: Rollout
    ) async throws(PersonalizeError) {
        let counts = try await counts(of: campaign.liveTrial, minutes: bound.outcomeMinutes)
        guard let count = counts.values.max(by: { $0.users < $1.users }),
            SequentialTest().isBelow(bound.minimumRate, count)
        else { return }
        let reason = "recommendations led to outcomes with \(Self.sentence(count, below: bound))"
        guard campaign.earlierVersionArns.isEmpty else {
            _ = try await rollBack(campaign.arn, because: reason, author: "live bound", in: campaign.liveTrial)
            return
        }
        // Said once for as long as this version serves.
        guard rollout.body["brokenBound"]?.string != campaign.liveTrial else { return }
        try await changeRollout(of: campaign.arn) { (rollout, _) in
            // Another review may have been quicker.
            guard rollout.body["brokenBound"]?.string != campaign.liveTrial else { return }
            rollout.body["brokenBound"] = .string(campaign.liveTrial)
            let told = "\(reason); there is no earlier version to go back to"
            _ = decide(.boundBroken, told, "live bound", campaign, campaign.servedVersionArn, in: &rollout)
        }
    }

    private static func sentence(_ count: SequentialTest.Count, below bound: PromotionPolicy.LiveBound) -> String {
        "\(PromotionReport.rounded(count.rate)) of \(count.users) users, below the bound \(bound.minimumRate)"
    }

    /// Removes what was counted in trials that have ended.
    func removeEndedTrials() async throws(PersonalizeError) {
        var kept: Set<String> = []
        for campaign in try await resources(ResourceQuery(.campaign)) {
            kept.insert(campaign.liveTrial)
            if let experiment = try await rollout(of: campaign.arn).experiment { kept.insert(experiment.id) }
        }
        let ended = try await reading { try await $0.trials() }.subtracting(kept)
        guard !ended.isEmpty else { return }
        try await reading { try await $0.removeTrials(ended) }
    }
}
