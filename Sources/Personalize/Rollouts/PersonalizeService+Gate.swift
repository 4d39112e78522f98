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
        let gateKinds = [RolloutDecision.Kind.promoted, .kept, .waiting].map(\.rawValue)
        let earlier = rollout.decisions.last { $0["solutionVersionArn"]?.string == version.arn }
        if let earlier, gateKinds.contains(earlier["decision"]?.string ?? "") { return earlier }
        guard let servedArn = campaign.servedVersionArn, servedArn != version.arn else { return nil }
        let verdict = try await verdict(on: version, beside: servedArn, rollout)
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
        var verdict = RolloutDecision(kind: .kept, reason: "", author: "policy \(policy.rule.rawValue)")
        if rollout.isHeld {
            (verdict.author, verdict.reason) = ("operator", "the campaign is held; promote the version or release it")
            return verdict
        }
        if let experiment = rollout.experiment {
            verdict.author = "experiment"
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
