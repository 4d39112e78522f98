import HTTPAPI
import JSON
import Testing

/// AWS's own client reads what the wire writes: answers, moments, errors.
@Suite(.enabled(if: Python.hasBoto3)) struct FramingTests {
    private static var operations: [OperationTable] {
        var states = OperationTable(service: "AWSStepFunctions", protocol: .json10)
        states["DescribeExecution"] = { input in
            guard input["executionArn"] == "arn:aws:states:us-east-1:0:execution:m:there" else {
                throw WireError("ExecutionDoesNotExist", "Execution Does Not Exist: 'é'")
            }
            return [
                "executionArn": input["executionArn"] ?? nil, "status": "RUNNING", "stateMachineArn": "arn:m",
                "startDate": 1_700_000_000.123, "name": "é\u{1F3AC}",
            ]
        }
        states["ListExecutions"] = { _ in throw Fault() }
        var personalize = OperationTable(service: "AmazonPersonalize", protocol: .json11)
        personalize["CreateDatasetGroup"] = { input in
            ["datasetGroupArn": .string("arn:aws:personalize:::dataset-group/\(input["name"]?.string ?? "")")]
        }
        personalize["DescribeCampaign"] = { _ in throw WireError("ResourceNotFoundException", "no such campaign") }
        return [states, personalize]
    }

    private static let routes = [
        RESTRoute("/recommendations") { input in
            guard input["userId"] == "1" else { throw WireError("ResourceNotFoundException", "no such campaign") }
            return ["itemList": [["itemId": "é", "score": 0.25]], "recommendationId": "r"]
        }
    ]

    private struct Fault: Error {}

    private static func run(_ program: String) async throws -> Python.Output {
        try await withServer(operations: operations, routes: routes) { port in
            try await Python.run(program, port: port)
        }
    }

    @Test func `answers and moments are read`() async throws {
        let output = try await Self.run(
            """
            e = sfn.describe_execution(executionArn="arn:aws:states:us-east-1:0:execution:m:there")
            assert e["startDate"].timestamp() == 1700000000.123, e
            assert e["name"] == "é🎬", e
            assert e["ResponseMetadata"]["RequestId"] == "request-1", e
            g = personalize.create_dataset_group(name="films")
            assert g["datasetGroupArn"].endswith("dataset-group/films"), g
            r = runtime.get_recommendations(campaignArn="arn:aws:personalize:::campaign/c", userId="1")
            assert r["itemList"] == [{"itemId": "é", "score": 0.25}], r
            """
        )
        #expect(output.exitCode == 0, "\(output.standardError)")
    }

    @Test func `errors become the client's exceptions`() async throws {
        let output = try await Self.run(
            """
            def fails(call, exception, status, message):
                try:
                    call()
                except exception as error:
                    response = error.response
                    assert response["ResponseMetadata"]["HTTPStatusCode"] == status, response
                    assert message in response["Error"]["Message"], response
                else:
                    raise AssertionError("no exception")
            arn = "arn:aws:personalize:::campaign/c"
            fails(lambda: sfn.describe_execution(executionArn="arn"), sfn.exceptions.ExecutionDoesNotExist, 400, "é")
            fails(lambda: personalize.describe_campaign(campaignArn=arn),
                  personalize.exceptions.ResourceNotFoundException, 400, "no such campaign")
            fails(lambda: runtime.get_recommendations(campaignArn=arn, userId="2"),
                  runtime.exceptions.ResourceNotFoundException, 404, "no such campaign")
            fails(lambda: sfn.list_executions(stateMachineArn="arn"), sfn.exceptions.ClientError, 500, "request-1")
            fails(lambda: sfn.list_activities(), sfn.exceptions.ClientError, 400, "no operation \\"ListActivities\\"")
            """
        )
        #expect(output.exitCode == 0, "\(output.standardError)")
    }
}
