internal import JSON
internal import Logging
public import ServiceLifecycle

extension PersonalizeService: Service {
    /// How many imports go on at one time.
    private static let importLimit = 2

    /// Takes resources through their lives until the service is shut down.
    ///
    /// What an earlier process left unfinished begins again; so does what a shutdown interrupts, at the next start.
    ///
    /// - Throws: `PersonalizeError` when the store cannot be read at the start.
    public func run() async throws {
        let quick = work.open(.quick)
        let imports = work.open(.imports)
        let trainings = work.open(.trainings)
        try await recover()
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask { for await arn in quick { await self.advance(arn) } }
                group.addTask { await self.runImports(imports) }
                group.addTask { for await arn in trainings { await self.runTraining(arn) } }
            }
        }
    }

    /// Loads what ACTIVE campaigns serve and puts unfinished resources to work.
    ///
    /// - Throws: `PersonalizeError` when the store cannot be read.
    public func recover() async throws(PersonalizeError) {
        try await removeStrayData()
        for campaign in try await resources(ResourceQuery(.campaign, statuses: [.active])) {
            await serve(campaign)
        }
        let unsettled = ResourceStatus.allCases.filter { !$0.isSettled }
        for resource in try await resources(ResourceQuery(statuses: unsettled)) { follow(resource) }
    }

    /// Puts a resource that is not settled into its lane.
    func follow(_ resource: Resource) {
        if resource.isUpdating { return work.add(resource.arn, to: .quick) }
        guard !resource.status.isSettled else { return }
        switch (resource.kind, resource.status) {
        case (_, .deletePending), (_, .deleteInProgress): work.add(resource.arn, to: .quick)
        case (.datasetImportJob, _): work.add(resource.arn, to: .imports)
        case (.solutionVersion, .createStopping):
            jobs.stop(resource.arn)
            work.add(resource.arn, to: .trainings)
        case (.solutionVersion, _): work.add(resource.arn, to: .trainings)
        default: work.add(resource.arn, to: .quick)
        }
    }

    /// Does the imports that come along, a few at one time.
    private func runImports(_ arns: AsyncStream<String>) async {
        await withTaskGroup(of: Void.self) { group in
            var count = 0
            for await arn in arns {
                if count >= Self.importLimit { await group.next() }
                count += 1
                group.addTask { await self.runImport(arn) }
            }
        }
    }
}

// MARK: - Waiting

extension PersonalizeService {
    /// One element whenever a resource has changed since the last; never ends by itself.
    ///
    /// - Parameter arn: The resource.
    /// - Returns: The changes to come.
    public func changes(of arn: String) -> AsyncStream<Void> { changes.of(arn) }

    /// Waits until nothing more happens to a resource: it is ACTIVE, has failed, was stopped or is gone.
    ///
    /// - Parameter arn: The resource.
    /// - Returns: Its status; `nil` when it does not exist, or no more.
    /// - Throws: `PersonalizeError` when the store cannot be read, `CancellationError` when the waiter is cancelled.
    public func waitUntilSettled(_ arn: String) async throws -> ResourceStatus? {
        let changes = changes.of(arn)
        var iterator = changes.makeAsyncIterator()
        while true {
            guard let resource = try await found(arn) else { return nil }
            if resource.status.isSettled, !resource.isUpdating { return resource.status }
            guard await iterator.next() != nil else { throw CancellationError() }
        }
    }
}

// MARK: - Steps

extension PersonalizeService {
    /// Changes a resource as it is now; a change that answers false leaves it as it is.
    ///
    /// - Returns: The resource as it was saved; `nil` when it is gone, was left alone or could not be saved.
    @discardableResult
    func change(_ arn: String, _ body: (inout Resource) -> Bool) async -> Resource? {
        while !Task.isCancelled {
            guard var resource = try? await found(arn), body(&resource) else { return nil }
            var transition = ResourceTransition()
            transition.updates = [resource]
            do throws(PersonalizeError) {
                if try await save(transition) { return resource }
            } catch {
                return nil
            }
        }
        return nil
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
    private func advance(_ arn: String) async {
        while !Task.isCancelled, let resource = try? await found(arn) {
            switch resource.status {
            case .deletePending: guard await move(arn, .deletePending, .deleteInProgress) else { return }
            case .deleteInProgress: return await remove(resource)
            case .createPending: guard await move(arn, .createPending, .createInProgress) else { return }
            case .createInProgress: return await finish(resource)
            case .active, .createFailed: return await finishUpdate(resource)
            case .createStopping, .createStopped: return
            }
        }
    }

    private func move(_ arn: String, _ old: ResourceStatus, _ new: ResourceStatus) async -> Bool {
        await change(arn) { resource in
            guard resource.status == old else { return false }
            resource.status = new
            return true
        } != nil
    }

    private func finish(_ resource: Resource) async {
        if resource.kind == .campaign {
            guard let reason = await load(resource.arn, resource.body) else {
                _ = await move(resource.arn, .createInProgress, .active)
                return
            }
            await fail(resource.arn, reason)
        } else {
            _ = await move(resource.arn, .createInProgress, .active)
        }
    }

    /// Brings a campaign's update to its end: the new model is loaded, then takes over.
    private func finishUpdate(_ campaign: Resource) async {
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
                for member in ["solutionVersionArn", "minProvisionedTPS", "campaignConfig", "servedVersionArn"] {
                    campaign.body[member] = update[member]
                }
            }
            campaign.body["latestCampaignUpdate"] = update
            return true
        }
    }

    /// Removes a resource and what it owns, then the files nobody needs any more.
    private func remove(_ resource: Resource) async {
        do {
            let owned = try await resources(ResourceQuery(parentArn: resource.arn))
            var transition = ResourceTransition()
            transition.deletes = owned.map(\.arn) + [resource.arn]
            guard try await save(transition) else { return }
            for version in owned where version.kind == .solutionVersion { removeModel(of: version.arn) }
        } catch {
            logger.error("delete failed", metadata: ["resource.arn": "\(resource.arn)", "error": "\(error)"])
        }
    }
}
