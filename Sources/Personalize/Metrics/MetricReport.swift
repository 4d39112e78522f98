/// A report of a metric attribution as a CSV file.
enum MetricReport {
    private static let header = "METRIC_NAME,EVENT_TYPE,VALUE,MATH_FUNCTION,EVENT_ATTRIBUTION_SOURCE,TIMESTAMP\n"

    /// The file's name: `AggregatedAttributionMetrics - PUT - 1666924200.csv`.
    static func name(_ method: String, _ time: Int64) -> String {
        "AggregatedAttributionMetrics - \(method) - \(time).csv"
    }

    /// The file's content, the newest windows first.
    static func content(_ windows: [MetricWindow]) -> String {
        let rows = windows.sorted(by: isBefore).map { window in
            let function = MetricExpression(parsing: window.expression)?.function ?? ""
            return [
                field(window.metricName), field(window.eventType), "\(window.value)", function, field(window.source),
                "\(window.start)",
            ].joined(separator: ",") + "\n"
        }
        return header + rows.joined()
    }

    private static func isBefore(_ left: MetricWindow, _ right: MetricWindow) -> Bool {
        left.start != right.start
            ? left.start > right.start : (left.metricName, left.source) < (right.metricName, right.source)
    }

    /// A text as a field, in quotes where it needs them.
    private static func field(_ text: String) -> String {
        guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
        return "\"\(text.replacing("\"", with: "\"\""))\""
    }
}
