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
            let expressions = runtime.filters.expressions(of: sources.groupArn)
            let campaignSequence = try await found(campaignArn)?.sequence ?? 0
            let actionSources = try await actionSources(of: version)
            let events = runtime.served.filter { $0.groupArn == sources.groupArn }.flatMap(\.filters.histories.events)
            let campaign = try await BackgroundThread.run(onCancel: {}) {
                let served = try known ?? ServedModel(version, in: files)
                let rules = EventRules(version.body)
                let fresh = try sources.fresh.map {
                    FreshTable(table: try EventTable(snapshot: $0.name, in: files), isNew: $0.source == .put)
                }
                let metadata = try sources.items.flatMap { try ItemMetadata($0, in: files) }
                let filters = try sources.filterCatalog(served, metadata, events, in: files)
                for expression in expressions { filters.prepare(expression) }
                let actions = try actionSources?.served(version, filters.users, expressions, in: files)
                let exploration = served.entry.explores ? Exploration(wanted["campaignConfig"]) : nil
                return ServedCampaign(
                    arn: campaignArn,
                    groupArn: sources.groupArn,
                    served: served,
                    histories: FreshHistories.gather(fresh, rules: rules, index: served.index),
                    metadata: metadata,
                    isMetadataEnabled: isEnabled,
                    influence: ServedCampaign.influence(wanted["campaignConfig"], on: served),
                    historyLength: historyLength,
                    filters: filters,
                    rules: rules,
                    source: RecommendationID.Source(version: version.sequence, campaign: campaignSequence),
                    exploration: exploration,
                    newItems: exploration.map {
                        NewItems(actions?.filters ?? filters, since: $0.start(newest: filters.newestEvent ?? 0))
                    },
                    actions: actions
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

    private func sources(of version: Resource) async throws(PersonalizeError) -> ServingSources {
        let trained = Set((version.body["snapshots"]?.array ?? []).compactMap(\.string))
        let group = version.body["datasetGroupArn"]?.string ?? ""
        // Read before its snapshots: what is sealed in between is then seen twice rather than not at all.
        let dataset = try await dataset(.interactions, group: group)
        let now = try await interactionSnapshots(of: version)
        return ServingSources(
            groupArn: group,
            interactions: now.map(\.name),
            fresh: now.filter { !trained.contains($0.name) },
            live: dataset.map { LiveEvents(history: live.history(of: $0.arn), after: $0.sealedThrough) },
            items: try await records(.items, group),
            users: try await records(.users, group)
        )
    }

    func records(
        _ type: DatasetType,
        _ group: String
    ) async throws(PersonalizeError) -> ServingSources.Records? {
        guard let dataset = try await dataset(type, group: group) else { return nil }
        let names = try await snapshots(of: dataset.arn).map(\.name)
        let live = LiveEntities(records: live.records(of: dataset.arn), after: dataset.sealedThrough)
        return ServingSources.Records(snapshots: names, live: live, schema: try await schema(of: dataset))
    }
}
