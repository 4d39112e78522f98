import JSON
import Testing

@testable import Pipeline

@Suite struct SDKCaseTests {
    @Test func `a request keeps its members on the way to a task and back`() {
        let request: JSON = [
            "name": "up", "performAutoML": false,
            "solutionConfig": [
                "algorithmHyperParameters": ["hidden_dimension": "64", "Upper": "kept"],
                "hpoConfig": ["hpoObjective": ["metricName": "ndcg"]],
                "trainingDataConfig": ["excludedDatasetColumns": ["Items": ["TITLE"]]],
            ],
            "tags": [["tagKey": "team", "tagValue": "search"]],
        ]
        #expect(SDKCase.personalize.wire(fromSDK: SDKCase.personalize.sdk(fromWire: request)) == request)
    }

    @Test func `members are capitalised, but the user's own keys stay`() {
        let sdk = SDKCase.personalize.sdk(fromWire: [
            "solutionVersionArn": "arn", "metrics": ["precision_at_5": 0.25],
            "solutionConfig": ["algorithmHyperParameters": ["hidden_dimension": "64"]],
            "campaigns": [["campaignArn": "a"]],
        ])
        #expect(
            sdk == [
                "SolutionVersionArn": "arn", "Metrics": ["precision_at_5": 0.25],
                "SolutionConfig": ["AlgorithmHyperParameters": ["hidden_dimension": "64"]],
                "Campaigns": [["CampaignArn": "a"]],
            ]
        )
    }

    @Test func `times become ISO 8601 text, also within lists`() {
        let sdk = SDKCase.personalize.sdk(fromWire: [
            "filters": [["creationDateTime": 1_700_000_000, "status": "ACTIVE"]]
        ])
        #expect(sdk["Filters"]?[0] == ["CreationDateTime": "2023-11-14T22:13:20Z", "Status": "ACTIVE"])
        let states = SDKCase.stepFunctions.sdk(fromWire: ["startDate": 1_700_000_000.5, "input": #"{"a":1}"#])
        #expect(states == ["StartDate": "2023-11-14T22:13:20.500Z", "Input": #"{"a":1}"#])
    }
}
