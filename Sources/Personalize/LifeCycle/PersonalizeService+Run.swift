internal import JSON
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
        let seals = work.open(.seals)
        let jobs = work.open(.jobs)
        let reports = work.open(.reports)
        let programs = work.open(.programs)
        let programTrainings = work.open(.programTrainings)
        let trials = runtime.trials.open()
        try await recover()
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask { for await arn in quick { await self.advance(arn) } }
                group.addTask { await self.work(on: imports, atOnce: Self.importLimit, self.runImport) }
                group.addTask { for await arn in trainings { await self.runTraining(arn) } }
                group.addTask { for await arn in seals { await self.sealInBackground(arn) } }
                group.addTask { for await arn in jobs { await self.runJob(arn) } }
                group.addTask { await self.runReports(reports) }
                group.addTask { await self.runPrograms(programs) }
                group.addTask {
                    await self.work(on: programTrainings, atOnce: Self.programTrainingLimit, self.runTraining)
                }
                group.addTask { await self.runAutoTraining() }
                group.addTask { await self.runTrials(trials) }
                group.addTask { await self.runRolloutReviews() }
            }
        }
    }

    /// Loads what ACTIVE campaigns serve and puts unfinished resources to work.
    ///
    /// - Throws: `PersonalizeError` when the store cannot be read.
    public func recover() async throws(PersonalizeError) {
        // A request may seal a dataset meanwhile, and its file is not recorded until it is done.
        try await sealing.alone { () async throws(PersonalizeError) in try await removeStrayData() }
        try await removeStrayJobFolders()
        try await recoverLiveData()
        for filter in try await resources(ResourceQuery(.filter)) { runtime.filters.note(filter) }
        for campaign in try await resources(ResourceQuery(.campaign, .recommender)) {
            runtime.note(campaign.arn, campaign.status)
            if campaign.status == .active { await serve(campaign) }
            if campaign.isUpdating { follow(campaign) }
        }
        try await removeEndedTrials()
        for attribution in try await resources(ResourceQuery(.metricAttribution, statuses: [.active])) {
            work.add(attribution.arn, to: .reports)
        }
        for resource in try await resources(ResourceQuery(.solution, .dataset)) where resource.isUpdating {
            follow(resource)
        }
        let unsettled = ResourceStatus.allCases.filter { !$0.isSettled }
        for resource in try await resources(ResourceQuery(statuses: unsettled)) { follow(resource) }
    }

    /// Puts a resource that is not settled into its lane.
    func follow(_ resource: Resource) {
        if resource.isUpdating {
            let quick: WorkQueue.Lane = resource.kind == .campaign && resource.isCustom ? .programs : .quick
            return work.add(resource.arn, to: resource.nextTraining == nil ? quick : .trainings)
        }
        guard !resource.status.isSettled else { return }
        switch (resource.kind, resource.status) {
        case (_, .deletePending), (_, .deleteInProgress): work.add(resource.arn, to: .quick)
        case (.datasetImportJob, _): work.add(resource.arn, to: .imports)
        case (let kind, _) where kind.isJob: work.add(resource.arn, to: .jobs)
        case (.solutionVersion, .createStopping):
            jobs.stop(resource.arn)
            work.add(resource.arn, to: resource.isCustom ? .programTrainings : .trainings)
        case (.solutionVersion, _): work.add(resource.arn, to: resource.isCustom ? .programTrainings : .trainings)
        case (.campaign, _) where resource.isCustom: work.add(resource.arn, to: .programs)
        case (.recommender, let status) where status.isBeingCreated: work.add(resource.arn, to: .trainings)
        default: work.add(resource.arn, to: .quick)
        }
    }

    /// Does the work that comes along, a few at one time.
    private func work(
        on arns: AsyncStream<String>,
        atOnce limit: Int,
        _ body: @escaping @Sendable (String) async -> Void
    ) async {
        await withTaskGroup(of: Void.self) { group in
            var count = 0
            for await arn in arns {
                if count >= limit { await group.next() }
                count += 1
                group.addTask { await body(arn) }
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
            try Task.checkCancellation()
            guard let resource = try await found(arn) else { return nil }
            if resource.status.isSettled, !resource.isUpdating { return resource.status }
            guard await iterator.next() != nil else { throw CancellationError() }
        }
    }
}
