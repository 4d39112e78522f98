internal import JSON
internal import Logging

extension PersonalizeService {
    /// The longest pause before the store is tried again.
    private static let longestPause = Duration.seconds(60)

    /// Does something with the store, again and again while that fails, for as long as the service runs.
    ///
    /// A full disk or a locked database so delays a resource, and leaves none behind in the middle of its life.
    func insist<T>(_ body: () async throws(PersonalizeError) -> T?) async -> T? {
        var pause = Duration.seconds(1)
        while !Task.isCancelled {
            do throws(PersonalizeError) {
                return try await body()
            } catch {
                guard error.code == .internalFailure else { return nil }
            }
            try? await clock.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
        return nil
    }

    /// Changes a resource as it is now; a change that answers false leaves it as it is.
    ///
    /// - Returns: The resource as it was saved; `nil` when it is gone, was left alone or the service ends.
    @discardableResult
    func change(_ arn: String, _ body: (inout Resource) -> Bool) async -> Resource? {
        await insist { () async throws(PersonalizeError) in
            while true {
                guard var resource = try await found(arn), body(&resource) else { return nil }
                var transition = ResourceTransition()
                transition.updates = [resource]
                if try await save(transition) { return resource }
            }
        }
    }

    /// Ends a creation with the reason it failed for.
    func fail(_ arn: String, _ reason: String) async {
        logger.warning("resource failed", metadata: ["resource.arn": "\(arn)", "reason": "\(reason)"])
        await change(arn) { resource in
            guard resource.status.isBeingCreated else { return false }
            resource.status = .createFailed
            resource.body["failureReason"] = .string(reason)
            return true
        }
    }

    /// Takes a resource of the quick lane as far as it goes.
    func advance(_ arn: String) async {
        while let resource = await insist({ () async throws(PersonalizeError) in try await found(arn) }) {
            switch resource.status {
            case .deletePending: guard await move(arn, .deletePending, .deleteInProgress) else { return }
            case .deleteInProgress: return await remove(resource)
            case .createPending, .createInProgress:
                // A recommender is made where trainings are.
                guard resource.kind != .recommender else { return }
                guard resource.status == .createPending else { return await finish(resource) }
                guard await move(arn, .createPending, .createInProgress) else { return }
            case .active where resource.kind == .dataset && resource.isUpdating:
                return await finishSchemaUpdate(of: arn)
            case .active, .createFailed: return await finishUpdate(resource)
            case .stopPending, .stopInProgress, .startPending, .startInProgress:
                guard await advanceRecommender(resource) else { return }
            default: return
            }
        }
    }

    func move(_ arn: String, _ old: ResourceStatus, _ new: ResourceStatus) async -> Bool {
        await change(arn) { resource in
            guard resource.status == old else { return false }
            resource.status = new
            return true
        } != nil
    }

    private func finish(_ resource: Resource) async {
        if resource.kind == .campaign {
            await loadingGate(of: resource).alone {
                guard let reason = await load(resource.arn, resource.body) else {
                    _ = await move(resource.arn, .createInProgress, .active)
                    return
                }
                await fail(resource.arn, reason)
            }
        } else {
            if resource.kind == .filter { await prepareFilter(resource) }
            _ = await move(resource.arn, .createInProgress, .active)
            if resource.kind == .metricAttribution { work.add(resource.arn, to: .reports) }
            // From now on records may be put into it, and campaigns look where they know of a dataset.
            if resource.kind == .dataset, let group = resource.parentArn { await refreshCampaigns(group: group) }
        }
    }

    /// Brings a campaign's update to its end: the new model is loaded, then takes over.
    private func finishUpdate(_ campaign: Resource) async {
        if campaign.kind == .recommender { return await reconfigure(campaign) }
        if campaign.kind == .solution { return await applyUpdate(campaign) }
        await loadingGate(of: campaign).alone { await finishUpdateHeld(campaign) }
    }

    /// Which campaigns are loaded one after another: those of a custom recipe wait for their programs, each by itself, and
    /// are held apart where they come along.
    private func loadingGate(of campaign: Resource) -> Gate { campaign.isCustom ? Gate() : loading }

    private func finishUpdateHeld(_ campaign: Resource) async {
        guard campaign.isUpdating, var update = campaign.body["latestCampaignUpdate"] else { return }
        let reason = await load(campaign.arn, update)
        let now = now()
        await change(campaign.arn) { campaign in
            guard campaign.isUpdating else { return false }
            update["lastUpdatedDateTime"] = .seconds(of: now)
            update["status"] = .string((reason == nil ? ResourceStatus.active : .createFailed).rawValue)
            update["failureReason"] = reason.map(JSON.string)
            if reason == nil {
                campaign.status = .active
                campaign.body["failureReason"] = nil
                campaign.rememberServed(before: update, at: now)
                for member in ["solutionVersionArn", "minProvisionedTPS", "campaignConfig", "servedVersionArn"] {
                    campaign.body[member] = update[member]
                }
            }
            campaign.body["latestCampaignUpdate"] = update
            return true
        }
        // What is watched is what serves from this commit on.
        await refreshTrial(of: campaign.arn)
    }

    /// Removes a resource and what it owns, then the files nobody needs any more.
    private func remove(_ resource: Resource) async {
        let removed = await insist { () async throws(PersonalizeError) -> [Resource]? in
            if resource.kind == .dataset { try await countLastMetrics(of: resource) }
            let owned = try await descendants(of: resource.arn)
            var transition = ResourceTransition()
            transition.deletes = owned.map(\.arn) + [resource.arn]
            return try await save(transition) ? owned : nil
        }
        guard let removed else { return }
        for version in removed + [resource] where version.kind == .solutionVersion { removeModel(of: version.arn) }
        for training in [resource.servedTraining, resource.nextTraining] {
            if let training { removeModel(of: training.arn) }
        }
    }

    /// All that belongs to a resource, what belongs to another before that.
    private func descendants(of arn: String) async throws(PersonalizeError) -> [Resource] {
        var all: [Resource] = []
        for child in try await resources(ResourceQuery(parentArn: arn)) {
            all += try await descendants(of: child.arn) + [child]
        }
        return all
    }
}
