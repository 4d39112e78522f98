import DurableExecution
import FoundationEssentials
import JSON
import StatesLanguage
import Testing
import TestSupport

/// `TestState`: one state, its data's way, and mocks in place of its work.
@Suite struct TestStateTests {
    private func test(
        _ definition: JSON,
        input: String = "{}",
        _ change: (inout TestStateRequest) -> Void = { _ in }
    ) async throws -> TestStateResult {
        var request = TestStateRequest(definition: definition.text, input: input)
        change(&request)
        let bench = try Workbench { tasks in tasks.register(echo) { .succeeded($0.parameters) } }
        return try await bench.engine.testState(request)
    }

    private func refusal(
        _ definition: JSON,
        input: String = "{}",
        _ change: (inout TestStateRequest) -> Void
    ) async -> String? {
        let error = await #expect(throws: ExecutionError.self) {
            _ = try await test(definition, input: input, change)
        }
        return error?.message
    }

    private static let ask: JSON = [
        "Type": "Task", "Resource": "arn:aws:states:::sns:publish",
        "Parameters": ["TopicArn": "t", "Message.$": "$.text"], "ResultSelector": ["id.$": "$.MessageId"],
        "ResultPath": "$.sent", "Next": "Later",
        "Retry": [["ErrorEquals": ["Busy"], "IntervalSeconds": 3, "BackoffRate": 2, "MaxAttempts": 2]],
        "Catch": [["ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Sorry"]],
    ]

    @Test func `a Pass state's data is shown step by step`() async throws {
        let pass: JSON = [
            "Type": "Pass", "InputPath": "$.a", "Parameters": ["x.$": "$.b"], "ResultPath": "$.c", "Next": "Later",
        ]
        let result = try await test(pass, input: #"{"a": {"b": 7}}"#) { $0.inspectionLevel = .debug }
        #expect(result.status == .succeeded)
        #expect(result.output == #"{"a":{"b":7},"c":{"x":7}}"#)
        #expect(result.nextState == "Later")
        let data = result.inspectionData
        #expect(data?["input"] == #"{"a": {"b": 7}}"#)
        #expect(data?["afterInputPath"] == #"{"b":7}"#)
        #expect(data?["afterParameters"] == #"{"x":7}"#)
        #expect(data?["afterResultPath"] == #"{"a":{"b":7},"c":{"x":7}}"#)
    }

    @Test func `a task without a mock is really done`() async throws {
        let result = try await test(task(echo), input: #"{"n": 1}"#) { $0.roleArn = "arn:aws:iam::1:role/r" }
        #expect(result.status == .succeeded)
        #expect(try result.output.map { try JSON(parsing: $0) } == ["n": 1])
    }

    @Test func `a mocked result takes the data's whole way`() async throws {
        let result = try await test(Self.ask, input: #"{"text":"hi"}"#) {
            $0.mock = .init(result: #"{"MessageId":"m"}"#)
            $0.inspectionLevel = .debug
        }
        #expect(result.output == #"{"text":"hi","sent":{"id":"m"}}"#)
        #expect(result.inspectionData?["afterParameters"] == #"{"TopicArn":"t","Message":"hi"}"#)
        #expect(result.inspectionData?["result"] == #"{"MessageId":"m"}"#)
        #expect(result.inspectionData?["afterResultSelector"] == #"{"id":"m"}"#)
        #expect(result.nextState == "Later")
    }

    @Test func `an error is retriable until its retrier is used up, then it is caught`() async throws {
        for (retries, seconds) in [(0, 3), (1, 6)] {
            let result = try await test(Self.ask, input: #"{"text":"hi"}"#) {
                $0.mock = .init(error: "Busy", cause: "later")
                $0.retrierRetryCount = retries
                $0.inspectionLevel = .debug
            }
            #expect(result.status == .retriable)
            #expect((result.error, result.cause) == ("Busy", "later"))
            let details: JSON = ["retryIndex": 0, "retryBackoffIntervalSeconds": JSON(seconds)]
            #expect(result.inspectionData?["errorDetails"] == details)
        }
        let caught = try await test(Self.ask, input: #"{"text":"hi"}"#) {
            $0.mock = .init(error: "Busy", cause: "later")
            $0.retrierRetryCount = 2
            $0.inspectionLevel = .debug
        }
        #expect(caught.status == .caughtError)
        #expect(caught.nextState == "Sorry")
        #expect(caught.inspectionData?["errorDetails"] == ["catchIndex": 0])
        #expect(caught.output == #"{"text":"hi","error":{"Error":"Busy","Cause":"later"}}"#)
    }

    @Test func `a state of a whole definition is found in any scope, with variables and context`() async throws {
        let inner = definition(
            ("Inner", ["Type": "Pass", "Output": "{% $states.context.Execution.Name & $greeting %}", "End": true])
        )
        let machine: JSON = [
            "QueryLanguage": "JSONata", "StartAt": "Each",
            "States": ["Each": ["Type": "Map", "ItemProcessor": inner, "End": true]],
        ]
        let result = try await test(machine) {
            $0.stateName = "Inner"
            $0.variables = #"{"greeting": " says hello"}"#
            $0.context = #"{"Execution": {"Name": "Ada"}}"#
        }
        #expect(result.output == #""Ada says hello""#)
        #expect(await refusal(machine) { $0.stateName = "Other" } == "State not found in definition")
    }

    @Test func `iterations and branches are mocked as a whole`() async throws {
        let scope = definition(("Work", task(echo)))
        let map: JSON = [
            "Type": "Map", "ItemsPath": "$.items", "ItemSelector": ["n.$": "$$.Map.Item.Value"],
            "ItemProcessor": scope, "MaxConcurrency": 3, "Next": "Later",
        ]
        let result = try await test(map, input: #"{"items":[1,2]}"#) {
            $0.mock = .init(result: "[10,20]")
            $0.inspectionLevel = .debug
        }
        #expect(result.output == "[10,20]")
        #expect(result.inspectionData?["afterItemsPath"] == "[1,2]")
        #expect(result.inspectionData?["maxConcurrency"] == 3)
        let parallel: JSON = ["Type": "Parallel", "Branches": [scope, scope], "End": true]
        #expect(try await test(parallel) { $0.mock = .init(result: "[1,2]") }.output == "[1,2]")
        #expect(
            await refusal(parallel) { $0.mock = .init(result: "[1]") }
                == "Mocked result must contain the same number of items as number of Parallel branches."
        )
        #expect(await refusal(map) { $0.mock = .init(result: "{}") } == "Mocked result must be an array.")
    }

    @Test(arguments: [
        (#"{"MessageId": 7}"#, "Mock result schema validation error: Field 'MessageId' must be a string"),
        ("7", "Mocked result must be a JSON object."),
        ("{", "Mocked result must be valid JSON"),
    ])
    func `a mock that the integration would not answer is refused`(_ result: String, _ message: String) async {
        #expect(await refusal(Self.ask) { $0.mock = .init(result: result) } == message)
    }

    @Test func `what a test cannot do is refused in AWS's words`() async {
        #expect(
            await refusal(["Type": "Pass", "End": true]) { $0.mock = .init(result: "{}") }
                == "State type 'Pass' is not supported when a mock is specified"
        )
        #expect(
            await refusal(["Type": "Pass", "End": true]) { $0.context = #"{"Execution": {"Id": 1}}"# }
                == "Invalid Context object provided: Execution.Id must be a string"
        )
        #expect(
            await refusal(["Type": "Pass", "End": true]) { $0.context = #"{"Map": {}}"# }
                == "Invalid Context object provided: 'Map' field is not supported when mocking a Context object"
        )
        #expect(
            await refusal(["Type": "Pass", "End": true]) { $0.context = #"{"Task": {"Token": "t"}}"# }
                == "Invalid Context object provided: Context object contains 'Task' when state is not a Task state with "
                + "a '.sync' or '.waitForTaskToken' service integration pattern"
        )
        #expect(
            await refusal(["Type": "Pass", "End": true]) { $0.mapIterationFailureCount = 1 }
                == "TestState does not support MapIterationFailureCount when a mock is not specified."
        )
    }

    @Test func `a Choice tells where it leads, a Wait does not hold anybody up`() async throws {
        let choice: JSON = [
            "Type": "Choice", "Choices": [["Variable": "$.n", "NumericEquals": 1, "Next": "One"]], "Default": "Other",
        ]
        #expect(try await test(choice, input: #"{"n":1}"#).nextState == "One")
        #expect(try await test(choice, input: #"{"n":2}"#).nextState == "Other")
        #expect(try await test(["Type": "Wait", "Seconds": 60, "Next": "N"], input: "1").output == "1")
        let long = try await test(["Type": "Wait", "Seconds": 6000, "Next": "N"])
        #expect((long.status, long.error) == (.failed, "States.Timeout"))
        let fail = try await test(["Type": "Fail", "Error": "E", "Cause": "c"])
        #expect((fail.status, fail.error, fail.cause) == (.failed, "E", "c"))
    }
}
