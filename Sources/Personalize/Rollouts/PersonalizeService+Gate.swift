public import JSON

extension PersonalizeService {
    /// Updates a campaign as `UpdateCampaign` does, unless its policy keeps it from the version that is named.
    ///
    /// This is the door of the pipeline, whose definition asks for `updateCampaign` as on AWS. A request over HTTP is the
    /// operator's own and moves the campaign.
    ///
    /// - Parameter input: The request `UpdateCampaign`.
    /// - Returns: Its answer; where a policy, a hold or an experiment had a say, also `promotion`, the decision.
    /// - Throws: `PersonalizeError` as the operation does; `CancellationError`.
    public func moveCampaign(_ input: JSON) async throws -> JSON {
        if let arn = input["campaignArn"]?.string, input["solutionVersionArn"] != nil,
            let campaign = try await found(arn), campaign.kind == .campaign,
            let decision = try await gatedMove(of: campaign, to: try await servableVersion(input), with: input)
        {
            return ["campaignArn": .string(arn), "promotion": decision]
        }
        return try await call("UpdateCampaign", input)
    }

    /// Decides about a new version of a campaign and moves the campaign when it is promoted.
    ///
    /// What else the input changes is changed with the move, and not without it.
    ///
    /// - Returns: The decision; `nil` when every version is served and nothing is to be decided.
    func gatedMove(of campaign: Resource, to version: Resource, with input: JSON = [:]) async throws -> JSON? {
        let rollout = try await rollout(of: campaign.arn)
        guard rollout.isGating, campaign.status == .active, version.parentArn == campaign.parentArn else { return nil }
        // A task that is repeated after a crash gets the decision it had made.
        if let standing = rollout.standingDecision(on: version.arn, campaign) { return standing }
        guard let servedArn = campaign.servedVersionArn, servedArn != version.arn else { return nil }
        let verdict =
            if let rolledBack = rollout.rollback(from: version.arn) {
                RolloutDecision.afterRollback(rolledBack)
            } else {
                try await verdict(on: version, beside: servedArn, rollout)
            }
        return try await changeRollout(of: campaign.arn) { (rollout, transition) async throws(PersonalizeError) in
            let campaign = try await resource(.campaign, campaign.arn)
            if verdict.kind == .promoted {
                transition.updates = [try await moving(campaign, to: version, with: input)]
            } else {
                rollout.waitingVersionArn = version.arn
            }
            return decide(
                verdict.kind,
                verdict.reason,
                verdict.author,
                campaign,
                version.arn,
                report: verdict.report,
                in: &rollout
            )
        }
    }

    private func verdict(
        on version: Resource,
        beside servedArn: String,
        _ rollout: Rollout
    ) async throws -> RolloutDecision {
        let policy = rollout.policy
        var verdict = RolloutDecision(kind: .kept, reason: "", author: rollout.gateAuthor)
        if rollout.isHeld {
            verdict.reason = "the campaign is held; promote the version or release it"
            return verdict
        }
        if let experiment = rollout.experiment {
            verdict.reason =
                "experiment \(experiment.id) compares what the campaign serves; end it or promote the version"
            return verdict
        }
        do {
            let serving = try await resource(.solutionVersion, servedArn)
            let report = try await promotionReport(of: version, beside: serving, policy)
            let decision = report.decide(policy)
            verdict.report = report.json
            verdict.reason = decision.reason
            verdict.kind = decision.isPromoted ? .promoted : .kept
        } catch let error where !Self.isPassing(error) {
            verdict.reason = "it cannot be compared with the version that serves: \(Self.text(of: error))"
            verdict.kind = .waiting
        }
        if policy.rule == .manual {
            verdict.kind = .waiting
            verdict.reason = "the policy waits for the operator; \(verdict.reason)"
        }
        return verdict
    }

    /// Whether an error says nothing of the versions: it will be gone when the comparison is made again.
    private static func isPassing(_ error: any Error) -> Bool {
        error is CancellationError || (error as? PersonalizeError)?.code == .internalFailure
    }

    private static func text(of error: any Error) -> String { (error as? PersonalizeError)?.message ?? "\(error)" }
}

// MARK: - What was decided already

extension PersonalizeService {
    /// What keeps a campaign from a version, as it was decided and as it would be again.
    ///
    /// - Parameters:
    ///   - campaignArn: The campaign.
    ///   - versionArn: A version of its solution.
    /// - Returns: The decision; `nil` when the campaign would be moved, or it is still to be decided.
    /// - Throws: `PersonalizeError` when the store cannot be read.
    public func keepingDecision(
        of campaignArn: String,
        on versionArn: String
    ) async throws(PersonalizeError) -> JSON? {
        let rollout = try await rollout(of: campaignArn)
        guard rollout.isGating, let campaign = try await found(campaignArn),
            let standing = rollout.standingDecision(on: versionArn, campaign) ?? rollout.rollback(from: versionArn)
        else { return nil }
        guard standing["decision"]?.string != RolloutDecision.Kind.promoted.rawValue else { return nil }
        return standing
    }
}

extension Rollout {
    /// Who decides about a new version now.
    fileprivate var gateAuthor: String {
        if isHeld { return "operator" }
        return experiment == nil ? "policy \(policy.rule.rawValue)" : "experiment"
    }

    /// The decision about a version that would be made again, since nothing that it was made by has changed: one that kept
    /// it from being served, or one that serves it.
    fileprivate func standingDecision(on versionArn: String, _ campaign: Resource) -> JSON? {
        guard let last = decisions.last(where: { $0["solutionVersionArn"]?.string == versionArn }) else { return nil }
        switch last["decision"]?.string.flatMap(RolloutDecision.Kind.init) {
        case .promoted:
            let update = campaign.body["latestCampaignUpdate"]
            let isMoving = campaign.isUpdating && update?["servedVersionArn"]?.string == versionArn
            guard isMoving || campaign.servedVersionArn == versionArn else { return nil }
            return last
        case .kept, .waiting:
            guard [gateAuthor, RolloutDecision.rollbackAuthor].contains(last["decidedBy"]?.string) else { return nil }
            return last
        default: return nil
        }
    }

    /// The decision by which the campaign went back from a version, when it was not decided about since.
    fileprivate func rollback(from versionArn: String) -> JSON? {
        let last = decisions.last { decision in
            decision["servingVersionArn"]?.string == versionArn || decision["solutionVersionArn"]?.string == versionArn
        }
        guard let last, last["decision"]?.string == RolloutDecision.Kind.rolledBack.rawValue,
            last["servingVersionArn"]?.string == versionArn
        else { return nil }
        return last
    }
}

extension RolloutDecision {
    static let rollbackAuthor = "rollback"

    /// What is decided about a version that was rolled back from: the same figures would only promote it again.
    fileprivate static func afterRollback(_ rollback: JSON) -> RolloutDecision {
        let reason = rollback["reason"]?.string ?? ""
        return RolloutDecision(
            kind: .kept,
            reason: "the campaign was rolled back from it (\(reason)); promote it to serve it again",
            author: rollbackAuthor
        )
    }
}
