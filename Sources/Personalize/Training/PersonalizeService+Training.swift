internal import DurableFiles
internal import FoundationEssentials
internal import JSON
internal import Logging
internal import Recommenders

extension PersonalizeService {
    /// Trains a version that waits or that an earlier process had begun; one that was stopped is only recorded so.
    func runTraining(_ arn: String) async {
        guard let flag = jobs.begin(arn) else { return }
        defer { jobs.end(arn) }
        let resource = await insist { () async throws(PersonalizeError) in try await found(arn) }
        if let resource, resource.kind == .recommender {
            await trainRecommender(resource, flag)
            return await sealing.alone { await removeReplacedData() }
        }
        guard let version = resource, version.kind == .solutionVersion else { return }
        switch version.status {
        case .createPending:
            guard let begun = await beginTraining(version) else { return }
            await train(begun, flag)
            await sealing.alone { await removeReplacedData() }
        case .createInProgress:
            await train(version, flag)
            await sealing.alone { await removeReplacedData() }
        case .createStopping: await recordStop(arn)
        default: return
        }
    }

    /// Fixes what a training learns from: the snapshots that are there now, and the seed.
    private func beginTraining(_ version: Resource) async -> Resource? {
        let seed = JSON.string("\(configuration.seed)")
        do throws(PersonalizeError) {
            return try await withTrainingData(of: version) { (data) async throws(PersonalizeError) in
                await fix(data, seed, base: try await base(of: version), in: version)
            }
        } catch {
            await fail(version.arn, error.message)
            return nil
        }
    }

    private func fix(_ data: JSONObject, _ seed: JSON, base: Resource?, in version: Resource) async -> Resource? {
        await change(version.arn) { version in
            guard version.status == .createPending else { return false }
            version.status = .createInProgress
            for (member, value) in data { version.body[member] = value }
            // Only a split by the same seed keeps the test users unknown to what an update learns on from.
            version.body["trainingSeed"] = base?.body["trainingSeed"] ?? seed
            version.body["baseVersionArn"] = base.map { .string($0.arn) }
            return true
        }
    }

    /// Does something with what a version is to be trained from, and with where that came from.
    ///
    /// No snapshot is replaced between the look at them and the commit that names them.
    func withTrainingData<T: Sendable>(
        of version: Resource,
        _ body: (JSONObject) async throws(PersonalizeError) -> T
    ) async throws(PersonalizeError) -> T {
        let group = version.body["datasetGroupArn"]?.string
        if let group { try await sealDatasets(of: group) }
        return try await sealing.alone { () async throws(PersonalizeError) in
            var data = try await fixedData(of: version)
            data["trainingSources"] = try await trainingSources(data, group: group)
            return try await body(data)
        }
    }

    /// The snapshots of interactions and of items, with all that was sealed so far, and which columns of items say what.
    private func fixedData(of version: Resource) async throws(PersonalizeError) -> JSONObject {
        var data = JSONObject()
        if let arn = version.body["datasetGroupArn"]?.string, let group = try await found(arn) {
            data["dataDeletionCount"] = JSON(group.dataDeletions.count)
        }
        data["snapshots"] = .array(try await interactionSnapshots(of: version).map { .string($0.name) })
        for (member, names) in try await actionData(of: version) { data[member] = names }
        guard let items = try await dataset(.items, group: version.body["datasetGroupArn"]?.string) else { return data }
        data["itemSnapshots"] = .array(try await snapshots(of: items.arn).map { .string($0.name) })
        var fields = JSONObject()
        let choice = TrainingColumns(version.body["solutionConfig"]?["trainingDataConfig"])
        let solution = version.kind == .solution ? version : try await found(version.parentArn ?? "")
        for (name, field) in ItemField.all(of: try await schema(of: items)).sorted(by: { $0.key < $1.key })
        where choice.contains(name, of: .items) && solution.map({ !items.hasAdded(name, after: $0) }) ?? true {
            fields[name] = .string(field.rawValue)
        }
        data["itemFields"] = .object(fields)
        return data
    }

    /// The snapshots of the interactions in a version's group.
    func interactionSnapshots(of version: Resource) async throws(PersonalizeError) -> [DatasetSnapshot] {
        guard let dataset = try await dataset(.interactions, group: version.body["datasetGroupArn"]?.string) else {
            return []
        }
        return try await snapshots(of: dataset.arn)
    }

    /// A group's dataset of a type.
    func dataset(_ type: DatasetType, group: String?) async throws(PersonalizeError) -> Resource? {
        guard let group else { return nil }
        return try await resources(ResourceQuery(.dataset, parentArn: group)).first {
            $0.body["datasetType"]?.string == type.word
        }
    }

    private func train(_ version: Resource, _ flag: RunningJobs.Flag) async {
        do {
            let trained =
                version.isCustom
                ? try await runProgram(version, flag) : try await run(version, of: version.arn, flag)
            await finishTraining(version.arn, trained)
        } catch is CancellationError {
            // A shutdown leaves the version as it is: the next start trains it again.
            if !Task.isCancelled { await recordStop(version.arn) }
        } catch {
            await fail(version.arn, reason(of: error))
        }
    }

    /// Trains a version whose data is fixed, and tells of the progress as that of a resource.
    ///
    /// - Returns: What changes a version into the trained one.
    func run(_ version: Resource, of arn: String, _ flag: RunningJobs.Flag) async throws -> TrainedVersion {
        let began = now()
        let progress = progress
        let training = VersionTraining(
            version: version,
            files: files,
            configuration: configuration,
            progress: { progress[arn] = $0 },
            isCancelled: { flag.isStopped }
        )
        defer { progress[arn] = nil }
        do {
            let result = try await BackgroundThread.run(onCancel: { flag.stop() }) { try training.run() }
            let hours = now().timeIntervalSince(began) / 3600
            counters.noteTraining(hours: hours)
            await keepProfile(of: version)
            return TrainedVersion(result: result, hours: hours)
        } catch {
            if !(error is CancellationError) { counters.noteFailedTraining() }
            throw error
        }
    }

    /// What a failure says to who reads of it.
    func reason(of error: any Error) -> String { (error as? PersonalizeError)?.message ?? "\(error)" }

    private func finishTraining(_ arn: String, _ training: TrainedVersion) async {
        let finished = await recordModel(arn, training)
        guard let finished else { return await recordStop(arn) }
        logger.info("solution version is ACTIVE", metadata: ["resource.arn": "\(arn)"])
        await syncCampaigns(finished)
    }

    /// Makes a version ACTIVE and tells its solution which recipe was best, where the metrics chose.
    private func recordModel(_ arn: String, _ training: TrainedVersion) async -> Resource? {
        await insist { () async throws(PersonalizeError) in
            while true {
                guard let version = try await found(arn), version.status == .createInProgress else { return nil }
                var transition = ResourceTransition()
                transition.updates = [training.applied(to: version)]
                if version.body["performAutoML"]?.bool == true, let solution = version.parentArn {
                    var solution = try await resource(.solution, solution)
                    solution.body["autoMLResult"] = ["bestRecipeArn": .string(training.result.recipeArn)]
                    transition.updates.append(solution)
                }
                if try await save(transition) { return transition.updates[0] }
            }
        }
    }

    /// Records that a version was stopped, and removes what its training may have written.
    private func recordStop(_ arn: String) async {
        let stopped = await change(arn) { version in
            guard version.status == .createStopping || version.status == .createInProgress else { return false }
            version.status = .createStopped
            return true
        }
        guard stopped != nil else { return }
        removeModel(of: arn)
    }

    /// Removes a version's files; what cannot be removed is told to the log and does no harm.
    func removeModel(of versionArn: String) {
        do {
            for suffix in Files.modelSuffixes { try Files.remove("\(files.models)/\(Files.stem(versionArn))\(suffix)") }
            try FileTree.remove(files.programModel(of: versionArn))
        } catch {
            logger.warning("model not removed", metadata: ["resource.arn": "\(versionArn)", "error": "\(error)"])
        }
    }

    /// Moves campaigns that follow the newest version of the solution.
    private func syncCampaigns(_ version: Resource) async {
        guard let solution = version.parentArn,
            let campaigns = try? await resources(ResourceQuery(.campaign, parentArn: solution, statuses: [.active]))
        else { return }
        for campaign in campaigns
        where campaign.body["campaignConfig"]?["syncWithLatestSolutionVersion"]?.bool == true {
            guard let isGated = try? await gatedMove(of: campaign, to: version) != nil, !isGated,
                let updating = try? await updating(campaign, to: [:])
            else { continue }
            let update = updating.body["latestCampaignUpdate"]
            let begun = await change(campaign.arn) { campaign in
                guard !campaign.isUpdating else { return false }
                campaign.body["latestCampaignUpdate"] = update
                return true
            }
            if let begun { follow(begun) }
        }
    }
}

/// What a training has come to.
struct TrainedVersion: Sendable {
    let result: VersionTraining.Result
    let hours: Double

    /// A version, or a recommender's training, that is ACTIVE by this.
    func applied(to version: Resource) -> Resource {
        var version = version
        version.status = .active
        version.body["metrics"] = result.metrics
        version.body["modelHash"] = .string(result.modelHash)
        version.body["recipeArn"] = .string(result.recipeArn)
        version.body["recipeHash"] = result.recipeHash.map(JSON.string)
        version.body["trainingHours"] = .double(hours)
        version.body["trainingReason"] = .string(result.reason)
        if version.body["performAutoML"]?.bool == true || version.body["performHPO"]?.bool == true {
            version.body["tunedHPOParams"] = ["algorithmHyperParameters": result.hyperparameters]
        }
        return version
    }
}
