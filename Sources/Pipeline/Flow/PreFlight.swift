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
        }
        return faults
    }

    private func fileFault(of dataset: PipelineConfiguration.Dataset, run: PipelineRun) -> Fault? {
        let location = run.dataLocation(of: dataset.type)
        let path = "datasets.\(dataset.type)"
        do {
            guard try buckets.csvFiles(at: location).isEmpty else { return nil }
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
        let solutionARN = input.arn("solution/\(solution.name)")
        guard let description = try? await personalize.call("DescribeSolution", ["solutionArn": .string(solutionARN)]),
            let existing = description["solution"]
        else { return nil }
        let expected: [(String, JSON?)] = [
            ("datasetGroupArn", .string(input.arn("dataset-group/\(configuration.name)"))),
            ("recipeArn", solution.request["recipeArn"]), ("eventType", solution.request["eventType"]),
            ("solutionConfig", solution.request["solutionConfig"]),
        ]
        for (member, wanted) in expected {
            guard let wanted, let found = existing[member], found != wanted else { continue }
            return Fault(
                path: "\(solution.path).\(member == "datasetGroupArn" ? "name" : member)",
                message: """
                    cannot change: solution "\(solution.name)" exists with \(member) \(found.text), \
                    but the file says \(wanted.text); give the solution another name
                    """
            )
        }
        return nil
    }
}
