internal import JSON
internal import Shapes

extension Operation {
    static let metricAttributions: [Operation] = [
        createMetricAttribution, updateMetricAttribution, listMetricAttributionMetrics,
    ]

    private static let createMetricAttribution = Operation.write(
        "CreateMetricAttribution",
        .structure([
            .required("name", .name), .required("datasetGroupArn", .arn), .required("metrics", .metricAttributes),
            .required("metricsOutputConfig", .metricsOutputConfig),
        ])
    ) { service, input throws(PersonalizeError) in
        let kept = ["datasetGroupArn", "metrics", "metricsOutputConfig"]
        var draft = try Draft(.metricAttribution, input, keeping: kept)
        let group = try await service.activeResource(.datasetGroup, try input.required("datasetGroupArn"))
        let others = try await service.resources(ResourceQuery(.metricAttribution, parentArn: group.arn))
        if let other = others.first, other.name != draft.name {
            throw PersonalizeError(
                .limitExceeded,
                "DatasetGroup \"\(group.arn)\" has the metric attribution \"\(other.arn)\"; there is one a group"
            )
        }
        try await service.checkMetrics(input["metrics"]?.array ?? [], group: group.arn)
        try service.checkReports(input["metricsOutputConfig"])
        draft.parentArn = group.arn
        // What came before is not reported.
        draft.body["countedThrough"] = .integer(try await service.lastEvent(of: group.arn))
        return try await service.create(draft)
    }

    private static let updateMetricAttribution = Operation.write(
        "UpdateMetricAttribution",
        .structure([
            .optional("addMetrics", .metricAttributes),
            .optional("removeMetrics", .list(.words, maximum: AttributionMetric.maximum)),
            .optional("metricsOutputConfig", .metricsOutputConfig), .optional("metricAttributionArn", .arn),
        ])
    ) { service, input throws(PersonalizeError) in
        let arn = try input.required("metricAttributionArn")
        let known = try await service.resource(.metricAttribution, arn)
        guard known.status == .active else { throw .inUse(known, "it can be updated when it is ACTIVE") }
        try service.checkReports(input["metricsOutputConfig"])
        let metrics = try known.metrics(after: input)
        try await service.checkMetrics(metrics, group: known.parentArn ?? "")
        // What has come so far counts by the metrics as they were.
        try await service.countMetrics(of: known.parentArn ?? "")
        var attribution = try await service.resource(.metricAttribution, arn)
        attribution.body["metrics"] = .array(metrics)
        if let output = input["metricsOutputConfig"], !output.isNull {
            attribution.body["metricsOutputConfig"] = output
        }
        var decision = Decision()
        decision.transition.updates = [attribution]
        decision.response = ["metricAttributionArn": .string(arn)]
        return decision
    }

    private static let listMetricAttributionMetrics = Operation.read(
        "ListMetricAttributionMetrics",
        .page([.optional("metricAttributionArn", .arn)])
    ) { service, input throws(PersonalizeError) in
        let arn = try input.required("metricAttributionArn")
        guard let attribution = try await service.found(arn), attribution.kind == .metricAttribution else {
            throw PersonalizeError(.invalidInput, "MetricAttribution \"\(arn)\" does not exist")
        }
        let page = try Page(input, of: "metrics")
        let rest = (attribution.body["metrics"]?.array ?? []).dropFirst(page.offset)
        let next = rest.count > page.size ? page.offset + page.size : nil
        return page.answer(Array(rest.prefix(page.size)), next: next)
    }
}

extension Shape {
    fileprivate static let metricAttributes = Shape.list(
        .structure(
            [.required("eventType", .words), .required("metricName", .words), .required("expression", .words)],
            name: "MetricAttribute"
        ),
        maximum: AttributionMetric.maximum
    )

    fileprivate static let metricsOutputConfig = Shape.structure([
        .optional(
            "s3DataDestination",
            .structure([.required("path", .text(0...256, .location)), .optional("kmsKeyArn", .text(0...2048, .keyArn))])
        ),
        .required("roleArn", .roleArn),
    ])
}

extension AttributionMetric {
    /// How many metrics an attribution has at most.
    fileprivate static let maximum = 10
}

extension Resource {
    /// The metrics of a metric attribution after an update.
    fileprivate func metrics(after input: JSON) throws(PersonalizeError) -> [JSON] {
        var metrics = body["metrics"]?.array ?? []
        let removed = (input["removeMetrics"]?.array ?? []).compactMap(\.string)
        for name in removed where !metrics.contains(where: { $0["metricName"]?.string == name }) {
            throw PersonalizeError(.invalidInput, "MetricAttribution \"\(arn)\" has no metric \"\(name)\"")
        }
        metrics.removeAll { removed.contains($0["metricName"]?.string ?? "") }
        for metric in input["addMetrics"]?.array ?? [] {
            if let name = metric["metricName"], metrics.contains(where: { $0["metricName"] == name }) {
                throw PersonalizeError(
                    .resourceAlreadyExists,
                    "MetricAttribution \"\(arn)\" has a metric \"\(name.string ?? "")\" already; remove it first"
                )
            }
            metrics.append(metric)
        }
        guard metrics.count <= AttributionMetric.maximum else {
            throw PersonalizeError(
                .invalidInput,
                "MetricAttribution \"\(arn)\" would have \(metrics.count) metrics; "
                    + "at most \(AttributionMetric.maximum) are allowed"
            )
        }
        return metrics
    }
}
