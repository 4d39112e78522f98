internal import JSON
public import Personalize
public import Scheduler

/// Writes a dataset group that is there as a configuration, only by reading.
public struct ConfigurationExport: Sendable {
    private let personalize: PersonalizeService
    private let scheduler: SchedulerService
    private let survey: Survey

    /// An export from a service.
    ///
    /// - Parameters:
    ///   - personalize: What there is.
    ///   - scheduler: When it is done again.
    ///   - region: The region in every ARN.
    ///   - account: The account in every ARN.
    public init(personalize: PersonalizeService, scheduler: SchedulerService, region: String, account: String) {
        self.personalize = personalize
        self.scheduler = scheduler
        let input = PipelineInput(region: region, account: account, pollSeconds: 1, topicARN: "")
        survey = Survey(personalize: personalize, input: input)
    }

    /// The configuration of a dataset group.
    ///
    /// - Parameter group: The group's name.
    /// - Returns: The configuration, in the successor's shape, which can say most; `nil` when there is no such group.
    /// - Throws: The scheduler's error.
    public func configuration(of group: String) async throws -> PipelineConfiguration? {
        guard let described = await survey.described("DatasetGroup", "dataset-group/\(group)") else { return nil }
        let schedules = try await scheduler.schedules(inGroup: group)
        let imports = expression(.imports, nil, schedules)
        let full = expression(.full, nil, schedules)
        let zone = schedules.first { $0.definition.timeZone != "UTC" }?.definition.timeZone
        var solutions: [PipelineConfiguration.Solution] = []
        for name in await survey.names("Solutions", "solutions", of: group) {
            if let solution = await solution(name, number: solutions.count, schedules) { solutions.append(solution) }
        }
        let trackers = await survey.names("EventTrackers", "eventTrackers", of: group)
        var configuration = PipelineConfiguration(
            shape: .mpe,
            datasetGroup: await kept(described, ["name", "domain", "roleArn", "kmsKeyArn"], "dataset-group/\(group)"),
            datasets: await datasets(of: group),
            solutions: solutions,
            eventTracker: trackers.first.map { ["name": .string($0)] },
            filters: await filters(of: group),
            schedules: imports == nil && full == nil
                ? nil : .init(full: full, imports: imports, timeZone: zone ?? "UTC"),
            notifications: nil
        )
        if let policy = try await personalize.driftPolicy(of: survey.input.arn("dataset-group/\(group)")) {
            configuration.drift = [
                "threshold": .double(policy.threshold), "action": .string(policy.action.rawValue),
            ]
        }
        for name in await survey.names("Recommenders", "recommenders", of: group) {
            guard let described = await survey.described("Recommender", "recommender/\(name)") else { continue }
            let members = ["name", "recipeArn", "recommenderConfig"]
            configuration.recommenders.append(
                PipelineConfiguration.Recommender(
                    path: "recommenders[\(configuration.recommenders.count)]",
                    request: await kept(described, members, "recommender/\(name)")
                )
            )
        }
        return configuration
    }

    /// The members that a request has, and the tags.
    private func kept(_ described: JSON, _ members: [String], _ path: String) async -> JSON {
        var request: JSON = [:]
        for member in members where described[member]?.isNull == false { request[member] = described[member] }
        let arn = JSON.string(survey.input.arn(path))
        let tags = (try? await personalize.call("ListTagsForResource", ["resourceArn": arn]))?["tags"]
        if let tags, tags.array?.isEmpty == false { request["tags"] = tags }
        return request
    }

    private func expression(_ mode: PipelineRun.Mode, _ solution: String?, _ schedules: [Schedule]) -> String? {
        schedules.first { schedule in
            let input = schedule.definition.target.input
            return schedule.definition.target.kind == ScheduleDefinition.Target.pipelineKind
                && input["mode"]?.string == mode.rawValue && input["solution"]?.string == solution
        }?.definition.expression.text
    }

    private func datasets(of group: String) async -> [PipelineConfiguration.Dataset] {
        var datasets: [PipelineConfiguration.Dataset] = []
        for type in ["Interactions", "Users", "Items"] {
            let path = "dataset/\(group)/\(type.uppercased())"
            guard let described = await survey.described("Dataset", path), let arn = described["schemaArn"],
                let schema = try? await personalize.call("DescribeSchema", ["schemaArn": arn])["schema"],
                let text = schema["schema"]?.string, let record = try? JSON(parsing: text)
            else { continue }
            datasets.append(
                PipelineConfiguration.Dataset(
                    type: type,
                    name: described["name"]?.string ?? type,
                    schema: record,
                    schemaName: schema["name"]?.string,
                    schemaDomain: schema["domain"]?.string,
                    tags: await kept(described, [], path)["tags"]
                )
            )
        }
        return datasets
    }

    private func filters(of group: String) async -> [JSON] {
        var filters: [JSON] = []
        for name in await survey.names("Filters", "Filters", of: group) {
            guard let described = await survey.described("Filter", "filter/\(name)") else { continue }
            filters.append(await kept(described, ["name", "filterExpression"], "filter/\(name)"))
        }
        return filters
    }

    private func solution(
        _ name: String,
        number: Int,
        _ schedules: [Schedule]
    ) async -> PipelineConfiguration.Solution? {
        guard let described = await survey.described("Solution", "solution/\(name)") else { return nil }
        let members = [
            "name", "performHPO", "performAutoML", "performAutoTraining", "performIncrementalUpdate", "recipeArn",
            "eventType", "solutionConfig",
        ]
        var request = await kept(described, members, "solution/\(name)")
        // What is so by itself is not said.
        for member in ["performHPO", "performAutoML", "performAutoTraining"] where request[member] == false {
            request[member] = nil
        }
        let path = "solutions[\(number)]"
        var solution = PipelineConfiguration.Solution(path: path, request: request)
        solution.fullSchedule = expression(.full, name, schedules)
        solution.updateSchedule = expression(.update, name, schedules)
        for name in await survey.campaigns(of: name) {
            guard let campaign = await survey.described("Campaign", "campaign/\(name)") else { continue }
            solution.campaigns.append(
                PipelineConfiguration.Campaign(
                    path: "\(path).campaigns[\(solution.campaigns.count)]",
                    request: await kept(campaign, ["name", "minProvisionedTPS", "campaignConfig"], "campaign/\(name)")
                )
            )
        }
        for (kind, mode) in [
            (PipelineConfiguration.BatchJob.Kind.inference, PipelineRun.Mode.batchInference),
            (.segment, .batchSegment),
        ] {
            guard let schedule = expression(mode, name, schedules) else { continue }
            let word = kind == .inference ? "batchInferenceJobs" : "batchSegmentJobs"
            solution.batchJobs.append(
                PipelineConfiguration.BatchJob(
                    kind: kind,
                    path: "\(path).\(word)[0]",
                    request: [:],
                    schedule: schedule,
                    maximumAge: nil
                )
            )
        }
        return solution
    }
}
