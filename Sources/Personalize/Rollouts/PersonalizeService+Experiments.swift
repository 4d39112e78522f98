internal import FoundationEssentials
public import JSON
internal import Logging
internal import Synchronization

/// Two versions behind one campaign.
extension PersonalizeService {
    /// Begins an experiment with a candidate beside the version that a campaign serves.
    ///
    /// - Parameters:
    ///   - campaignArn: The campaign.
    ///   - candidateArn: The candidate; the version that waits to be promoted when nil.
    ///   - settings: What is done with it.
    /// - Returns: The experiment.
    /// - Throws: `PersonalizeError` with `resourceNotFound`, `resourceInUse` while another experiment or an update is going
    ///   on, or `invalidInput` when the candidate is served already or is not of the campaign's solution.
    public func startExperiment(
        on campaignArn: String,
        with candidateArn: String? = nil,
        _ settings: Experiment.Settings
    ) async throws(PersonalizeError) -> JSON {
        let id = makeID().uuidString.lowercased()
        let answer = try await changeRollout(of: campaignArn) { (rollout, _) async throws(PersonalizeError) in
            let campaign = try await activeResource(.campaign, campaignArn)
            guard !campaign.isUpdating else { throw .inUse(campaign, "begin once the update has ended") }
            if let other = rollout.experiment {
                throw PersonalizeError(
                    .resourceInUse,
                    "experiment \(other.id) of Campaign \"\(campaignArn)\" is going on; end it first"
                )
            }
            guard let arn = candidateArn ?? rollout.waitingVersionArn, let serving = campaign.servedVersionArn else {
                throw PersonalizeError(.invalidInput, "solutionVersionArn is missing, and no version waits; name one")
            }
            let candidate = try await activeResource(.solutionVersion, arn)
            guard candidate.parentArn == campaign.parentArn, candidate.arn != serving else {
                throw PersonalizeError(
                    .invalidInput,
                    "SolutionVersion \"\(arn)\" must be of the campaign's solution and not the one that it serves"
                )
            }
            guard !candidate.isCustom else {
                throw PersonalizeError(
                    .invalidInput,
                    "SolutionVersion \"\(arn)\" is of a recipe of your own, with which nothing can be tried out; "
                        + "make a second campaign of it and compare the answers"
                )
            }
            let experiment = Experiment(
                id: id,
                settings: settings,
                servingArn: serving,
                candidateArn: arn,
                startedAt: .seconds(of: now())
            )
            rollout.experiment = experiment
            let reason = "\(settings.mode.rawValue) experiment \(id) begins"
            _ = decide(.experimentStarted, reason, "operator", campaign, arn, in: &rollout)
            return experiment.json
        }
        await refreshTrial(of: campaignArn)
        return answer
    }

    /// Ends an experiment: the campaign serves all users what it serves.
    ///
    /// - Parameter campaignArn: The campaign.
    /// - Returns: The report, as `experiment(of:)` has it.
    /// - Throws: `PersonalizeError` with `resourceNotFound` when no experiment is going on.
    public func stopExperiment(on campaignArn: String) async throws(PersonalizeError) -> JSON {
        guard let experiment = try await rollout(of: campaignArn).experiment else {
            throw PersonalizeError(.resourceNotFound, "no experiment of Campaign \"\(campaignArn)\" is going on")
        }
        try await endExperiment(experiment, of: campaignArn, because: "ended by the operator", author: "operator")
        return try await self.experiment(of: campaignArn)
    }

    /// The report of the experiment that is going on, or of the last one.
    ///
    /// - Parameter campaignArn: The campaign.
    /// - Returns: The experiment and `report`: a count and a rate a version, their difference with its interval and
    ///   `winner`: `CANDIDATE`, `SERVING` or `NONE_YET`. Users count once their time for an outcome is over.
    /// - Throws: `PersonalizeError` with `resourceNotFound` when there was none.
    public func experiment(of campaignArn: String) async throws(PersonalizeError) -> JSON {
        _ = try await resource(.campaign, campaignArn)
        let rollout = try await rollout(of: campaignArn)
        if let experiment = rollout.experiment {
            var answer = experiment.json
            answer["report"] = try await report(of: experiment).json
            return answer
        }
        guard let last = rollout.body["lastExperiment"] else {
            throw PersonalizeError(.resourceNotFound, "Campaign \"\(campaignArn)\" has had no experiment; start one")
        }
        return last
    }

    /// Ends an experiment with its last report, and with a decision that says why.
    func endExperiment(
        _ experiment: Experiment,
        of campaignArn: String,
        because reason: String,
        author: String,
        _ kind: RolloutDecision.Kind = .experimentEnded
    ) async throws(PersonalizeError) {
        let report = try await report(of: experiment).json
        try await changeRollout(of: campaignArn) { (rollout, transition) async throws(PersonalizeError) in
            guard rollout.experiment?.id == experiment.id else { return }
            let campaign = try await resource(.campaign, campaignArn)
            rollout.body["experimentReport"] = report
            if kind == .promoted {
                let version = try await activeResource(.solutionVersion, experiment.candidateArn)
                transition.updates = [try await moving(campaign, to: version)]
            }
            _ = decide(kind, reason, author, campaign, experiment.candidateArn, report: report, in: &rollout)
            rollout.endExperiment(at: now())
        }
        await refreshTrial(of: campaignArn)
    }
}

// MARK: - What is tried out while a campaign answers

extension PersonalizeService {
    /// Lets the runtime know what is to be tried out with a campaign.
    func refreshTrial(of campaignArn: String) async {
        do {
            guard !ARN.isRecommender(campaignArn), let campaign = try await found(campaignArn) else {
                return runtime.trials.set(nil, of: campaignArn)
            }
            runtime.trials.set(try await trial(of: campaign), of: campaignArn)
            changes.tell([Self.rolloutTopic])
        } catch {
            logger.error("trial not loaded", metadata: ["resource.arn": "\(campaignArn)", "error": "\(error)"])
            runtime.trials.set(nil, of: campaignArn)
        }
    }

    private func trial(of campaign: Resource) async throws -> Trial? {
        let rollout = try await rollout(of: campaign.arn)
        guard let experiment = rollout.experiment else {
            return rollout.policy.liveBound.map { bound in
                Trial(id: campaign.liveTrial, eventType: bound.eventType, split: nil, candidate: nil)
            }
        }
        let candidate = try await activeResource(.solutionVersion, experiment.candidateArn)
        let served = try await self.campaign(campaign.arn, serving: candidate, config: campaign.body["campaignConfig"])
        let isShadow = experiment.settings.mode == .shadow
        return Trial(
            id: experiment.id,
            eventType: experiment.settings.eventType,
            split: isShadow ? nil : ExperimentSplit(id: experiment.id, share: experiment.settings.share),
            candidate: served
        )
    }

    /// Saves which users were answered, as far as the runtime has taken note of it.
    func saveExposures() async throws(PersonalizeError) {
        let exposures = runtime.trials.takeExposures()
        guard !exposures.isEmpty else { return }
        do throws(PersonalizeError) {
            try await reading { try await $0.record(exposures) }
        } catch {
            runtime.trials.putBack(exposures)
            throw error
        }
    }

    /// Attributes events to the answers that they name, and what users found by themselves to shadows.
    ///
    /// A request that is repeated, because its answer was lost, is taken up again and changes nothing.
    func attribute(_ records: [LiveRecord], to datasetArn: String) async throws(PersonalizeError) {
        let trials = runtime.trials.all
        guard !trials.isEmpty else { return }
        for trial in trials.values where trial.isShadow && trial.isOf(datasetArn) {
            for record in records where record.recommendation == nil {
                guard let user = record.fields["USER_ID"]?.string, let item = record.fields["ITEM_ID"]?.string,
                    trial.isWanted(record.fields["EVENT_TYPE"]?.string ?? "")
                else { continue }
                runtime.trials.add(.outcome(user: user, trial: trial.id, item: item))
            }
        }
        let campaigns = runtime.served.filter { trials[$0.arn] != nil }
        let time = Int64(now().timeIntervalSince1970)
        var conversions: [Exposure] = []
        for record in records {
            guard let text = record.recommendation, let id = try? RecommendationID(text),
                let campaign = campaigns.first(where: {
                    RecommendationID.number(ofCampaign: $0.source.campaign) == id.source.campaign
                }), let trial = trials[campaign.arn], !trial.isShadow,
                trial.isWanted(record.fields["EVENT_TYPE"]?.string ?? ""),
                let user = record.fields["USER_ID"]?.string
            else { continue }
            let number = ExperimentSplit.number(of: user, in: trial.id)
            conversions.append(Exposure(trial: trial.id, user: number, version: id.source.version, time: time))
        }
        guard !conversions.isEmpty else { return }
        try await saveExposures()
        try await reading { try await $0.record(conversions: conversions) }
    }

    /// Compares what waits for the shadow, in its order.
    func compareShadows() async throws(PersonalizeError) {
        try await shadowGate.alone { () async throws(PersonalizeError) in
            var tallies: [String: ShadowTally] = [:]
            for work in runtime.trials.takeShadowWork() {
                let tally: ShadowTally? =
                    switch work {
                    case .answer(let user, let trial, let input, let items):
                        trial.candidate.flatMap { try? runtime.items(of: $0, input) }.map { shadow in
                            shadows.withLock { $0.add(user: user, trial: trial.id, served: items, shadow: shadow) }
                        }
                    case .outcome(let user, let trial, let item):
                        shadows.withLock { $0.outcome(user: user, trial: trial, item: item) }
                    }
                if let tally { tallies[tally.trial, default: ShadowTally(trial: tally.trial)] += tally }
                await Task.yield()
            }
            for tally in tallies.values { try await reading { try await $0.add(tally) } }
        }
    }
}

extension Resource {
    /// The name of the trial in which a campaign's version is watched for as long as it serves this time.
    var liveTrial: String { "live/\(sequence)/\(servedVersionArn ?? "")/\(servedSince)" }
}
