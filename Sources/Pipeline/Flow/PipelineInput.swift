internal import FoundationEssentials
internal import JSON
internal import Personalize

/// Builds the input of the state machine `deploy`.
///
/// The requests in it are spelled as AWS SDK tasks spell them, and every ARN is one that AWS would give too, so the
/// same input runs on AWS with another region and account.
struct PipelineInput: Sendable {
    let region: String
    let account: String
    let pollSeconds: Int
    let topicARN: String

    /// The input that deploys a configuration: all of it, or what was decided.
    func input(
        for configuration: PipelineConfiguration,
        run: PipelineRun,
        _ decided: Deployment? = nil
    ) -> JSON {
        let deployment = decided ?? .everything(of: configuration, run: run)
        let groupARN = arn("dataset-group/\(configuration.name)")
        let isWhole = deployment.isOfGroup && run.mode == .full
        var input = base(run)
        input["datasetGroup"] = [
            "DatasetGroupArn": .string(groupARN),
            "create": SDKCase.personalize.sdk(fromWire: configuration.datasetGroup),
        ]
        let datasets = deployment.isOfGroup ? configuration.datasets : []
        input["datasets"] = .array(datasets.map { dataset($0, of: configuration, run: run, deployment) })
        input["solutions"] = .array(
            configuration.solutions.compactMap { solution($0, groupARN: groupARN, deployment) }
        )
        let trackers = isWhole ? [configuration.eventTracker].compactMap { $0 } : []
        input["eventTrackers"] = .array(trackers.map { owned($0, groupARN) })
        input["filters"] = .array((isWhole ? configuration.filters : []).map { owned($0, groupARN) })
        let recommenders = isWhole ? configuration.recommenders : []
        input["recommenders"] = .array(recommenders.map { recommender($0, groupARN, deployment) })
        input["batchJobs"] = .array(
            configuration.solutions.flatMap { batchJobs(of: $0, configuration, run, deployment) }
        )
        return input
    }

    /// The input that reports a configuration's faults and fails.
    func input(refusing error: ConfigurationError, groupName: String, run: PipelineRun) -> JSON {
        var input = base(run)
        input["datasetGroup"] = ["create": ["Name": .string(groupName)]]
        let count = "\(error.faults.count) fault\(error.faults.count == 1 ? "" : "s")"
        let cause = """
            s3://\(run.bucket)/\(run.key) has \(count):
            \(Self.list(error.faults))
            Nothing was created. Correct the file and drop it again.
            """
        input["configurationError"] = ["Error": "InvalidConfiguration", "Cause": .string(cause)]
        return input
    }

    /// A line a fault, as many as a cause may hold.
    private static func list(_ faults: [Fault]) -> String {
        var lines: [String] = []
        var size = 0
        for fault in faults {
            let line = "- \(fault)"
            size += line.utf8.count
            guard size <= Excerpt.limit - 1_000 else {
                if lines.isEmpty { lines.append(Excerpt.of(line)) }
                if faults.count > lines.count { lines.append("- … and \(faults.count - lines.count) more") }
                break
            }
            lines.append(line)
        }
        return lines.joined(separator: "\n")
    }

    /// The ARN of a Personalize resource by its kind and name.
    func arn(_ path: String) -> String { "arn:aws:personalize:\(region):\(account):\(path)" }

    /// The name of the schema of a dataset, where the file gives none: a changed schema is another schema, an unchanged
    /// one is found again.
    static func schemaName(of dataset: PipelineConfiguration.Dataset) -> String {
        if let name = dataset.schemaName { return name }
        let record = dataset.schema["name"]?.string ?? dataset.type
        return "\(record.prefix(54))-\(Fingerprint.hexadecimal(of: dataset.schema.canonicalText))"
    }

    private func base(_ run: PipelineRun) -> JSON {
        var input: JSON = [
            "bucket": .string(run.bucket), "key": .string(run.key), "currentDate": .string(run.currentDate),
            "mode": .string(run.mode.rawValue), "pollSeconds": .init(pollSeconds),
            "roleArn": .string(roleARN), "topicArn": .string(topicARN),
        ]
        input["solution"] = run.solution.map(JSON.string)
        if let time = run.scheduledTime { input["scheduledTime"] = .string(time.formatted(.iso8601)) }
        return input
    }

    private var roleARN: String { "arn:aws:iam::\(account):role/PersonalizeRole" }

    /// A request with the dataset group that what it makes belongs to.
    private func owned(_ request: JSON, _ groupARN: String) -> JSON {
        var request = SDKCase.personalize.sdk(fromWire: request)
        request["DatasetGroupArn"] = .string(groupARN)
        return request
    }

    private func dataset(
        _ dataset: PipelineConfiguration.Dataset,
        of configuration: PipelineConfiguration,
        run: PipelineRun,
        _ deployment: Deployment
    ) -> JSON {
        let schemaName = Self.schemaName(of: dataset)
        let schemaARN = JSON.string(arn("schema/\(schemaName)"))
        let datasetARN = JSON.string(arn("dataset/\(configuration.name)/\(dataset.type.uppercased())"))
        var createSchema: JSON = ["Name": .string(schemaName), "Schema": .string(dataset.schema.text)]
        createSchema["Domain"] = dataset.schemaDomain.map(JSON.string) ?? configuration.datasetGroup["domain"]
        var create: JSON = [
            "Name": .string(dataset.name), "DatasetType": .string(dataset.type), "SchemaArn": schemaARN,
            "DatasetGroupArn": .string(arn("dataset-group/\(configuration.name)")),
        ]
        create["Tags"] = dataset.tags.map(SDKCase.personalize.sdk(fromWire:))
        var input: JSON = [
            "SchemaArn": schemaARN, "createSchema": createSchema, "DatasetArn": datasetARN, "create": create,
        ]
        guard let wanted = deployment.imports[dataset.type] else { return input }
        let isMaintained = configuration.shape == .mpe
        var job: JSON = [
            "JobName": .string(
                isMaintained
                    ? MaintenanceFile.importJobName(dataset.type, run) : "\(dataset.type)_\(run.executionName)"
            ),
            "DatasetArn": datasetARN, "DataSource": ["DataLocation": .string(wanted.location)],
            "RoleArn": .string(roleARN), "ImportMode": .string(wanted.mode),
        ]
        job["PublishAttributionMetricsToS3"] = configuration.imports.publishesMetrics.map(JSON.bool)
        job["Tags"] = configuration.imports.tags.map(SDKCase.personalize.sdk(fromWire:))
        input["importJob"] = job
        return input
    }

    private func solution(
        _ solution: PipelineConfiguration.Solution,
        groupARN: String,
        _ deployment: Deployment
    ) -> JSON? {
        guard let training = deployment.trainings[solution.name] else { return nil }
        var create = owned(solution.request, groupARN)
        // The pipeline trains by its own schedules, unless the file asks for more.
        if create["PerformAutoTraining"] == nil { create["PerformAutoTraining"] = false }
        let solutionARN = JSON.string(arn("solution/\(solution.name)"))
        var input: JSON = ["SolutionArn": solutionARN, "create": create]
        input["update"] = deployment.updates[solution.path].map(SDKCase.personalize.sdk(fromWire:))
        switch training {
        case .train(let mode):
            var version = SDKCase.personalize.sdk(fromWire: solution.version)
            version["SolutionArn"] = solutionARN
            version["TrainingMode"] = .string(mode)
            input["version"] = version
        case .keep(let versionARN): input["current"] = ["SolutionVersionArn": .string(versionARN)]
        }
        input["campaigns"] = .array(
            solution.campaigns.map { campaign in
                var input: JSON = [
                    "CampaignArn": .string(arn("campaign/\(campaign.name)")),
                    "create": SDKCase.personalize.sdk(fromWire: campaign.request),
                ]
                input["update"] = deployment.updates[campaign.path].map(SDKCase.personalize.sdk(fromWire:))
                return input
            }
        )
        return input
    }

    private func recommender(
        _ recommender: PipelineConfiguration.Recommender,
        _ groupARN: String,
        _ deployment: Deployment
    ) -> JSON {
        var input: JSON = [
            "RecommenderArn": .string(arn("recommender/\(recommender.name)")),
            "create": owned(recommender.request, groupARN),
        ]
        input["update"] = deployment.updates[recommender.path].map(SDKCase.personalize.sdk(fromWire:))
        return input
    }

    private func batchJobs(
        of solution: PipelineConfiguration.Solution,
        _ configuration: PipelineConfiguration,
        _ run: PipelineRun,
        _ deployment: Deployment
    ) -> [JSON] {
        solution.batchJobs.enumerated().compactMap { number, job in
            guard deployment.batchJobs.contains(job.path) else { return nil }
            let name = MaintenanceFile.batchJobName(solution.name, date: run.currentDate, number: number)
            let folder = ConfigurationFile.batchFolder(group: configuration.name, solution: solution.name)
            let place = "s3://\(run.bucket)/\(folder)"
            let questions: JSON = ["Path": .string(place + ConfigurationFile.batchFileName)]
            var create = SDKCase.personalize.sdk(fromWire: job.request)
            create["JobName"] = .string(name)
            create["JobInput"] = ["S3DataSource": questions]
            create["JobOutput"] = ["S3DataDestination": ["Path": .string("\(place)\(name)/")]]
            create["RoleArn"] = .string(roleARN)
            var input: JSON = [
                "kind": .string(job.kind.rawValue), "SolutionArn": .string(arn("solution/\(solution.name)")),
                "create": create,
            ]
            if case .keep(let versionARN) = deployment.trainings[solution.name] {
                input["version"] = ["SolutionVersionArn": .string(versionARN)]
            }
            return input
        }
    }
}

/// A short, stable mark of a text (FNV-1a, 32 bits), to tell versions apart; nothing relies on its secrecy.
enum Fingerprint {
    static func hexadecimal(of text: String) -> String {
        var hash: UInt32 = 2_166_136_261
        for byte in text.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
