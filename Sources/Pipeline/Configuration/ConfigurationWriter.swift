public import JSON
internal import Scheduler

/// A configuration written in some shape, and what that shape cannot say.
public struct WrittenConfiguration: Sendable, Equatable {
    /// The file.
    public let json: JSON
    /// What is lost or was added, a sentence each with the place in the file that was read.
    public let remarks: [String]
}

extension PipelineConfiguration {
    /// Writes the configuration in a shape.
    ///
    /// - Parameter shape: The shape.
    /// - Returns: The file, which `ParamsFile` reads, and what could not be said in it.
    public func written(as shape: ConfigurationShape) -> WrittenConfiguration {
        var writer = ConfigurationWriter(configuration: self)
        let json =
            switch shape {
            case .sample: writer.sample()
            case .sample2: writer.pluralSample()
            case .mpe: writer.maintained()
            }
        return WrittenConfiguration(json: json, remarks: writer.remarks)
    }
}

/// Writes one configuration.
private struct ConfigurationWriter {
    let configuration: PipelineConfiguration
    private(set) var remarks: [String] = []

    init(configuration: PipelineConfiguration) { self.configuration = configuration }

    private mutating func lose(_ place: String, _ fact: String) {
        remarks.append("\(place) cannot be expressed: \(fact)")
    }

    // MARK: The sample's shapes

    mutating func sample() -> JSON {
        var file = sampleSections()
        if let solution = configuration.solutions.first {
            file["solution"] = sampleRequest(solution)
            file["campaign"] = sampleCampaign(of: solution)
            if solution.campaigns.isEmpty { lose(solution.path, "this shape has a campaign for its solution; add one") }
        } else {
            lose("solutions", "this shape has one solution; add one")
        }
        for solution in configuration.solutions.dropFirst() {
            lose(solution.path, "this shape has one solution; write it as sample2")
        }
        return inOrder(file)
    }

    mutating func pluralSample() -> JSON {
        var file = sampleSections()
        var (solutions, campaigns) = (JSONObject(), JSONObject())
        for solution in configuration.solutions {
            let key = key(of: solution, besides: solutions)
            solutions[key] = sampleRequest(solution)
            campaigns["\(key)Campaign"] = sampleCampaign(of: solution)
        }
        if solutions.isEmpty { lose("solutions", "this shape has at least one solution; add one") }
        file["solutions"] = .object(solutions)
        file["campaigns"] = .object(campaigns)
        return inOrder(file)
    }

    /// The sections in the order in which people expect them.
    private func inOrder(_ file: JSONObject) -> JSON {
        let order = [
            "datasetGroup", "datasets", "solution", "campaign", "solutions", "campaigns", "eventTracker", "filters",
            "schedules", "notifications", DriftPolicyKey.name,
        ]
        return .object(JSONObject(order.compactMap { key in file[key].map { (key, $0) } }))
    }

    private mutating func sampleSections() -> JSONObject {
        var file: JSONObject = ["datasetGroup": configuration.datasetGroup]
        var datasets = JSONObject()
        for dataset in configuration.datasets {
            datasets[dataset.type] = ["name": .string(dataset.name), "schema": dataset.schema]
            let place = "datasets.\(dataset.type.lowercased())"
            if dataset.schemaName != nil {
                lose("\(place).schema.serviceConfig.name", "schemas are named by themselves")
            }
            if dataset.schemaDomain != nil { lose("\(place).schema.serviceConfig.domain", "it is the dataset group's") }
            if dataset.tags != nil { lose("\(place).dataset.serviceConfig.tags", "datasets have no tags here") }
        }
        file["datasets"] = .object(datasets)
        let imports = configuration.imports
        if imports.mode != "FULL" { lose("datasets.serviceConfig.importMode", "imports are FULL") }
        if imports.publishesMetrics == true {
            lose("datasets.serviceConfig.publishAttributionMetricsToS3", "imports report nothing")
        }
        if imports.tags != nil { lose("datasets.serviceConfig.tags", "import jobs have no tags here") }
        if let age = imports.maximumAge, age.text != MaintenanceFile.defaultMaximumAge {
            lose("datasetGroup.workflowConfig.maxAge", "what did not change is not imported again")
        }
        for recommender in configuration.recommenders {
            lose(recommender.path, "this shape has no recommenders; write it as mpe")
        }
        if let tracker = configuration.eventTracker {
            file["eventTracker"] = ["name": tracker["name"] ?? .null]
            if tracker["tags"] != nil { lose("eventTracker.serviceConfig.tags", "event trackers have no tags here") }
        }
        if !configuration.filters.isEmpty { file["filters"] = .array(configuration.filters) }
        file["schedules"] = sampleSchedules()
        file["notifications"] = notifications
        file[DriftPolicyKey.name] = configuration.drift
        return file
    }

    private var notifications: JSON? {
        guard let list = configuration.notifications, !list.isEmpty else { return nil }
        return .array(
            list.map { notification in
                var listener: JSON =
                    switch notification.target {
                    case .webhook(let url): ["webhook": .string(url)]
                    case .mail(let address): ["mail": .string(address)]
                    }
                listener["digest"] = notification.digest.map { .string($0.text) }
                return listener
            }
        )
    }

    /// One schedule for all solutions: that of all of them, where they have the same.
    private mutating func sampleSchedules() -> JSON? {
        let own = configuration.schedules
        var full = own?.full
        let wished = configuration.solutions.compactMap(\.fullSchedule)
        if let first = wished.first, full == nil {
            full = first
            if Set(wished).count > 1 || wished.count < configuration.solutions.count {
                remarks.append("schedules.full \"\(first)\" is that of one solution and trains all of them here")
            }
        }
        for solution in configuration.solutions {
            if let update = solution.updateSchedule {
                lose(
                    "\(solution.path).workflowConfig.schedules.update \"\(update)\"",
                    "schedules train from nothing here"
                )
            }
        }
        guard full != nil || own?.imports != nil else { return nil }
        var schedules = JSONObject()
        schedules["full"] = full.map(JSON.string)
        schedules["import"] = own?.imports.map(JSON.string)
        if let zone = own?.timeZone, zone != "UTC" { schedules["timezone"] = .string(zone) }
        if let own {
            if own.overlap != .skip { schedules["overlap"] = .string(own.overlap.rawValue) }
            if own.catchUp != .once { schedules["catchUp"] = .string(own.catchUp.rawValue) }
            schedules["jitter"] = own.jitter.map { .string($0.text) }
            schedules["grace"] = own.grace.map { .string($0.text) }
        }
        return .object(schedules)
    }

    private mutating func sampleRequest(_ solution: PipelineConfiguration.Solution) -> JSON {
        if solution.version.object?.isEmpty == false {
            lose("\(solution.path).serviceConfig.solutionVersion", "versions are FULL and have no names or tags here")
        }
        for job in solution.batchJobs { lose(job.path, "this shape has no batch jobs; write it as mpe") }
        return solution.request
    }

    private mutating func sampleCampaign(of solution: PipelineConfiguration.Solution) -> JSON? {
        for campaign in solution.campaigns.dropFirst() { lose(campaign.path, "a solution has one campaign here") }
        guard let campaign = solution.campaigns.first else { return nil }
        var section = campaign.request
        section[PromotionPolicyKey.name] = campaign.promotionPolicy
        return section
    }

    /// The key of a solution: that of the sample for its recipe where it is free, or made from its name.
    private func key(of solution: PipelineConfiguration.Solution, besides taken: JSONObject) -> String {
        if configuration.shape == .sample2, let key = solution.path.split(separator: ".").last { return String(key) }
        let recipe = solution.request["recipeArn"]?.string?.split(separator: "/").last.map(String.init) ?? ""
        let known = [
            "aws-user-personalization": "userPersonalization", "aws-sims": "sims",
            "aws-personalized-ranking": "personalizedRanking",
        ]
        if let key = known[recipe], taken[key] == nil { return key }
        let words = solution.name.split { !$0.isLetter && !$0.isNumber }
        let name = words.enumerated().map { $0 == 0 ? $1.prefix(1).lowercased() + $1.dropFirst() : $1.capitalised }
            .joined()
        var key = name
        var number = 2
        while taken[key] != nil { (key, number) = ("\(name)\(number)", number + 1) }
        return key
    }

    // MARK: The successor's shape

    mutating func maintained() -> JSON {
        var file = JSONObject()
        var group = component(configuration.datasetGroup)
        var workflow = JSONObject()
        if let expression = importSchedule() { workflow["schedules"] = ["import": .string(expression)] }
        if let age = configuration.imports.maximumAge, age.text != MaintenanceFile.defaultMaximumAge {
            workflow["maxAge"] = .string(age.text)
        }
        workflow[DriftPolicyKey.name] = configuration.drift
        if !workflow.isEmpty { group["workflowConfig"] = .object(workflow) }
        file["datasetGroup"] = group
        file["datasets"] = maintainedDatasets()
        file["eventTracker"] = configuration.eventTracker.map(component)
        if !configuration.filters.isEmpty { file["filters"] = .array(configuration.filters.map(component)) }
        if !configuration.recommenders.isEmpty {
            file["recommenders"] = .array(configuration.recommenders.map { component($0.request) })
        }
        file["solutions"] = .array(configuration.solutions.map { maintainedSolution($0) })
        if let zone = configuration.schedules?.timeZone, zone != "UTC" {
            lose("schedules.timezone \"\(zone)\"", "schedules are in UTC here; change their hours")
        }
        if let own = configuration.schedules,
            own.overlap != .skip || own.catchUp != .once || own.jitter != nil || own.grace != nil
        {
            lose("schedules.overlap, catchUp, jitter and grace", "schedules here have those of the service")
        }
        if let list = configuration.notifications, !list.isEmpty {
            lose("notifications", "this shape names no listeners; those that there are stay")
        }
        return .object(file)
    }

    private func component(_ request: JSON) -> JSON { ["serviceConfig": request] }

    /// The sample's full schedule imports before it trains.
    private mutating func importSchedule() -> String? {
        let schedules = configuration.schedules
        if let imports = schedules?.imports { return note(imports, at: "schedules.import") }
        guard let full = schedules?.full else { return nil }
        remarks.append("schedules.full \"\(full)\" became a schedule for imports and one for each solution")
        return full
    }

    private mutating func note(_ expression: String, at place: String) -> String {
        if !expression.hasPrefix("cron(") {
            remarks.append("\(place) \"\(expression)\" is understood here; the AWS solution takes cron(…) only")
        }
        return expression
    }

    private func maintainedDatasets() -> JSON {
        var datasets = JSONObject()
        let imports = configuration.imports
        var service = JSONObject()
        if imports.mode != "FULL" { service["importMode"] = .string(imports.mode) }
        service["publishAttributionMetricsToS3"] = imports.publishesMetrics.map(JSON.bool)
        service["tags"] = imports.tags
        if !service.isEmpty { datasets["serviceConfig"] = .object(service) }
        for dataset in configuration.datasets {
            var request: JSON = ["name": .string(dataset.name)]
            request["tags"] = dataset.tags
            var schema: JSON = [
                "name": .string(PipelineInput.schemaName(of: dataset)), "schema": dataset.schema,
            ]
            let domain = dataset.schemaDomain.map(JSON.string) ?? configuration.datasetGroup["domain"]
            schema["domain"] = domain
            datasets[dataset.type.lowercased()] = ["dataset": component(request), "schema": component(schema)]
        }
        return .object(datasets)
    }

    private mutating func maintainedSolution(_ solution: PipelineConfiguration.Solution) -> JSON {
        var request = solution.request
        if solution.version.object?.isEmpty == false { request["solutionVersion"] = solution.version }
        var section = component(request)
        var schedules = JSONObject()
        if let full = solution.fullSchedule ?? configuration.schedules?.full {
            schedules["full"] = .string(note(full, at: "schedules.full"))
        }
        schedules["update"] = solution.updateSchedule.map(JSON.string)
        if !schedules.isEmpty { section["workflowConfig"] = ["schedules": .object(schedules)] }
        if !solution.campaigns.isEmpty {
            section["campaigns"] = .array(
                solution.campaigns.map { campaign in
                    var request = campaign.request
                    if request["minProvisionedTPS"] == nil { request["minProvisionedTPS"] = 1 }
                    var section = component(request)
                    section[PromotionPolicyKey.name] = campaign.promotionPolicy
                    return section
                }
            )
        }
        for kind in PipelineConfiguration.BatchJob.Kind.allCases {
            let jobs = solution.batchJobs.filter { $0.kind == kind }
            guard !jobs.isEmpty else { continue }
            section[kind == .inference ? "batchInferenceJobs" : "batchSegmentJobs"] = .array(jobs.map(batchJob))
        }
        return section
    }

    private func batchJob(_ job: PipelineConfiguration.BatchJob) -> JSON {
        var section = component(job.request)
        var workflow = JSONObject()
        workflow["schedule"] = job.schedule.map(JSON.string)
        workflow["maxAge"] = job.maximumAge.map { .string($0.text) }
        if !workflow.isEmpty { section["workflowConfig"] = .object(workflow) }
        return section
    }
}

extension Substring {
    /// With a large first letter.
    fileprivate var capitalised: String { prefix(1).uppercased() + dropFirst() }
}
