public import JSON

extension PersonalizeService {
    /// What the metrics of a metric attribution have come to, by source and window; events count that came just now.
    ///
    /// - Parameters:
    ///   - arn: The metric attribution.
    ///   - start: Only windows that begin then or later, in epoch seconds.
    ///   - end: Only windows that begin before.
    ///   - limit: At most so many rows, the newest first.
    /// - Returns: A row a metric, source and window.
    /// - Throws: `PersonalizeError` with `ResourceNotFoundException`.
    public func metricWindows(
        of arn: String,
        from start: Int64 = .min,
        until end: Int64 = .max,
        limit: Int = 1000
    ) async throws(PersonalizeError) -> [JSON] {
        let attribution = try await resource(.metricAttribution, arn)
        try await countMetrics(of: attribution.parentArn ?? "")
        let query = MetricQuery(arn, from: start, until: end, limit: limit)
        return try await reading { try await $0.metricWindows(query) }.map(\.json)
    }
}

extension MetricWindow {
    fileprivate var json: JSON {
        [
            "timestamp": .integer(start), "metricName": .string(metricName), "eventType": .string(eventType),
            "expression": .string(expression), "eventAttributionSource": .string(source),
            "importMethod": .string(method.rawValue), "value": .double(value),
        ]
    }
}
