internal import JSON

extension PersonalizeService {
    /// Refuses metrics that could never be measured on the datasets of a group, with every fault.
    func checkMetrics(_ metrics: [JSON], group: String) async throws(PersonalizeError) {
        guard let interactions = try await dataset(.interactions, group: group),
            try await schema(of: interactions).columns.contains(where: { $0.name == "EVENT_TYPE" })
        else {
            throw PersonalizeError(
                .invalidInput,
                "DatasetGroup \"\(group)\" must have an Interactions dataset with the column EVENT_TYPE"
            )
        }
        var schemas: [DatasetType: Schema] = [.interactions: try await schema(of: interactions)]
        if let items = try await dataset(.items, group: group), try await hasRecords(items) {
            schemas[.items] = try await schema(of: items)
        }
        let faults = metrics.enumerated().flatMap { index, metric in
            Self.faults(of: metric, schemas).map { "metrics[\(index)]\($0)" } + Self.twice(index, metrics)
        }
        guard faults.isEmpty else { throw PersonalizeError(.invalidInput, faults.joined(separator: "; ")) }
    }

    /// Refuses a folder that reports cannot be written to.
    func checkReports(_ output: JSON?) throws(PersonalizeError) {
        guard let path = output?["s3DataDestination"]?["path"]?.string else { return }
        do {
            _ = try objects.writablePath(of: "\(path.hasSuffix("/") ? path : "\(path)/")report.csv")
        } catch {
            throw PersonalizeError(.invalidInput, "Invalid S3 output path: \(error)")
        }
    }

    /// Refuses to publish metrics of an import where nothing says which ones and where to.
    func checkPublishing(_ input: JSON, _ dataset: Resource) async throws(PersonalizeError) {
        guard input["publishAttributionMetricsToS3"]?.bool == true else { return }
        guard dataset.body["datasetType"]?.string == DatasetType.interactions.word else {
            throw PersonalizeError(
                .invalidInput,
                "publishAttributionMetricsToS3 is for datasets of interactions; \"\(dataset.arn)\" is none"
            )
        }
        guard try await metricAttribution(of: dataset.parentArn ?? "")?.reportFolder != nil else {
            throw PersonalizeError(
                .invalidInput,
                "publishAttributionMetricsToS3 needs a metric attribution with an s3DataDestination; create one first"
            )
        }
    }

    private func hasRecords(_ dataset: Resource) async throws(PersonalizeError) -> Bool {
        if try await !snapshots(of: dataset.arn).isEmpty { return true }
        return try await !reading { try await $0.liveBatches(of: dataset.arn, after: 0, limit: 1) }.isEmpty
    }

    private static func faults(of metric: JSON, _ schemas: [DatasetType: Schema]) -> [String] {
        var faults: [String] = []
        for member in ["metricName", "eventType"] {
            let text = metric[member]?.string ?? ""
            if text.isEmpty { faults.append(".\(member) must not be empty") }
            if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
                faults.append(".\(member) must not hold control characters")
            }
        }
        let text = metric["expression"]?.string ?? ""
        guard let expression = MetricExpression(parsing: text) else {
            return faults + [".expression \"\(text)\" must be SAMPLECOUNT() or SUM(DatasetType.COLUMN_NAME)"]
        }
        guard case .sum(let type, let column) = expression else { return faults }
        guard let schema = schemas[type] else {
            return faults + [".expression \"\(text)\" needs an \(type.rawValue) dataset with data; import it first"]
        }
        let numbers = schema.columns.filter(\.type.isNumeric).map(\.name)
        if !numbers.contains(column) {
            let known = numbers.isEmpty ? "none" : numbers.joined(separator: ", ")
            faults.append(".expression \"\(text)\" must name a numeric column of \(type.rawValue); there is \(known)")
        }
        return faults
    }

    private static func twice(_ index: Int, _ metrics: [JSON]) -> [String] {
        let name = metrics[index]["metricName"]
        guard metrics[..<index].contains(where: { $0["metricName"] == name }) else { return [] }
        return ["metrics[\(index)].metricName \"\(name?.string ?? "")\" is given twice"]
    }
}
