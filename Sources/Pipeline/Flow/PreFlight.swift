internal import Bucket
internal import JSON
internal import Personalize

/// Checks a valid configuration against what is there: the files in the bucket, and resources of earlier runs.
struct PreFlight: Sendable {
    let buckets: BucketDirectory
    let personalize: PersonalizeService
    let input: PipelineInput

    /// Every fault that would make the run fail later.
    func faults(of configuration: PipelineConfiguration, run: PipelineRun) async -> [Fault] {
        var faults: [Fault] = []
        for dataset in configuration.datasets {
            if let fault = fileFault(of: dataset, run: run) { faults.append(fault) }
            if let fault = await schemaFault(of: dataset, in: configuration) { faults.append(fault) }
        }
        for solution in configuration.solutions {
            if let fault = await solutionFault(of: solution, in: configuration) { faults.append(fault) }
            if let fault = await campaignFault(of: solution) { faults.append(fault) }
        }
        if let fault = await trackerFault(in: configuration) { faults.append(fault) }
        for (index, filter) in configuration.filters.enumerated() {
            if let fault = await filterFault(of: filter, at: index, in: configuration) { faults.append(fault) }
        }
        return faults
    }

    private func fileFault(of dataset: PipelineConfiguration.Dataset, run: PipelineRun) -> Fault? {
        let location = run.dataLocation(of: dataset.type)
        let path = "datasets.\(dataset.type)"
        do {
            guard try buckets.files(at: location, suffix: ".csv").isEmpty else { return nil }
            return Fault(path: path, message: "has no data: there is no .csv file in \(location); put one there")
        } catch {
            return Fault(path: path, message: "has no data: \(error)")
        }
    }

    private func schemaFault(
        of dataset: PipelineConfiguration.Dataset,
        in configuration: PipelineConfiguration
    ) async -> Fault? {
        let datasetARN = input.arn("dataset/\(configuration.name)/\(dataset.type.uppercased())")
        guard let description = try? await personalize.call("DescribeDataset", ["datasetArn": .string(datasetARN)]),
            let schemaARN = description["dataset"]?["schemaArn"],
            let schema = try? await personalize.call("DescribeSchema", ["schemaArn": schemaARN]),
            let text = schema["schema"]?["schema"]?.string, let existing = try? JSON(parsing: text),
            existing != dataset.schema
        else { return nil }
        return Fault(
            path: "datasets.\(dataset.type).schema",
            message: """
                differs from the schema of the existing dataset (\(schemaARN.string ?? "")); \
                keep that schema, choose another datasetGroup.name, or run `millrace delete \(configuration.name)` first
                """
        )
    }

    /// A solution's recipe and configuration are fixed when it is created.
    private func solutionFault(
        of solution: PipelineConfiguration.Solution,
        in configuration: PipelineConfiguration
    ) async -> Fault? {
        guard let existing = await described("Solution", "solution/\(solution.name)") else { return nil }
        let group = JSON.string(input.arn("dataset-group/\(configuration.name)"))
        let expected: [(String, JSON?)] = [("datasetGroupArn", group)] + Self.fixed.map { ($0, solution.request[$0]) }
        for (member, wanted) in expected where (wanted ?? .null) != (existing[member] ?? .null) {
            return Fault(
                path: "\(solution.path).\(member == "datasetGroupArn" ? "name" : member)",
                message: """
                    cannot change: solution "\(solution.name)" exists with \(Self.text(member, existing[member])), \
                    but the file says \(Self.text(member, wanted)); give the solution (and its campaign) another name
                    """
            )
        }
        return nil
    }

    private static let fixed = ["recipeArn", "eventType", "solutionConfig"]

    private static func text(_ member: String, _ value: JSON?) -> String {
        value.flatMap { $0.isNull ? nil : "\(member) \($0.text)" } ?? "no \(member)"
    }

    /// A campaign serves one solution for all its life.
    private func campaignFault(of solution: PipelineConfiguration.Solution) async -> Fault? {
        guard let name = solution.campaignName, let existing = await described("Campaign", "campaign/\(name)"),
            let version = existing["solutionVersionArn"]?.string,
            !version.hasPrefix("\(input.arn("solution/\(solution.name)"))/")
        else { return nil }
        return Fault(
            path: solution.campaignPath,
            message: """
                cannot change: campaign "\(name)" exists and serves \(version), \
                which is not of solution "\(solution.name)"; give the campaign another name
                """
        )
    }

    /// A filter's expression is fixed when it is created.
    private func filterFault(
        of filter: JSON,
        at index: Int,
        in configuration: PipelineConfiguration
    ) async -> Fault? {
        guard let name = filter["name"]?.string, let existing = await described("Filter", "filter/\(name)") else {
            return nil
        }
        let isOfGroup = existing["datasetGroupArn"]?.string == input.arn("dataset-group/\(configuration.name)")
        guard isOfGroup, existing["filterExpression"] == filter["filterExpression"] else {
            let difference = isOfGroup ? "with another expression" : "in another dataset group"
            return Fault(
                path: "filters[\(index)]",
                message: "cannot change: filter \"\(name)\" exists \(difference); give the filter another name"
            )
        }
        return nil
    }

    /// A dataset group has one event tracker.
    private func trackerFault(in configuration: PipelineConfiguration) async -> Fault? {
        let group = JSON.string(input.arn("dataset-group/\(configuration.name)"))
        guard let name = configuration.eventTracker,
            let list = try? await personalize.call("ListEventTrackers", ["datasetGroupArn": group]),
            let existing = list["eventTrackers"]?.array?.first?["name"]?.string, existing != name
        else { return nil }
        return Fault(
            path: "eventTracker.name",
            message: """
                cannot be "\(name)": the dataset group has the event tracker "\(existing)" and may have one; \
                keep that name
                """
        )
    }

    /// What is known of a resource that exists.
    private func described(_ kind: String, _ path: String) async -> JSON? {
        let member = kind.prefix(1).lowercased() + kind.dropFirst()
        let request = JSON.object(["\(member)Arn": .string(input.arn(path))])
        return (try? await personalize.call("Describe\(kind)", request))?[member]
    }
}
