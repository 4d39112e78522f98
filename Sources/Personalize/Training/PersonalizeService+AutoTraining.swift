internal import FoundationEssentials
internal import JSON
internal import Logging
internal import Recommenders

extension PersonalizeService {
    /// What is told when a solution, a version or a recommender has changed, beside its own ARN.
    static let scheduleTopic = "automatic training"

    /// Trains what is due by itself, for as long as the service runs.
    func runAutoTraining() async {
        while !Task.isCancelled {
            // Listened to before anything is read, so that no change falls between.
            let news = changes.of(Self.scheduleTopic)
            let next = await insist { () async throws(PersonalizeError) in try await trainWhatIsDue() }
            await wait(until: next ?? now().addingTimeInterval(AutoTrainingRules.pause), or: news)
        }
    }

    /// Waits for a moment or a change, half an hour at most: the wall clock may be set meanwhile.
    func wait(until moment: Date, or news: AsyncStream<Void>) async {
        let pause = min(max(moment.timeIntervalSince(now()), 1), AutoTrainingRules.pause)
        let clock = clock
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in news { return } }
            if moment != .distantFuture {
                group.addTask { try? await clock.sleep(for: .seconds(pause)) }
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// Begins the trainings that are due.
    ///
    /// - Returns: When to look again; the distant future when nothing will be due by itself.
    func trainWhatIsDue() async throws(PersonalizeError) -> Date {
        var next = Date.distantFuture
        for owner in try await resources(ResourceQuery(.solution, .recommender, statuses: [.active])) {
            do throws(PersonalizeError) {
                let due = try await owner.kind == .solution ? trainIfDue(owner) : retrainIfDue(owner)
                if let due { next = min(next, due) }
            } catch {
                guard error.code != .internalFailure else { throw error }
                // What keeps one from being trained is no reason to let the others wait.
                logger.warning(
                    "automatic training refused",
                    metadata: ["resource.arn": "\(owner.arn)", "reason": "\(error.message)"]
                )
                next = min(next, now().addingTimeInterval(AutoTrainingRules.pause))
            }
        }
        return next
    }

    /// Begins a version when it is time and data has come; answers when to look again.
    private func trainIfDue(_ solution: Resource) async throws(PersonalizeError) -> Date? {
        guard AutoTrainingRules.isAutomatic(solution.body) else { return nil }
        let newest = try await newestVersion(of: solution)
        let due = AutoTrainingRules.due(solution, after: newest)
        guard let first = [due.full, due.increment].compactMap(\.self).min() else { return nil }
        guard first <= now() else { return first }
        let later = now().addingTimeInterval(AutoTrainingRules.pause)
        // What goes on has not failed or ended yet; its end is told.
        guard newest?.status.isBeingCreated != true else { return later }
        guard try await hasNewData(solution, since: try await trainedVersion(of: solution)) else {
            return [later, due.full].compactMap(\.self).filter { $0 > now() }.min() ?? later
        }
        let isFull = due.full.map { $0 <= now() } ?? false
        try await beginVersion(of: solution.arn, after: newest, isFull: isFull)
        return later
    }

    /// Makes a version as `CreateSolutionVersion` does, unless another has come meanwhile.
    private func beginVersion(
        of solutionArn: String,
        after newest: Resource?,
        isFull: Bool
    ) async throws(PersonalizeError) {
        try await gate.alone { () async throws(PersonalizeError) in
            guard let solution = try await found(solutionArn), solution.status == .active,
                try await newestVersion(of: solution)?.arn == newest?.arn
            else { return }
            let mode = try await isFull ? "FULL" : incrementalMode(of: solution)
            guard let mode else { return }
            let input: JSON = ["solutionArn": .string(solutionArn), "trainingMode": .string(mode)]
            let decision = try await newVersion(of: solution, input, type: "AUTOMATIC")
            guard try await save(decision.transition) else { return }
            for version in decision.transition.inserts { follow(version) }
            logger.info("automatic training begins", metadata: ["resource.arn": "\(solutionArn)"])
        }
    }

    /// How an increment is learnt: on from the newest version where the recipe can, else all again; `nil` when the
    /// solution has been trained by no such configuration yet.
    private func incrementalMode(of solution: Resource) async throws(PersonalizeError) -> String? {
        guard solution.entry?.canUpdate == true else { return "FULL" }
        do throws(PersonalizeError) {
            try await checkUpdateTraining(of: solution)
            return "UPDATE"
        } catch {
            guard error.code == .invalidInput else { throw error }
            return nil
        }
    }

    /// Trains a recommender again when it is time and data has come; answers when to look again.
    private func retrainIfDue(_ recommender: Resource) async throws(PersonalizeError) -> Date? {
        guard let due = AutoTrainingRules.due(recommender) else { return nil }
        guard due <= now() else { return due }
        let later = now().addingTimeInterval(AutoTrainingRules.pause)
        guard let entry = recommender.entry,
            try await hasNewData(recommender, since: recommender.servedTraining)
        else { return later }
        var retrained = recommender
        planTraining(entry, recommender.body["recommenderConfig"] ?? [:], in: &retrained.body)
        var transition = ResourceTransition()
        transition.updates = [retrained]
        if try await save(transition) { follow(retrained) }
        return later
    }
}

// MARK: - Data

extension PersonalizeService {
    private func newestVersion(of solution: Resource) async throws(PersonalizeError) -> Resource? {
        let query = ResourceQuery(.solutionVersion, parentArn: solution.arn, limit: 1, isNewestFirst: true)
        return try await resources(query).first
    }

    /// The newest version that has begun to learn, from which it can be told what data was there.
    private func trainedVersion(of solution: Resource) async throws(PersonalizeError) -> Resource? {
        let query = ResourceQuery(.solutionVersion, parentArn: solution.arn, isNewestFirst: true)
        return try await resources(query).first { $0.body["trainingSeed"] != nil }
    }

    /// Whether what is learnt from has been imported or put since a training.
    private func hasNewData(_ owner: Resource, since training: Resource?) async throws(PersonalizeError) -> Bool {
        let learnsFromEvents = owner.entry?.recipe.learnsFromEvents ?? true
        let (type, member) = learnsFromEvents ? (DatasetType.interactions, "snapshots") : (.items, "itemSnapshots")
        guard let dataset = try await dataset(type, group: owner.parentArn) else { return false }
        let names = try await snapshots(of: dataset.arn).map { JSON.string($0.name) }
        if names != training?.body[member]?.array ?? [] { return true }
        let after = dataset.sealedThrough
        return try await reading { try await !$0.liveBatches(of: dataset.arn, after: after, limit: 1).isEmpty }
    }
}
