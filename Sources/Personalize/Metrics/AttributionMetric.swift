internal import JSON

/// One metric of a metric attribution.
struct AttributionMetric: Sendable, Equatable {
    /// How it is called in reports.
    let name: String
    /// The events that count, in any case.
    let eventType: String
    let expression: MetricExpression
    /// The expression as it was given.
    let text: String

    /// Reads a metric as an operation was given it; `nil` when it is none.
    init?(_ json: JSON) {
        guard let name = json["metricName"]?.string, let type = json["eventType"]?.string,
            let text = json["expression"]?.string, let expression = MetricExpression(parsing: text)
        else { return nil }
        (self.name, eventType, self.expression, self.text) = (name, type, expression, text)
    }
}

extension Resource {
    /// The metrics of a metric attribution.
    var metrics: [AttributionMetric] { (body["metrics"]?.array ?? []).compactMap(AttributionMetric.init) }

    /// The last batch of events that is in the windows of a metric attribution.
    var countedThrough: Int64 { body["countedThrough"]?.int.map(Int64.init) ?? 0 }

    /// Windows of a metric attribution that have changed since they were last reported.
    var unreportedWindows: [Int64] {
        get { (body["unreportedWindows"]?.array ?? []).compactMap(\.int).map(Int64.init) }
        set { body["unreportedWindows"] = .array(newValue.map(JSON.integer)) }
    }

    /// The folder to which a metric attribution's reports go; `nil` when none was named.
    var reportFolder: String? {
        guard let path = body["metricsOutputConfig"]?["s3DataDestination"]?["path"]?.string else { return nil }
        return path.hasSuffix("/") ? path : "\(path)/"
    }
}
