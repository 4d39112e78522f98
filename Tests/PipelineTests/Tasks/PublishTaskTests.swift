import DurableExecution
import JSON
import Notifications
import StatesLanguage
import Testing

@testable import Pipeline

@Suite struct PublishTaskTests {
    private static let resource = "arn:aws:states:::sns:publish"

    private func stage() throws -> IntegrationStage {
        try IntegrationStage { tasks, parts in
            let notices = Notices(outbox: parts.outbox, executions: parts.store)
            tasks.register(PublishTask.integration, PublishTask(notices: notices, makeID: { "request-1" }))
        }
    }

    private func topic(_ stage: IntegrationStage) async throws -> JSON {
        let arn = try await stage.outbox.createTopic("t").arn
        try await stage.outbox.setEndpoints([.maildir("you@localhost"), .webhook("http://localhost/x")], of: arn)
        return .string(arn)
    }

    @Test func `a message goes to the topic with its subject and attributes`() async throws {
        let stage = try stage()
        let topic = try await topic(stage)
        let outputs = try await stage.running {
            [
                try await stage.output(
                    Self.resource,
                    [
                        "TopicArn": topic, "Message": "hello", "Subject": "Hi",
                        "MessageAttributes": [
                            "kind": ["DataType": "String", "StringValue": "x"],
                            "count": ["DataType": "Number.int", "StringValue": "5"],
                            "raw": ["DataType": "Binary", "BinaryValue": "AAE="],
                        ],
                    ]
                ),
                try await stage.output(Self.resource, ["TargetArn": topic, "Message": ["film": "Amélie"]]),
            ]
        }
        let messages = try await stage.outbox.deliveries().map(\.message)
        #expect(messages.count == 4)
        #expect(messages[3].message.body == "hello")
        #expect(messages[3].message.subject == "Hi")
        #expect(messages[3].message.attributes == ["kind": "x", "count": "5", "raw": "AAE="])
        #expect(messages[0].message.body == #"{"film":"Amélie"}"#)
        #expect(outputs[1]["MessageId"]?.string == messages[0].id)
        #expect(outputs[1]["SdkHttpMetadata"]?["HttpStatusCode"] == 200)
        #expect(outputs[1]["SdkResponseMetadata"]?["RequestId"] == "request-1")
    }

    @Test func `a message may have another text for a protocol`() async throws {
        let stage = try stage()
        let topic = try await topic(stage)
        _ = try await stage.running {
            let texts: JSON = ["default": "short", "email": "Dear you", "http": #"{"a":1}"#]
            return try await stage.output(
                Self.resource,
                ["TopicArn": topic, "Message": .string(texts.text), "MessageStructure": "json"]
            )
        }
        let message = try #require(try await stage.outbox.deliveries().first?.message.message)
        #expect(message.body == "short")
        #expect(message.bodies["email"] == "Dear you")
        #expect(message.bodies["http"] == #"{"a":1}"#)
    }

    @Test(
        arguments: [
            (
                ["TopicArn": "arn:aws:sns:us-east-1:000000000000:none", "Message": "x"], "SNS.NotFoundException",
                "Topic does not exist (Service: AmazonSNS; Status Code: 404; Error Code: NotFound; Request ID: request-1; "
                    + "Proxy: null)"
            ),
            (
                ["Message": "x"], "SNS.InvalidParameterException",
                "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter (Service: AmazonSNS; "
                    + "Status Code: 400; Error Code: InvalidParameter; Request ID: request-1; Proxy: null)"
            ),
            (["TopicArn": "topic", "Message": "x"], "SNS.InvalidParameterException", "at least 6 elements, not 1"),
            (["TopicArn": "a:b:c:d:e:f.fifo", "Message": "x"], "SNS.InvalidParameterException", "standard topics"),
            (["PhoneNumber": "+1", "Message": "x"], "SNS.InvalidParameterException", "publish to a topic"),
            (["TopicArn": "a:b:c:d:e:f", "Message": ""], "SNS.InvalidParameterException", "Empty message"),
            (
                ["TopicArn": "a:b:c:d:e:f", "Message": "x", "Subject": ""], "SNS.InvalidParameterException",
                "parameter: Subject"
            ),
            (
                ["TopicArn": "a:b:c:d:e:f", "Message": "x", "Subject": "a\nb"], "SNS.InvalidParameterException",
                "parameter: Subject"
            ),
            (
                ["TopicArn": "a:b:c:d:e:f", "Message": "x", "MessageStructure": "json"],
                "SNS.InvalidParameterException",
                "Message Structure - JSON message body failed to parse"
            ),
            (
                ["TopicArn": "a:b:c:d:e:f", "Message": "{}", "MessageStructure": "json"],
                "SNS.InvalidParameterException",
                "Message Structure - No default entry in JSON message body"
            ),
            (
                ["TopicArn": "a:b:c:d:e:f", "Message": "x", "MessageAttributes": ["a": ["StringValue": "x"]]],
                "SNS.InvalidParameterException", "must contain non-empty message attribute type"
            ),
            (
                [
                    "TopicArn": "a:b:c:d:e:f", "Message": "x",
                    "MessageAttributes": ["a": ["DataType": "Number", "StringValue": "x"]],
                ],
                "SNS.InvalidParameterException", "Could not cast message attribute 'a' value to number."
            ),
            (["TopicArn": "a:b:c:d:e:f"], "States.Runtime", "The field 'Message' is required but was missing"),
            (
                ["TopicArn": 5, "Message": "x"], "States.Runtime",
                "The value of the field 'TopicArn' has an invalid format"
            ),
            (
                ["Topic": "a", "Message": "x"], "States.Runtime",
                #"The field "Topic" is not supported by Step Functions"#
            ),
        ] as [(JSON, String, String)]
    )
    func `what cannot be published fails in SNS's words`(parameters: JSON, error: String, cause: String) async throws {
        let stage = try stage()
        let execution = try await stage.running { try await stage.end(Self.resource, parameters) }
        #expect(execution.error == error)
        #expect(execution.cause?.contains(cause) == true, "\(execution.cause ?? "")")
    }

    @Test func `the token may be anywhere in the message, and ends the task`() async throws {
        let stage = try stage()
        let topic = try await topic(stage)
        let execution = try await stage.running {
            let changes = stage.engine.changes()
            let started = try await stage.start(
                "\(Self.resource).waitForTaskToken",
                ["TopicArn": topic, "Message": ["deep": [["token.$": "$$.Task.Token"]]]]
            )
            for await change in changes where change.lastEventID >= 5 { break }
            let body = try #require(try await stage.outbox.deliveries().first?.message.message.body)
            let token = try #require(try JSON(parsing: body)["deep"]?[0]?["token"]?.string)
            try await stage.engine.sendTaskFailure(token: token, error: "No", cause: "not today")
            return try await stage.engine.waitForEnd(of: started.arn)
        }
        #expect(execution.error == "No")
        #expect(execution.cause == "not today")
    }
}
