internal import JSON
internal import Logging

extension PersonalizeService {
    /// Loads what a campaign is to serve and lets the runtime serve it.
    ///
    /// - Returns: Why it cannot be served; `nil` when it is.
    func load(_ campaignArn: String, _ wanted: JSON) async -> String? {
        do {
            guard let versionArn = wanted["servedVersionArn"]?.string else { return "no solution version is named" }
            let version = try await activeResource(.solutionVersion, versionArn)
            let isEnabled = wanted["campaignConfig"]?["enableMetadataWithRecommendations"]?.bool == true
            let sources = try await sources(of: version)
            let files = files
            let known = runtime.served.first { $0.served.versionArn == versionArn }?.served
            let historyLength = configuration.historyLength
            let campaign = try await BackgroundThread.run(onCancel: {}) {
                let served = try known ?? ServedModel(version, in: files)
                let fresh = try sources.fresh.map { try EventTable(snapshot: $0, in: files) }
                return ServedCampaign(
                    arn: campaignArn,
                    groupArn: sources.groupArn,
                    served: served,
                    histories: FreshHistories.gather(fresh, rules: EventRules(version.body), index: served.index),
                    metadata: try sources.items.flatMap {
                        try ItemMetadata(snapshots: $0.snapshots, schema: $0.schema, in: files)
                    },
                    isMetadataEnabled: isEnabled,
                    influence: ServedCampaign.influence(wanted["campaignConfig"], on: served),
                    historyLength: historyLength
                )
            }
            runtime.install(campaign)
            return nil
        } catch let error as PersonalizeError {
            return error.message
        } catch {
            return "\(error)"
        }
    }

    /// Serves a campaign again after a restart or after its group's data has changed.
    func serve(_ campaign: Resource) async {
        guard let reason = await load(campaign.arn, campaign.body) else {
            changes.tell([campaign.arn])
            return
        }
        logger.error("campaign not loaded", metadata: ["resource.arn": "\(campaign.arn)", "reason": "\(reason)"])
    }

    /// Serves the campaigns of a group again, with the data as it is now.
    func refreshCampaigns(group: String) async {
        for campaign in runtime.served where campaign.groupArn == group {
            guard let resource = try? await found(campaign.arn), resource.status == .active else { continue }
            await serve(resource)
        }
    }

    private struct Sources: Sendable {
        let groupArn: String
        /// Interactions that came after the training.
        let fresh: [String]
        /// The snapshots of the items, and what their columns are; `nil` when there is no Items dataset.
        let items: (snapshots: [String], schema: Schema)?
    }

    private func sources(of version: Resource) async throws(PersonalizeError) -> Sources {
        let trained = Set((version.body["snapshots"]?.array ?? []).compactMap(\.string))
        let now = try await interactionSnapshots(of: version).map(\.name)
        let group = version.body["datasetGroupArn"]?.string ?? ""
        var items: (snapshots: [String], schema: Schema)?
        if let dataset = try await dataset(.items, group: group) {
            items = (try await snapshots(of: dataset.arn).map(\.name), try await schema(of: dataset))
        }
        return Sources(groupArn: group, fresh: now.filter { !trained.contains($0) }, items: items)
    }
}
