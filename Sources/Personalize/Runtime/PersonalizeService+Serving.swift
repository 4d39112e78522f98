internal import JSON
internal import Logging

extension PersonalizeService {
    /// Loads what a campaign or a recommender is to serve and lets the runtime serve it; only while nobody else does.
    ///
    /// - Parameters:
    ///   - campaignArn: The campaign or the recommender.
    ///   - wanted: What is to be served.
    ///   - isWaiting: Whether the program of a custom recipe must answer before it takes over.
    /// - Returns: Why it cannot be served; `nil` when it is.
    func load(_ campaignArn: String, _ wanted: JSON, isWaiting: Bool = true) async -> String? {
        while true {
            let deletions = try? await deletionCount(campaignArn, wanted)
            let reason = await loadOnce(campaignArn, wanted, isWaiting: isWaiting)
            // Users who were deleted meanwhile must not be served by what was read before.
            if let deletions, await (try? deletionCount(campaignArn, wanted)) ?? deletions == deletions {
                return reason
            }
            if deletions == nil { return reason }
        }
    }

    /// How many times users were deleted from the group of the version that a campaign is to serve.
    private func deletionCount(_ campaignArn: String, _ wanted: JSON) async throws(PersonalizeError) -> Int {
        let version = try await version(of: campaignArn, wanted)
        guard let arn = version.body["datasetGroupArn"]?.string, let group = try await found(arn) else { return 0 }
        return group.dataDeletions.count
    }

    private func loadOnce(_ campaignArn: String, _ wanted: JSON, isWaiting: Bool) async -> String? {
        do {
            let version = try await version(of: campaignArn, wanted)
            if version.isCustom {
                try await loadProgram(campaignArn, version, isWaiting: isWaiting)
                return nil
            }
            let config = wanted["campaignConfig"] ?? wanted["recommenderConfig"]
            runtime.install(try await campaign(campaignArn, serving: version, config: config))
            await refreshTrial(of: campaignArn)
            return nil
        } catch {
            return reason(of: error)
        }
    }

    /// What is to be served: a solution version that is named, or the model of a recommender.
    private func version(of campaignArn: String, _ wanted: JSON) async throws(PersonalizeError) -> Resource {
        if ARN.isRecommender(campaignArn) {
            if let version = Resource.training(of: campaignArn, wanted["model"]) { return version }
            throw PersonalizeError(.invalidInput, "no model has been trained")
        }
        guard let versionArn = wanted["servedVersionArn"]?.string else {
            throw PersonalizeError(.invalidInput, "no solution version is named")
        }
        return try await activeResource(.solutionVersion, versionArn)
    }

    /// A solution version as a campaign with a configuration serves it, on the data as it is now.
    ///
    /// - Parameters:
    ///   - arn: The campaign or the recommender, or the job that answers as one would.
    ///   - version: What is served.
    ///   - config: The configuration.
    ///   - canExplore: Whether new items may have places in answers.
    /// - Returns: All that is needed to answer.
    /// - Throws: When the version's files or the data cannot be read.
    func campaign(
        _ arn: String,
        serving version: Resource,
        config: JSON?,
        canExplore: Bool = true
    ) async throws -> ServedCampaign {
        let isEnabled = config?["enableMetadataWithRecommendations"]?.bool == true
        let sources = try await sources(of: version)
        let files = files
        let known = runtime.served.first { $0.served.versionArn == version.arn }?.served
        let historyLength = configuration.historyLength
        let expressions = runtime.filters.expressions(of: sources.groupArn)
        let source = RecommendationID.Source(version: version.sequence, campaign: try await found(arn)?.sequence ?? 0)
        let actionSources = try await actionSources(of: version)
        let events = runtime.served.filter { $0.groupArn == sources.groupArn }.flatMap(\.filters.histories.events)
        return try await BackgroundThread.run(onCancel: {}) {
            let hidden = try sources.hidden.map { try UserList($0, in: files.data) }
            let served = try (known ?? ServedModel(version, in: files)).hiding(hidden)
            let rules = EventRules(version.body)
            let fresh = try sources.fresh.map {
                FreshTable(
                    table: try EventTable(snapshot: $0.snapshot.name, in: files),
                    rows: $0.rows,
                    isNew: $0.snapshot.source == .put
                )
            }
            let metadata = try sources.items.flatMap { try ItemMetadata($0, in: files) }
            let filters = try sources.filterCatalog(served, metadata, events, in: files)
            for expression in expressions { filters.prepare(expression) }
            let actions = try actionSources?.served(version, filters.users, expressions, in: files)
            let exploration = canExplore ? Exploration(config, of: served.entry) : nil
            return ServedCampaign(
                arn: arn,
                groupArn: sources.groupArn,
                served: served,
                histories: FreshHistories.gather(fresh, rules: rules, index: served.index),
                metadata: metadata,
                isMetadataEnabled: isEnabled,
                influence: ServedCampaign.influence(config, on: served),
                historyLength: historyLength,
                filters: filters,
                rules: rules,
                source: source,
                exploration: exploration,
                newItems: exploration.map {
                    NewItems(actions?.filters ?? filters, since: $0.start(newest: filters.newestEvent ?? 0))
                },
                actions: actions
            )
        }
    }

    /// Serves a campaign again after a restart or after its group's data has changed.
    func serve(_ campaign: Resource) async {
        await loading.alone {
            // It may have been updated while another was being loaded.
            guard let now = try? await found(campaign.arn), now.status == .active else { return }
            await serveHeld(now)
        }
    }

    private func serveHeld(_ campaign: Resource) async {
        // After a restart requests wait for a program of the user's, and the service does not.
        guard let reason = await load(campaign.arn, campaign.body, isWaiting: false) else {
            await recheck(campaign)
            changes.tell([campaign.arn])
            return
        }
        runtime.fail(campaign.arn, reason)
        logger.error("campaign not loaded", metadata: ["resource.arn": "\(campaign.arn)", "reason": "\(reason)"])
    }

    /// Takes back what was loaded while it was being stopped or deleted.
    private func recheck(_ campaign: Resource) async {
        do throws(PersonalizeError) {
            guard let now = try await found(campaign.arn) else { return runtime.remove(campaign.arn) }
            runtime.note(now.arn, now.status)
        } catch {
            // What cannot be read is as it was.
        }
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
        let hidden = try await hiddenUsers(of: version)
        // Read before its snapshots: what is sealed in between is then seen twice rather than not at all.
        let dataset = try await dataset(.interactions, group: group)
        let now = try await interactionSnapshots(of: version)
        return ServingSources(
            groupArn: group,
            interactions: now.map(\.name),
            fresh: now.compactMap { ServingSources.Fresh($0, trained: trained) },
            hidden: hidden,
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
