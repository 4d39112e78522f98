internal import JSON
internal import Shapes

extension Operation {
    static let createCampaign = Operation.write(
        "CreateCampaign",
        .structure([
            .required("name", .name), .required("solutionVersionArn", .arn),
            .optional("minProvisionedTPS", .integer(1...Int.max)), .optional("campaignConfig", .campaignConfig),
            .optional("tags", .tags),
        ])
    ) { service, input throws(PersonalizeError) in
        let kept = ["solutionVersionArn", "minProvisionedTPS", "campaignConfig"]
        var draft = try Draft(.campaign, input, keeping: kept)
        let version = try await service.servableVersion(input)
        try version.refuseSegments()
        try Exploration.check(input["campaignConfig"], of: version.entry, at: "campaignConfig")
        draft.body["campaignConfig"] = Exploration.completed(input["campaignConfig"], of: version.entry)
        draft.body["customRecipeArn"] = version.customRecipeArn.map(JSON.string)
        draft.parentArn = version.parentArn
        draft.body["servedVersionArn"] = .string(version.arn)
        if draft.body["minProvisionedTPS"] == nil { draft.body["minProvisionedTPS"] = 1 }
        return try await service.create(draft)
    }

    static let updateCampaign = Operation.write(
        "UpdateCampaign",
        .structure([
            .required("campaignArn", .arn), .optional("solutionVersionArn", .arn),
            .optional("minProvisionedTPS", .integer(1...Int.max)), .optional("campaignConfig", .campaignConfig),
        ])
    ) { service, input throws(PersonalizeError) in
        let campaign = try await service.resource(.campaign, try input.required("campaignArn"))
        guard campaign.status == .active || campaign.status == .createFailed, !campaign.isUpdating else {
            throw .inUse(campaign, "it can be updated when it is ACTIVE or CREATE FAILED and no update is going on")
        }
        var decision = Decision()
        decision.transition.updates = [try await service.updating(campaign, to: input)]
        decision.response = ["campaignArn": .string(campaign.arn)]
        return decision
    }
}

extension Resource {
    /// Whether an update of this campaign, recommender, solution or dataset has not ended yet.
    var isUpdating: Bool {
        if status == .active, nextTraining != nil { return true }
        guard let member = kind.updateMember else { return false }
        return body[member]?["status"]?.string.flatMap(ResourceStatus.init)?.isSettled == false
    }
}

extension PersonalizeService {
    /// The version a request names, by its ARN or as the newest of a solution; it must be ACTIVE.
    func servableVersion(_ input: JSON) async throws(PersonalizeError) -> Resource {
        let arn = try input.required("solutionVersionArn")
        let isSynced = input["campaignConfig"]?["syncWithLatestSolutionVersion"]?.bool == true
        guard arn.hasSuffix(ARN.latestSuffix) else {
            guard !isSynced else {
                throw PersonalizeError(
                    .invalidInput,
                    "syncWithLatestSolutionVersion needs a solutionVersionArn that ends in \"/$LATEST\""
                )
            }
            return try await activeResource(.solutionVersion, arn)
        }
        let solution = try await resource(.solution, String(arn.dropLast(ARN.latestSuffix.count)))
        let newest = ResourceQuery(
            .solutionVersion,
            parentArn: solution.arn,
            statuses: [.active],
            limit: 1,
            isNewestFirst: true
        )
        guard let version = try await resources(newest).first else {
            throw PersonalizeError(.resourceInUse, "Solution \"\(solution.arn)\" has no ACTIVE version yet")
        }
        return version
    }

    /// What an update of a campaign may name.
    private static let campaignMembers = ["solutionVersionArn", "minProvisionedTPS", "campaignConfig"]

    /// The campaign with an update begun; what the update does not name stays as it is.
    func updating(_ campaign: Resource, to input: JSON) async throws(PersonalizeError) -> Resource {
        var wanted = input
        for member in Self.campaignMembers { wanted[member] = wanted[member] ?? campaign.body[member] }
        let version = try await servableVersion(wanted)
        guard version.parentArn == campaign.parentArn else {
            throw PersonalizeError(
                .invalidInput,
                "SolutionVersion \"\(version.arn)\" is not of the solution of campaign \"\(campaign.arn)\""
            )
        }
        try Exploration.check(input["campaignConfig"], of: version.entry, at: "campaignConfig")
        wanted["campaignConfig"] = Exploration.completed(wanted["campaignConfig"], of: version.entry)
        var update: JSON = [:]
        for member in Self.campaignMembers { update[member] = wanted[member] }
        update["servedVersionArn"] = .string(version.arn)
        update["status"] = .string(ResourceStatus.createPending.rawValue)
        update["creationDateTime"] = .seconds(of: now())
        update["lastUpdatedDateTime"] = .seconds(of: now())
        var campaign = campaign
        campaign.body["latestCampaignUpdate"] = update
        return campaign
    }
}
