import FoundationEssentials
import JSON
import Personalize
import TestSupport
import Testing

let role = JSON.string("arn:aws:iam::000000000000:role/any")

/// A metric as an operation is given it.
func metric(_ name: String, _ type: String, _ expression: String) -> JSON {
    ["metricName": .string(name), "eventType": .string(type), "expression": .string(expression)]
}

/// The metrics of the films that most tests measure: how many were watched, and what they cost.
let watches = metric("watches", "watch", "SAMPLECOUNT()")
let revenue = metric("revenue", "BUY", "SUM(Items.PRICE)")

extension ServiceUnderTest {
    static let attribution = arn("metric-attribution/impact")

    /// Makes the metric attribution of the films.
    @discardableResult
    func measure(
        _ metrics: JSON...,
        path: String? = "s3://bucket/reports"
    ) async throws -> (arn: String, status: ResourceStatus?) {
        var output: JSON = ["roleArn": PersonalizeTests.role]
        if let path { output["s3DataDestination"] = ["path": .string(path)] }
        let input: JSON = [
            "name": "impact", "datasetGroupArn": .string(arn("dataset-group/films")), "metrics": .array(metrics),
            "metricsOutputConfig": output,
        ]
        return try await create("CreateMetricAttribution", input)
    }

    /// Puts one event of a user.
    func putEvent(
        _ type: String,
        _ item: String,
        at time: Int,
        by source: String? = nil,
        value: Double? = nil,
        id: String? = nil,
        tracking: String
    ) async throws {
        var event: JSON = ["eventType": .string(type), "itemId": .string(item), "sentAt": .init(time)]
        if let source { event["metricAttribution"] = ["eventAttributionSource": .string(source)] }
        if let value { event["eventValue"] = .double(value) }
        if let id { event["eventId"] = .string(id) }
        let input: JSON = [
            "trackingId": .string(tracking), "userId": "u1", "sessionId": "s", "eventList": [event],
        ]
        _ = try await service.putEvents(input)
    }

    /// The windows as lines: start after the clock's, metric, source, value.
    func windows() async throws -> [String] {
        try await service.metricWindows(of: Self.attribution).map { window in
            let start = (window["timestamp"]?.int ?? 0) - 1_800_000_000
            let name = window["metricName"]?.string ?? ""
            let source = window["eventAttributionSource"]?.string ?? ""
            return "\(start) \(name) \(source) \(window["value"]?.double ?? .nan)"
        }
    }

    /// The reports in the bucket, by name.
    func reports() throws -> [String: String] {
        let folder = directory.file("bucket/reports")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return try names.reduce(into: [:]) { reports, name in
            reports[name] = try String(contentsOf: URL(filePath: "\(folder)/\(name)"), encoding: .utf8)
        }
    }
}
