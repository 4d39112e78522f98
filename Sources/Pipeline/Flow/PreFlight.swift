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
        if let fault = solutionFault(run, configuration) { faults.append(fault) }
        if run.cause != .schedule, let fault = otherFileFault(of: configuration, run: run) { faults.append(fault) }
        for dataset in configuration.datasets {
            if let fault = await fileFault(of: dataset, in: configuration, run: run) { faults.append(fault) }
            if let fault = await schemaFault(of: dataset, in: configuration) { faults.append(fault) }
        }
        for solution in configuration.solutions {
            if let fault = await recipeFault(of: solution) { faults.append(fault) }
            if let fault = await solutionFault(of: solution, in: configuration) { faults.append(fault) }
            for campaign in solution.campaigns {
                if let fault = await campaignFault(campaign, of: solution) { faults.append(fault) }
            }
        }
        for recommender in configuration.recommenders {
            if let fault = await recommenderFault(recommender, in: configuration) { faults.append(fault) }
        }
        if let fault = await trackerFault(in: configuration) { faults.append(fault) }
        for (index, filter) in configuration.filters.enumerated() {
            if let fault = await filterFault(of: filter, at: index, in: configuration) { faults.append(fault) }
        }
        return faults
    }

    /// A recipe of the user's must be where the service looks for it, and without a fault.
    private func recipeFault(of solution: PipelineConfiguration.Solution) async -> Fault? {
        guard let recipe = solution.request["recipeArn"]?.string, CustomRecipe.mayName(recipe) else { return nil }
        do throws(PersonalizeError) {
            _ = try await personalize.call("DescribeRecipe", ["recipeArn": .string(recipe)])
            return nil
        } catch {
            return Fault(path: "\(solution.path).recipeArn", message: error.message)
        }
    }

    /// A run about one solution needs it, and a batch job of it something to ask.
    private func solutionFault(_ run: PipelineRun, _ configuration: PipelineConfiguration) -> Fault? {
        guard let name = run.solution else { return nil }
        let names = configuration.solutions.map(\.name)
        guard let solution = configuration.solutions.first(where: { $0.name == name }) else {
            let hint = NearestName.find(name, among: names).map { "did you mean \"\($0)\"?" }
            let known = "the solutions are \(names.map { "\"\($0)\"" }.joined(separator: ", "))"
            return Fault(path: "solutions", message: "has no solution \"\(name)\", \(hint ?? known)")
        }
        guard run.mode == .batch, solution.batchJobs.isEmpty else { return nil }
        return Fault(path: solution.path, message: "has no batchInferenceJobs and no batchSegmentJobs; add one")
    }

    /// A dataset group follows one file: two would take each other's schedules away.
    private func otherFileFault(of configuration: PipelineConfiguration, run: PipelineRun) -> Fault? {
        guard let bucket = try? buckets.bucket(named: run.bucket),
            let keys = try? ConfigurationDirectory(bucket: bucket).keys(of: configuration.name),
            let other = keys.first(where: { $0 != run.key })
        else { return nil }
        return Fault(
            path: configuration.shape == .mpe ? "datasetGroup.serviceConfig.name" : "datasetGroup.name",
            message: """
                "\(configuration.name)" is the dataset group of s3://\(run.bucket)/\(other) too; \
                keep one of the two files, or give the groups different names
                """
        )
    }

    /// Data that is missing: all of the sample's datasets need some, of the successor's only the interactions.
    private func fileFault(
        of dataset: PipelineConfiguration.Dataset,
        in configuration: PipelineConfiguration,
        run: PipelineRun
    ) async -> Fault? {
        let found = DataLocations(buckets: buckets, run: run, configuration: configuration).data(of: dataset.type)
        guard found.objects.isEmpty, run.isOfGroup else { return nil }
        let path = "datasets.\(configuration.shape == .mpe ? dataset.type.lowercased() : dataset.type)"
        if configuration.shape == .mpe {
            guard dataset.type == "Interactions" || found.fault != nil else { return nil }
            let survey = Survey(personalize: personalize, input: input)
            if await survey.lastImport(dataset.type, of: configuration.name) != nil { return nil }
        }
        if let fault = found.fault { return Fault(path: path, message: "has no data: \(fault)") }
        return Fault(path: path, message: "has no data: there is no .csv file in \(found.location); put one there")
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
    private func campaignFault(
        _ campaign: PipelineConfiguration.Campaign,
        of solution: PipelineConfiguration.Solution
    ) async -> Fault? {
        let name = campaign.name
        guard let existing = await described("Campaign", "campaign/\(name)"),
            let version = existing["solutionVersionArn"]?.string,
            !version.hasPrefix("\(input.arn("solution/\(solution.name)"))/")
        else { return nil }
        return Fault(
            path: campaign.path,
            message: """
                cannot change: campaign "\(name)" exists and serves \(version), \
                which is not of solution "\(solution.name)"; give the campaign another name
                """
        )
    }

    /// A recommender's use case is fixed when it is created.
    private func recommenderFault(
        _ recommender: PipelineConfiguration.Recommender,
        in configuration: PipelineConfiguration
    ) async -> Fault? {
        let (name, group) = (recommender.name, input.arn("dataset-group/\(configuration.name)"))
        guard let existing = await described("Recommender", "recommender/\(name)") else { return nil }
        let isOfGroup = existing["datasetGroupArn"]?.string == group
        guard !isOfGroup || existing["recipeArn"] != recommender.request["recipeArn"] else { return nil }
        let recipe = Self.text("recipeArn", existing["recipeArn"])
        let difference = isOfGroup ? "with \(recipe)" : "in another dataset group"
        return Fault(
            path: recommender.path,
            message: "cannot change: recommender \"\(name)\" exists \(difference); give the recommender another name"
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
        guard let name = configuration.eventTracker?["name"]?.string,
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

    private func described(_ kind: String, _ path: String) async -> JSON? {
        await Survey(personalize: personalize, input: input).described(kind, path)
    }
}
