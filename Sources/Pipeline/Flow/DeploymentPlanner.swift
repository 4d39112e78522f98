internal import Bucket
internal import FoundationEssentials
internal import JSON
internal import Personalize
internal import Scheduler

/// Decides what a run does: compares what a configuration says with what there is, only by reading.
struct DeploymentPlanner: Sendable {
    let buckets: BucketDirectory
    let survey: Survey
    let scheduler: SchedulerService
    let configuration: PipelineConfiguration
    let run: PipelineRun

    /// The steps for people, and the decisions that a run's input is made of: they cannot differ.
    func plan() async throws -> (plan: DeploymentPlan, deployment: Deployment) {
        var work = Work(plan: DeploymentPlan(group: configuration.name), deployment: Deployment())
        work.deployment.isOfGroup = run.isOfGroup
        if run.isOfGroup {
            await note("dataset group", "DatasetGroup", "dataset-group/", configuration.name, &work)
            for dataset in configuration.datasets { await plan(dataset, &work) }
        }
        if run.trains {
            for solution in chosenSolutions { await plan(solution, &work) }
        }
        if run.isOfGroup, run.mode == .full { await planGroup(&work) }
        if run.mode != .imports {
            for solution in chosenSolutions { await planBatchJobs(of: solution, &work) }
        }
        if run.isOfGroup, run.mode == .full { await noteOthers(&work) }
        if run.cause != .schedule, run.mode == .full {
            try await planSchedules(&work)
            try await planDrift(&work)
        }
        return (work.plan, work.deployment)
    }

    /// What has been decided so far.
    private struct Work {
        var plan: DeploymentPlan
        var deployment: Deployment
        /// The dataset types whose data changes in this run.
        var imported: [String] = []
        /// The solutions that get a new version in this run.
        var trained: Set<String> = []
    }

    private var chosenSolutions: [PipelineConfiguration.Solution] {
        configuration.solutions.filter { run.solution == nil || run.solution == $0.name }
    }

    private func note(
        _ kind: String,
        _ operation: String,
        _ path: String,
        _ name: String,
        _ work: inout Work
    ) async {
        let exists = await survey.described(operation, path + name) != nil
        work.plan.add(exists ? .leave : .create, kind, name, exists ? "exists" : "does not exist yet")
    }

    // MARK: Data

    private func plan(_ dataset: PipelineConfiguration.Dataset, _ work: inout Work) async {
        let path = "\(configuration.name)/\(dataset.type.uppercased())"
        let exists = await survey.described("Dataset", "dataset/\(path)") != nil
        let reason = exists ? "exists" : "does not exist yet"
        work.plan.add(exists ? .leave : .create, "dataset", dataset.name, reason)
        let data = DataLocations(buckets: buckets, run: run, configuration: configuration).data(of: dataset.type)
        guard !data.objects.isEmpty else {
            let reason = data.fault ?? "there is no .csv file in \(data.location)"
            return work.plan.add(.leave, "data", dataset.name, reason)
        }
        let last = await survey.lastImport(dataset.type, of: configuration.name)
        guard let reason = importReason(data, last) else {
            return work.plan.add(.leave, "data", dataset.name, "the files are those of the last import, by content")
        }
        work.plan.add(.import, "data", dataset.name, "\(reason): \(data.location)")
        // The first import cannot add to anything.
        let mode = last == nil ? "FULL" : configuration.imports.mode
        work.deployment.imports[dataset.type] = Deployment.Import(location: data.location, mode: mode)
        work.imported.append(dataset.type)
    }

    private func importReason(_ data: DataLocations.Found, _ last: ImportRecord?) -> String? {
        guard let last else { return "not imported yet" }
        if let age = configuration.imports.maximumAge, run.date.timeIntervalSince(last.endedAt) > age.seconds {
            return "the last import is older than \(age)"
        }
        let sizes = data.objects.map(\.size).sorted()
        guard sizes == last.files.map(\.byteCount).sorted() else { return "data changed" }
        guard let bucket = try? buckets.bucket(named: run.bucket) else { return "data changed" }
        let hashes = data.objects.compactMap { try? bucket.contentHash(of: $0.key) }.sorted()
        return hashes == last.files.map(\.hash).sorted() ? nil : "data changed"
    }

    // MARK: Solutions

    private func plan(_ solution: PipelineConfiguration.Solution, _ work: inout Work) async {
        let existing = await survey.described("Solution", "solution/\(solution.name)")
        if let existing {
            let wanted = solution.request["performAutoTraining"]
            if let wanted, wanted != existing["performAutoTraining"] {
                work.plan.add(.update, "solution", solution.name, "config changed: performAutoTraining")
                work.deployment.updates[solution.path] = [
                    "solutionArn": .string(survey.input.arn("solution/\(solution.name)")),
                    "performAutoTraining": wanted,
                ]
            } else {
                work.plan.add(.leave, "solution", solution.name, "exists")
            }
        } else {
            work.plan.add(.create, "solution", solution.name, "does not exist yet")
        }
        let newest = existing == nil ? nil : await survey.newestVersion(of: solution.name)
        let decision = await training(of: solution, newest, imported: work.imported)
        work.deployment.trainings[solution.name] = decision.training
        switch decision.training {
        case .train(let mode):
            work.trained.insert(solution.name)
            work.plan.add(.train, "solution version", solution.name, "\(decision.reason), trainingMode \(mode)")
        case .keep: work.plan.add(.leave, "solution version", solution.name, decision.reason)
        }
        for campaign in solution.campaigns { await plan(campaign, of: solution, newest, &work) }
    }

    private func training(
        of solution: PipelineConfiguration.Solution,
        _ newest: Survey.Entry?,
        imported: [String]
    ) async -> (training: Deployment.Training, reason: String) {
        guard let newest else { return (.train(mode: "FULL"), "there is no ACTIVE version") }
        let wanted = run.mode == .update ? "UPDATE" : solution.version["trainingMode"]?.string ?? "FULL"
        if run.cause == .schedule {
            guard wanted == "UPDATE" else { return (.train(mode: wanted), "schedule") }
            // Records that were put count too, and only the service can tell.
            let fault = await survey.personalize.updateFault(of: survey.input.arn("solution/\(solution.name)"))
            return fault.map { (.keep(versionARN: newest.arn), $0) } ?? (.train(mode: wanted), "schedule")
        }
        if run.cause == .drop, configuration.shape != .mpe {
            return (.train(mode: "FULL"), "a drop of this shape trains anew")
        }
        if !imported.isEmpty {
            return (.train(mode: wanted), "data changed: \(imported.joined(separator: ", "))")
        }
        for dataset in configuration.datasets {
            let last = await survey.lastImport(dataset.type, of: configuration.name)
            if let last, last.endedAt > newest.createdAt {
                return (.train(mode: wanted), "data changed: \(dataset.type) was imported after the last version")
            }
        }
        return (.keep(versionARN: newest.arn), "no data came since \(newest.arn.split(separator: "/").last ?? "")")
    }

    private func plan(
        _ campaign: PipelineConfiguration.Campaign,
        of solution: PipelineConfiguration.Solution,
        _ newest: Survey.Entry?,
        _ work: inout Work
    ) async {
        guard let existing = await survey.described("Campaign", "campaign/\(campaign.name)") else {
            return work.plan.add(.create, "campaign", campaign.name, "does not exist yet")
        }
        let changed = ["minProvisionedTPS", "campaignConfig"].filter { member in
            campaign.request[member].map { !Self.says($0, existing[member]) } ?? false
        }
        if !changed.isEmpty {
            var request: JSON = ["campaignArn": .string(survey.input.arn("campaign/\(campaign.name)"))]
            for member in changed { request[member] = campaign.request[member] }
            work.deployment.updates[campaign.path] = request
        }
        var reasons = changed.isEmpty ? [] : ["config changed: \(changed.joined(separator: ", "))"]
        var state = "serves the newest version"
        if work.trained.contains(solution.name) {
            reasons.append("moves to the new version")
        } else if let newest, existing["solutionVersionArn"]?.string != newest.arn {
            if let decision = await survey.keepingDecision(of: campaign.name, on: newest.arn) {
                state = "keeps its version: \(decision)"
            } else {
                reasons.append("does not serve the newest version")
            }
        }
        work.plan.add(
            reasons.isEmpty ? .leave : .update,
            "campaign",
            campaign.name,
            reasons.isEmpty ? state : reasons.joined(separator: "; ")
        )
    }

    /// Whether a resource has all that is wanted of it; what the service adds by itself is no difference.
    private static func says(_ wanted: JSON, _ existing: JSON?) -> Bool {
        guard let members = wanted.object else { return wanted == (existing ?? .null) }
        return members.allSatisfy { says($0.value, existing?[$0.key]) }
    }

    // MARK: Recommenders, trackers, filters

    private func planGroup(_ work: inout Work) async {
        for recommender in configuration.recommenders {
            let path = "recommender/\(recommender.name)"
            guard let existing = await survey.described("Recommender", path) else {
                work.plan.add(.create, "recommender", recommender.name, "does not exist yet")
                continue
            }
            guard let config = recommender.request["recommenderConfig"],
                !Self.says(config, existing["recommenderConfig"])
            else {
                work.plan.add(.leave, "recommender", recommender.name, "exists and keeps itself up to date")
                continue
            }
            work.plan.add(.update, "recommender", recommender.name, "config changed: recommenderConfig")
            work.deployment.updates[recommender.path] = [
                "recommenderArn": .string(survey.input.arn(path)), "recommenderConfig": config,
            ]
        }
        if let name = configuration.eventTracker?["name"]?.string {
            let names = await survey.names("EventTrackers", "eventTrackers", of: configuration.name)
            let exists = names.contains(name)
            work.plan.add(exists ? .leave : .create, "event tracker", name, exists ? "exists" : "does not exist yet")
        }
        for filter in configuration.filters {
            await note("filter", "Filter", "filter/", filter["name"]?.string ?? "", &work)
        }
    }

    // MARK: Batch jobs

    private func planBatchJobs(of solution: PipelineConfiguration.Solution, _ work: inout Work) async {
        let key =
            ConfigurationFile.batchFolder(group: configuration.name, solution: solution.name)
            + ConfigurationFile.batchFileName
        for job in solution.batchJobs where isAsked(job) {
            let name = "\(solution.name) (\(job.kind.rawValue))"
            guard (try? buckets.bucket(named: run.bucket).object(key)) != nil else {
                work.plan.add(.leave, "batch job", name, "there is no s3://\(run.bucket)/\(key) with questions")
                continue
            }
            guard let reason = await batchReason(job, of: solution, work.trained) else {
                work.plan.add(.leave, "batch job", name, "the last answers are recent enough")
                continue
            }
            work.plan.add(.run, "batch job", name, reason)
            work.deployment.batchJobs.insert(job.path)
        }
    }

    private func isAsked(_ job: PipelineConfiguration.BatchJob) -> Bool {
        switch run.mode {
        case .full: run.isOfGroup || job.schedule == nil
        case .update: job.schedule == nil
        case .batch: true
        case .batchInference: job.kind == .inference
        case .batchSegment: job.kind == .segment
        case .imports: false
        }
    }

    private func batchReason(
        _ job: PipelineConfiguration.BatchJob,
        of solution: PipelineConfiguration.Solution,
        _ trained: Set<String>
    ) async -> String? {
        if ![.full, .update].contains(run.mode) {
            return run.cause == .schedule ? "schedule" : "its \(ConfigurationFile.batchFileName) was dropped"
        }
        guard let last = await survey.lastBatch(job.kind, of: solution.name) else { return "not asked yet" }
        if trained.contains(solution.name), job.schedule == nil { return "there is a new version" }
        if let age = job.maximumAge, run.date.timeIntervalSince(last) > age.seconds {
            return "the last answers are older than \(age)"
        }
        return nil
    }

    // MARK: What else there is

    /// Names what is in the group and not in the file: nobody asked for it to go.
    private func noteOthers(_ work: inout Work) async {
        let named: [(kind: String, operation: String, member: String, names: [String])] = [
            ("solution", "Solutions", "solutions", configuration.solutions.map(\.name)),
            ("recommender", "Recommenders", "recommenders", configuration.recommenders.map(\.name)),
            ("filter", "Filters", "Filters", configuration.filters.compactMap { $0["name"]?.string }),
        ]
        let reason = "is not in the file; it stays, delete it by its own operation"
        for entry in named {
            for name in await survey.names(entry.operation, entry.member, of: configuration.name)
            where !entry.names.contains(name) { work.plan.add(.leave, entry.kind, name, reason) }
        }
        for solution in configuration.solutions {
            for name in await survey.campaigns(of: solution.name)
            where !solution.campaigns.contains(where: { $0.name == name }) {
                work.plan.add(.leave, "campaign", name, reason)
            }
        }
    }

    private func planDrift(_ work: inout Work) async throws {
        let group = survey.input.arn("dataset-group/\(configuration.name)")
        let present = try await survey.personalize.driftPolicy(of: group)
        let wanted = DriftPolicyKey.policy(of: configuration, run: run)
        guard wanted != nil || present != nil else { return }
        let action: DeploymentPlan.Action =
            wanted == present ? .leave : present == nil ? .create : wanted == nil ? .remove : .update
        let reason =
            wanted.map { "\($0.action.rawValue) above \($0.threshold)" } ?? "its key is not in the file any more"
        work.plan.add(action, DeploymentPlan.driftPolicy, configuration.name, reason)
    }

    private func planSchedules(_ work: inout Work) async throws {
        let changes = try await SchedulePlan.changes(for: configuration, run: run, scheduler)
        for (definition, old) in changes.wanted {
            let name = definition.key.name
            switch old {
            case nil: work.plan.add(.create, DeploymentPlan.schedule, name, "\(definition.expression)")
            case .some(let old) where old.definition == definition:
                work.plan.add(.leave, DeploymentPlan.schedule, name, "\(definition.expression)")
            case .some(let old):
                let was = old.definition.expression == definition.expression ? "" : ", was \(old.definition.expression)"
                work.plan.add(.update, DeploymentPlan.schedule, name, "\(definition.expression)\(was)")
            }
        }
        for key in changes.unwanted {
            work.plan.add(.remove, DeploymentPlan.schedule, key.name, "its key is not in the file any more")
        }
    }
}
