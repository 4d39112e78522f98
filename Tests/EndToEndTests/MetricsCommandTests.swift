import Foundation
import HTTPAPI
import JSON
import TestSupport
import Testing

/// What recommendations led to, as the command line shows it.
@Suite struct MetricsCommandTests {
    @Test func `events are shown by window and source`() async throws {
        let stage = try await Stage()
        func millrace(_ arguments: String...) throws -> String {
            try run(MillraceProcess.program.path, arguments, environment: ["MILLRACE_ENDPOINT": stage.service.endpoint])
        }
        let failure = #expect(throws: ProgramError.self) { try millrace("metrics") }
        #expect(failure?.complaint.contains("there is no metric attribution yet") == true)
        let python = try AWSClientTests.environment.get()
        try run("\(python)/bin/python", "-c", Self.program, stage.service.endpoint)
        #expect(try millrace("metrics", "--hours", "1") == "No events of these metrics yet.\n")
        let lines = try millrace("metrics").split(separator: "\n").map { line in
            line.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        }
        #expect(lines.first == ["WINDOW", "METRIC", "EVENT", "TYPE", "VALUE", "FUNCTION", "BY", "SOURCE"])
        #expect(
            lines.dropFirst().map { $0.suffix(6).joined(separator: " ") } == [
                "clicks click 1.0 SAMPLECOUNT() PUT SOURCE_NAME_UNDEFINED", "clicks click 2.0 SAMPLECOUNT() PUT mail",
            ]
        )
        let json = try JSON(parsing: millrace("metrics", "impact", "--output", "json", "--limit", "1"))
        #expect(json["windows"]?.array?.count == 1)
        #expect(json["windows"]?[0]?["timestamp"] == 1_700_000_100)
        #expect(json["windows"]?[0]?["value"]?.double == 1)
    }

    private static let program = #"""
        import json, sys, time, boto3
        common = dict(endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="local",
                      aws_secret_access_key="local")
        personalize, events = boto3.client("personalize", **common), boto3.client("personalize-events", **common)
        def wait(describe):
            while describe()["status"] != "ACTIVE": time.sleep(0.05)
        group = personalize.create_dataset_group(name="shop")["datasetGroupArn"]
        wait(lambda: personalize.describe_dataset_group(datasetGroupArn=group)["datasetGroup"])
        fields = [{"name": name, "type": kind} for name, kind in [
            ("USER_ID", "string"), ("ITEM_ID", "string"), ("TIMESTAMP", "long"), ("EVENT_TYPE", "string")]]
        schema = personalize.create_schema(name="shop", schema=json.dumps({"type": "record", "name": "Interactions",
            "namespace": "com.amazonaws.personalize.schema", "fields": fields, "version": "1.0"}))["schemaArn"]
        dataset = personalize.create_dataset(name="shop", schemaArn=schema, datasetGroupArn=group,
            datasetType="Interactions")["datasetArn"]
        wait(lambda: personalize.describe_dataset(datasetArn=dataset)["dataset"])
        tracker = personalize.create_event_tracker(name="shop", datasetGroupArn=group)
        wait(lambda: personalize.describe_event_tracker(eventTrackerArn=tracker["eventTrackerArn"])["eventTracker"])
        impact = personalize.create_metric_attribution(name="impact", datasetGroupArn=group,
            metrics=[{"eventType": "click", "metricName": "clicks", "expression": "SAMPLECOUNT()"}],
            metricsOutputConfig={"roleArn": "arn:aws:iam::000000000000:role/any"})["metricAttributionArn"]
        wait(lambda: personalize.describe_metric_attribution(metricAttributionArn=impact)["metricAttribution"])
        for second, source in [(100, None), (0, "mail"), (1, "mail")]:
            credit = {"metricAttribution": {"eventAttributionSource": source}} if source else {}
            events.put_events(trackingId=tracker["trackingId"], userId="u", sessionId="s", eventList=[
                {"eventType": "click", "itemId": "i", "sentAt": 1_700_000_000 + second, **credit}])
        """#
}
