internal import DurableFiles
internal import FoundationEssentials
internal import JSON
internal import Logging

extension PersonalizeService {
    /// Trains the model of a recommender that waits for one, or that an earlier process had begun, and serves it.
    ///
    /// The model that was served before answers until the new one does, and its files go after the commit.
    func trainRecommender(_ recommender: Resource, _ flag: RunningJobs.Flag) async {
        guard let begun = await beginTraining(of: recommender), let version = begun.nextTraining else { return }
        do {
            let training = try await run(version, of: recommender.arn, flag)
            await finishTraining(of: begun, training.applied(to: version).body)
        } catch is CancellationError {
            // A shutdown leaves the recommender as it is: the next start trains it again.
        } catch {
            await failTraining(of: begun, reason(of: error))
        }
    }

    /// Fixes what a training learns from, once: a training that goes on after a crash learns from the same.
    private func beginTraining(of recommender: Resource) async -> Resource? {
        guard recommender.status.isBeingCreated || recommender.status == .active, let next = recommender.nextTraining
        else { return nil }
        if next.body["trainingSeed"] != nil { return recommender }
        do throws(PersonalizeError) {
            return try await withTrainingData(of: next) { (data) async throws(PersonalizeError) in
                await fix(data, next, of: recommender)
            }
        } catch {
            await failTraining(of: recommender, error.message)
            return nil
        }
    }

    private func fix(_ data: JSONObject, _ next: Resource, of recommender: Resource) async -> Resource? {
        var begun = next.body
        for (member, value) in data { begun[member] = value }
        begun["trainingSeed"] = .string("\(configuration.seed)")
        let training = begun
        return await change(recommender.arn) { recommender in
            guard recommender.nextTraining?.arn == next.arn else { return false }
            if recommender.status == .createPending { recommender.status = .createInProgress }
            recommender.body["nextModel"] = training
            recommender.changeUpdate(to: .createInProgress, at: now())
            return true
        }
    }

    /// Serves what has been trained and records it, with the configuration of the update that asked for it.
    private func finishTraining(of recommender: Resource, _ model: JSON) async {
        await loading.alone { await serve(model, of: recommender) }
    }

    private func serve(_ model: JSON, of recommender: Resource) async {
        let config = recommender.wantedConfig
        if let reason = await load(recommender.arn, ["model": model, "recommenderConfig": config]) {
            return await failTraining(of: recommender, reason)
        }
        let finished = await change(recommender.arn) { recommender in
            guard recommender.nextTraining?.body["id"] == model["id"] else { return false }
            recommender.status = .active
            recommender.serve(model)
            recommender.body["modelMetrics"] = model["metrics"]
            recommender.body["nextModel"] = nil
            recommender.body["recommenderConfig"] = config
            recommender.body["failureReason"] = nil
            recommender.changeUpdate(to: .active, at: now())
            return true
        }
        guard finished != nil else { return }
        logger.info("recommender is ACTIVE", metadata: ["resource.arn": "\(recommender.arn)"])
        if let earlier = recommender.servedTraining { removeModel(of: earlier.arn) }
    }

    /// Records why a training failed; a recommender that served before serves on.
    private func failTraining(of recommender: Resource, _ reason: String) async {
        let arn = recommender.arn
        logger.warning("recommender not trained", metadata: ["resource.arn": "\(arn)", "reason": "\(reason)"])
        let failed = await change(arn) { now in
            guard now.nextTraining?.arn == recommender.nextTraining?.arn else { return false }
            now.body["nextModel"] = nil
            if now.status.isBeingCreated {
                now.status = .createFailed
                now.body["failureReason"] = .string(reason)
            }
            now.changeUpdate(to: .createFailed, at: self.now(), reason)
            return true
        }
        if failed != nil, let training = recommender.nextTraining { removeModel(of: training.arn) }
    }

    /// Brings an update that changes no training to its end: the same model, served by the new configuration.
    func reconfigure(_ recommender: Resource) async {
        guard recommender.isUpdating, recommender.nextTraining == nil, let model = recommender.body["model"] else {
            return
        }
        let config = recommender.wantedConfig
        await loading.alone {
            let reason = await load(recommender.arn, ["model": model, "recommenderConfig": config])
            await change(recommender.arn) { recommender in
                guard recommender.isUpdating, recommender.nextTraining == nil else { return false }
                if reason == nil { recommender.body["recommenderConfig"] = config }
                recommender.changeUpdate(to: reason == nil ? .active : .createFailed, at: now(), reason)
                return true
            }
        }
    }

    /// Takes a recommender that stops or starts one step further; false when that was the last.
    func advanceRecommender(_ recommender: Resource) async -> Bool {
        let arn = recommender.arn
        switch recommender.status {
        case .stopPending: return await move(arn, .stopPending, .stopInProgress)
        case .stopInProgress: _ = await move(arn, .stopInProgress, .inactive)
        case .startPending: return await move(arn, .startPending, .startInProgress)
        default:
            await loading.alone {
                let reason = await load(arn, recommender.body)
                await change(arn) { recommender in
                    guard recommender.status == .startInProgress else { return false }
                    recommender.status = reason == nil ? .active : .inactive
                    recommender.body["failureReason"] = reason.map(JSON.string)
                    return true
                }
            }
        }
        return false
    }

    /// Removes models that a crash left behind: of versions and of trainings that are gone.
    func removeStrayModels(besides trainings: [Resource]) {
        let needed = Set(trainings.map { Files.stem($0.arn) })
        do throws(FileError) {
            for name in try DirectoryListing.names(in: files.models) {
                guard let dot = name.lastIndex(of: "."), !needed.contains(String(name[..<dot])) else { continue }
                let suffix = String(name[dot...])
                if Files.modelSuffixes.contains(suffix) { try Files.remove("\(files.models)/\(name)") }
                if suffix == Files.programSuffix { try FileTree.remove("\(files.models)/\(name)") }
            }
        } catch {
            logger.warning("stray models not removed", metadata: ["error": "\(error)"])
        }
    }
}

extension Resource {
    /// The configuration that an update is to bring, or that holds.
    fileprivate var wantedConfig: JSON {
        (isUpdateGoingOn ? body["latestRecommenderUpdate"]?["recommenderConfig"] : body["recommenderConfig"]) ?? [:]
    }

    private var isUpdateGoingOn: Bool {
        body["latestRecommenderUpdate"]?["status"]?.string.flatMap(ResourceStatus.init)?.isSettled == false
    }

    /// Moves the update of a recommender on, when one is going on.
    fileprivate mutating func changeUpdate(to status: ResourceStatus, at now: Date, _ reason: String? = nil) {
        guard isUpdateGoingOn, var update = body["latestRecommenderUpdate"] else { return }
        update["status"] = .string(status.rawValue)
        update["lastUpdatedDateTime"] = .seconds(of: now)
        update["failureReason"] = reason.map(JSON.string)
        body["latestRecommenderUpdate"] = update
    }
}
