public import JSON
internal import Logging

/// What is decided about the versions of campaigns, as the operator asks for it.
extension PersonalizeService {
    /// What is told when the rollout of any campaign has changed, beside the campaign's own ARN.
    static let rolloutTopic = "rollouts"

    /// The policy of a campaign, what was decided about it, and which versions it has.
    ///
    /// - Parameter campaignArn: The campaign.
    /// - Returns: `policy`, `isHeld`, `servedVersionArn`, `earlierVersionArns` (the newest last), `waitingVersionArn` and
    ///   `decisions`, the newest first; `experiment` when one is going on.
    /// - Throws: `PersonalizeError` with `resourceNotFound`.
    public func describeRollout(of campaignArn: String) async throws(PersonalizeError) -> JSON {
        let campaign = try await resource(.campaign, campaignArn)
        let rollout = try await rollout(of: campaignArn)
        var answer: JSON = [
            "campaignArn": .string(campaignArn), "policy": rollout.policy.json, "isHeld": .bool(rollout.isHeld),
            "earlierVersionArns": .array(campaign.earlierVersionArns.map(JSON.string)),
            "decisions": .array(rollout.decisions.reversed()),
        ]
        answer["servedVersionArn"] = campaign.servedVersionArn.map(JSON.string)
        answer["waitingVersionArn"] = rollout.waitingVersionArn.map(JSON.string)
        answer["experiment"] = rollout.experiment?.json
        return answer
    }

    /// Says when a campaign, which need not exist yet, is moved to a new version.
    ///
    /// - Parameters:
    ///   - policy: The policy as it is written; nil for that of a campaign without one.
    ///   - campaignArn: The campaign.
    ///   - isFromFile: Whether a configuration file says it: nil then takes away only what a file has said.
    /// - Throws: `PersonalizeError` with `invalidInput` and every fault of the policy.
    public func putPromotionPolicy(
        _ policy: JSON?,
        of campaignArn: String,
        isFromFile: Bool = false
    ) async throws(PersonalizeError) {
        let (read, faults) = policy.map(PromotionPolicy.read) ?? (PromotionPolicy(), [])
        guard faults.isEmpty else {
            let list = faults.map { "promotionPolicy\($0.path.isEmpty ? "" : ".")\($0.path) \($0.message)" }
            throw PersonalizeError(.invalidInput, list.joined(separator: "; "))
        }
        let known = try await rollout(of: campaignArn)
        guard policy != nil || (known.body["policy"] != nil && (!isFromFile || known.isFromFile)) else { return }
        guard known.policy != read || known.isFromFile != isFromFile else { return }
        try await changeRollout(of: campaignArn) { (rollout, _) in
            rollout.policy = read
            rollout.isFromFile = isFromFile
            if policy == nil { rollout.body["policy"] = nil }
        }
        await refreshTrial(of: campaignArn)
    }

    /// Moves a campaign to a version, whatever its policy and a hold say.
    ///
    /// - Parameters:
    ///   - campaignArn: The campaign.
    ///   - versionArn: The version; the one that waits, that of the experiment or else the newest when nil.
    /// - Returns: The decision.
    /// - Throws: `PersonalizeError` with `resourceNotFound`, `resourceInUse` while the campaign is being moved, or
    ///   `invalidInput` when it serves the version already.
    public func promote(_ campaignArn: String, to versionArn: String? = nil) async throws(PersonalizeError) -> JSON {
        try await changeRollout(of: campaignArn) { (rollout, transition) async throws(PersonalizeError) in
            let campaign = try await resource(.campaign, campaignArn)
            let named = versionArn ?? rollout.waitingVersionArn ?? rollout.experiment?.candidateArn
            let version = try await servableVersion([
                "solutionVersionArn": .string(named ?? (campaign.parentArn ?? "") + ARN.latestSuffix)
            ])
            guard version.arn != campaign.servedVersionArn else {
                throw PersonalizeError(
                    .invalidInput,
                    "Campaign \"\(campaignArn)\" serves SolutionVersion \"\(version.arn)\" already; name another one"
                )
            }
            transition.updates = [try await moving(campaign, to: version)]
            return decide(.promoted, "moved by the operator", "operator", campaign, version.arn, in: &rollout)
        }
    }

    /// Moves a campaign back to the version it served before.
    ///
    /// - Parameter campaignArn: The campaign.
    /// - Returns: The decision.
    /// - Throws: `PersonalizeError` with `resourceNotFound`, `resourceInUse` while the campaign is being moved, or
    ///   `invalidInput` when it has served no other version.
    public func rollBack(_ campaignArn: String) async throws(PersonalizeError) -> JSON {
        try await rollBack(campaignArn, because: "rolled back by the operator", author: "operator")
    }

    /// Keeps a campaign on the version it serves until it is promoted, rolled back or released.
    ///
    /// - Parameters:
    ///   - campaignArn: The campaign.
    ///   - isHeld: Whether it is held; false releases it.
    /// - Returns: The decision; the latest one when nothing changes.
    /// - Throws: `PersonalizeError` with `resourceNotFound`.
    public func hold(_ campaignArn: String, _ isHeld: Bool = true) async throws(PersonalizeError) -> JSON {
        let campaign = try await resource(.campaign, campaignArn)
        return try await changeRollout(of: campaignArn) { (rollout, _) in
            guard rollout.isHeld != isHeld else { return rollout.decisions.last ?? [:] }
            rollout.isHeld = isHeld
            let reason = isHeld ? "held by the operator" : "released by the operator"
            return decide(isHeld ? .held : .released, reason, "operator", campaign, nil, in: &rollout)
        }
    }

    /// Deletes a solution version and its model.
    ///
    /// - Parameter arn: The version.
    /// - Throws: `PersonalizeError` with `resourceNotFound`, or `resourceInUse` while it is being trained, or when a
    ///   campaign serves it, may be rolled back to it or has it as a candidate.
    public func deleteVersion(_ arn: String) async throws(PersonalizeError) {
        try await gate.alone { () async throws(PersonalizeError) in
            var version = try await resource(.solutionVersion, arn)
            guard version.status.isSettled else { throw .inUse(version, "it can be deleted once that has ended") }
            let query = ResourceQuery(parentArn: arn, limit: 1)
            if let job = try await resources(query).first(where: { !$0.status.isSettled }) {
                throw .inUse(job, "the version can be deleted once that has ended")
            }
            if let need = try await neededVersions()[arn] {
                throw PersonalizeError(.resourceInUse, "SolutionVersion \"\(arn)\" is \(need)")
            }
            version.status = .deletePending
            var transition = ResourceTransition()
            transition.updates = [version]
            guard try await save(transition) else { throw .inUse(version, "it has changed meanwhile; try again") }
            follow(version)
        }
    }

    /// The solution versions that campaigns need, with what for; none of them may be deleted.
    ///
    /// - Returns: What for, by ARN: `served by Campaign "…"`.
    /// - Throws: `PersonalizeError` when the store cannot be read.
    public func neededVersions() async throws(PersonalizeError) -> [String: String] {
        var needed: [String: String] = [:]
        for campaign in try await resources(ResourceQuery(.campaign)) {
            let name = "Campaign \"\(campaign.arn)\""
            let rollout = try await rollout(of: campaign.arn)
            for arn in campaign.earlierVersionArns { needed[arn] = "needed to roll back \(name)" }
            if let arn = rollout.waitingVersionArn { needed[arn] = "waiting to be promoted in \(name)" }
            if let arn = rollout.experiment?.candidateArn { needed[arn] = "the candidate of an experiment of \(name)" }
            if let arn = campaign.servedVersionArn { needed[arn] = "served by \(name)" }
            if campaign.isUpdating, let arn = campaign.body["latestCampaignUpdate"]?["servedVersionArn"]?.string {
                needed[arn] = "about to be served by \(name)"
            }
        }
        return needed
    }
}

// MARK: - Decisions that nobody was told yet

extension PersonalizeService {
    /// One element whenever something was decided since the last; never ends by itself, and begins with one.
    public func decisionSignals() -> AsyncStream<Void> { signals(Self.rolloutTopic) }

    /// The decisions that nobody was told yet, the oldest of each campaign first.
    ///
    /// - Returns: The decisions, each with `datasetGroup`, the name of the campaign's group.
    /// - Throws: `PersonalizeError` when the store cannot be read.
    public func untoldDecisions() async throws(PersonalizeError) -> [JSON] {
        var decisions: [JSON] = []
        for rollout in try await reading({ try await $0.rollouts() }) where !rollout.untold.isEmpty {
            let campaign = try await found(rollout.campaignArn)
            let solution = try await found(campaign?.parentArn ?? "")
            for decision in rollout.untold {
                var decision = decision
                decision["datasetGroup"] = solution?.parentArn.map { .string(String(ARN.path(of: $0))) }
                decisions.append(decision)
            }
        }
        return decisions
    }

    /// Records that a decision, and those of its campaign before it, were told.
    ///
    /// - Parameter decision: The decision, as `untoldDecisions` has it.
    /// - Throws: `PersonalizeError` when the store fails.
    public func acknowledge(_ decision: JSON) async throws(PersonalizeError) {
        guard let arn = decision["campaignArn"]?.string, let number = decision["number"]?.int else { return }
        // A campaign that is gone has nobody to remember it.
        guard try await reading({ try await $0.rollout(of: arn) }) != nil else { return }
        try await changeRollout(of: arn) { (rollout, _) in rollout.body["toldThrough"] = JSON(number) }
    }
}

// MARK: - Changing rollouts

extension PersonalizeService {
    private static let rolloutAttempts = 20

    func rollout(of campaignArn: String) async throws(PersonalizeError) -> Rollout {
        try await reading { try await $0.rollout(of: campaignArn) } ?? Rollout(campaignArn: campaignArn)
    }

    /// Changes a rollout as it is now, and what else belongs into the same commit.
    @discardableResult
    func changeRollout<T>(
        of campaignArn: String,
        _ body: (inout Rollout, inout ResourceTransition) async throws(PersonalizeError) -> T
    ) async throws(PersonalizeError) -> T {
        for _ in 0..<Self.rolloutAttempts {
            let known = try await rollout(of: campaignArn)
            var rollout = known
            var transition = ResourceTransition()
            let result = try await body(&rollout, &transition)
            if rollout == known, transition.updates.isEmpty { return result }
            transition.rollouts = [rollout]
            guard try await save(transition) else { continue }
            for resource in transition.updates { follow(resource) }
            return result
        }
        throw PersonalizeError(.resourceInUse, "campaign \"\(campaignArn)\" changes too fast; try again")
    }

    /// Records a decision about a campaign; a move ends the experiment, whose question it answers.
    func decide(
        _ kind: RolloutDecision.Kind,
        _ reason: String,
        _ author: String,
        _ campaign: Resource,
        _ versionArn: String?,
        report: JSON? = nil,
        in rollout: inout Rollout
    ) -> JSON {
        if kind == .promoted || kind == .rolledBack {
            rollout.waitingVersionArn = nil
            rollout.endExperiment(at: now())
        }
        logger.info(
            "rollout decided",
            metadata: ["resource.arn": "\(campaign.arn)", "decision": "\(kind.rawValue)", "reason": "\(reason)"]
        )
        return rollout.record(
            RolloutDecision(
                kind: kind,
                reason: reason,
                author: author,
                from: campaign.servedVersionArn,
                version: versionArn,
                report: report
            ),
            at: now()
        )
    }

    /// The campaign with a move to a version begun; one that follows the newest version goes on to follow it.
    ///
    /// The input may change more of the campaign, as in `UpdateCampaign`. What is rolled back from is not gone back to.
    func moving(
        _ campaign: Resource,
        to version: Resource,
        with input: JSON = [:],
        rollsBack: Bool = false
    ) async throws(PersonalizeError) -> Resource {
        guard campaign.status == .active, !campaign.isUpdating else {
            throw .inUse(campaign, "it can be moved when it is ACTIVE and no update is going on")
        }
        let follows = campaign.body["campaignConfig"]?["syncWithLatestSolutionVersion"]?.bool == true
        var wanted = input
        wanted["solutionVersionArn"] = follows ? nil : .string(version.arn)
        var moving = try await updating(campaign, to: wanted)
        guard var update = moving.body["latestCampaignUpdate"] else { return moving }
        update["servedVersionArn"] = .string(version.arn)
        if rollsBack { update["rollsBack"] = true }
        moving.body["latestCampaignUpdate"] = update
        return moving
    }

    /// Moves a campaign back to the version before.
    ///
    /// With a trial, only while the campaign serves what it served in that: a version that came meanwhile has done nothing
    /// to be taken away for.
    func rollBack(
        _ campaignArn: String,
        because reason: String,
        author: String,
        in trial: String? = nil
    ) async throws(PersonalizeError) -> JSON {
        try await changeRollout(of: campaignArn) { (rollout, transition) async throws(PersonalizeError) in
            let campaign = try await resource(.campaign, campaignArn)
            if let trial, trial != campaign.liveTrial { throw .inUse(campaign, "it was moved meanwhile") }
            guard let earlier = campaign.earlierVersionArns.last else {
                throw PersonalizeError(
                    .invalidInput,
                    "Campaign \"\(campaignArn)\" has served no other version that it could go back to; promote one"
                )
            }
            let version = try await activeResource(.solutionVersion, earlier)
            transition.updates = [try await moving(campaign, to: version, rollsBack: true)]
            return decide(.rolledBack, reason, author, campaign, version.arn, in: &rollout)
        }
    }
}
