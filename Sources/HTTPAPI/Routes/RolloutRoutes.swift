internal import JSON
public import Personalize

extension OperationTable {
    /// `Millrace.…`: which versions campaigns serve, and why.
    ///
    /// | Operation | Members (those in parentheses may be absent) | Answer |
    /// | --- | --- | --- |
    /// | `DescribeRollout` | `campaignArn` | policy, versions, decisions, the newest first |
    /// | `PutPromotionPolicy` | `campaignArn` (`promotionPolicy`; without it the policy goes) | |
    /// | `PromoteCampaign` | `campaignArn` (`solutionVersionArn`) | `decision` |
    /// | `RollBackCampaign` | `campaignArn` | `decision` |
    /// | `HoldCampaign` | `campaignArn` (`isHeld`) | `decision` |
    /// | `StartExperiment` | `campaignArn` (`solutionVersionArn`, and what `Experiment.Settings` has) | the experiment |
    /// | `StopExperiment` | `campaignArn` | the experiment with its `report` |
    /// | `DescribeExperiment` | `campaignArn` | the experiment, or the last one, with its `report` |
    /// | `DeleteSolutionVersion` | `solutionVersionArn` | |
    public mutating func addRollouts(_ service: PersonalizeService) {
        self["DescribeRollout"] = { input in
            try await service.describeRollout(of: OperationInput(input).string("campaignArn"))
        }
        self["PutPromotionPolicy"] = { input in
            let members = OperationInput(input)
            try await service.putPromotionPolicy(members.json("promotionPolicy"), of: members.string("campaignArn"))
            return [:]
        }
        self["PromoteCampaign"] = { input in
            let members = OperationInput(input)
            let version = try members.optionalString("solutionVersionArn")
            return ["decision": try await service.promote(members.string("campaignArn"), to: version)]
        }
        self["RollBackCampaign"] = { input in
            ["decision": try await service.rollBack(OperationInput(input).string("campaignArn"))]
        }
        self["HoldCampaign"] = { input in
            let members = OperationInput(input)
            let isHeld = try members.optionalBool("isHeld") ?? true
            return ["decision": try await service.hold(members.string("campaignArn"), isHeld)]
        }
        self["StartExperiment"] = { input in
            let members = OperationInput(input)
            return try await service.startExperiment(
                on: members.string("campaignArn"),
                with: members.optionalString("solutionVersionArn"),
                Experiment.Settings(input)
            )
        }
        self["StopExperiment"] = { input in
            try await service.stopExperiment(on: OperationInput(input).string("campaignArn"))
        }
        self["DescribeExperiment"] = { input in
            try await service.experiment(of: OperationInput(input).string("campaignArn"))
        }
        self["DeleteSolutionVersion"] = { input in
            try await service.deleteVersion(OperationInput(input).string("solutionVersionArn"))
            return [:]
        }
    }
}
