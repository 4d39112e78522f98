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

    /// The input that deploys a configuration.
    func input(for configuration: PipelineConfiguration, run: PipelineRun) -> JSON {
        let groupARN = arn("dataset-group/\(configuration.name)")
        var input = base(run)
        input["datasetGroup"] = [
            "DatasetGroupArn": .string(groupARN),
            "create": SDKCase.personalize.sdk(fromWire: configuration.datasetGroup),
        ]
        input["datasets"] = .array(configuration.datasets.map { dataset($0, of: configuration, run: run) })
        input["solutions"] = .array(configuration.solutions.map { solution($0, groupARN: groupARN) })
        input["eventTrackers"] = .array(
            [configuration.eventTracker].compactMap { $0 }
                .map { ["Name": .string($0), "DatasetGroupArn": .string(groupARN)] }
        )
        input["filters"] = .array(
            configuration.filters.map { filter in
                var request = SDKCase.personalize.sdk(fromWire: filter)
                request["DatasetGroupArn"] = .string(groupARN)
                return request
            }
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

    /// The name of the schema of a dataset: a changed schema is another schema, an unchanged one is found again.
    static func schemaName(of dataset: PipelineConfiguration.Dataset) -> String {
        let record = dataset.schema["name"]?.string ?? dataset.type
        return "\(record.prefix(54))-\(Fingerprint.hexadecimal(of: dataset.schema.canonicalText))"
    }

    private func base(_ run: PipelineRun) -> JSON {
        var base: JSON = [
            "bucket": .string(run.bucket), "key": .string(run.key), "currentDate": .string(run.currentDate),
            "mode": .string(run.mode.rawValue), "pollSeconds": .init(pollSeconds),
            "roleArn": .string("arn:aws:iam::\(account):role/PersonalizeRole"), "topicArn": .string(topicARN),
        ]
        if let time = run.scheduledTime { base["scheduledTime"] = .string(time.formatted(.iso8601)) }
        return base
    }

    private func dataset(
        _ dataset: PipelineConfiguration.Dataset,
        of configuration: PipelineConfiguration,
        run: PipelineRun
    ) -> JSON {
        let schemaName = Self.schemaName(of: dataset)
        var createSchema: JSON = ["Name": .string(schemaName), "Schema": .string(dataset.schema.text)]
        if let domain = configuration.datasetGroup["domain"] { createSchema["Domain"] = domain }
        return [
            "Name": .string(dataset.name), "DatasetType": .string(dataset.type),
            "SchemaArn": .string(arn("schema/\(schemaName)")), "createSchema": createSchema,
            "DatasetArn": .string(arn("dataset/\(configuration.name)/\(dataset.type.uppercased())")),
            "JobName": .string("\(dataset.type)_\(run.executionName)"),
            "DataLocation": .string(run.dataLocation(of: dataset.type)),
        ]
    }

    private func solution(_ solution: PipelineConfiguration.Solution, groupARN: String) -> JSON {
        var create = SDKCase.personalize.sdk(fromWire: solution.request)
        create["DatasetGroupArn"] = .string(groupARN)
        // The pipeline trains by its own schedules, unless the file asks for more.
        if create["PerformAutoTraining"] == nil { create["PerformAutoTraining"] = false }
        var input: JSON = ["SolutionArn": .string(arn("solution/\(solution.name)")), "create": create]
        if let campaign = solution.campaign, let name = solution.campaignName {
            input["campaign"] = [
                "CampaignArn": .string(arn("campaign/\(name)")), "create": SDKCase.personalize.sdk(fromWire: campaign),
            ]
        }
        return input
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
