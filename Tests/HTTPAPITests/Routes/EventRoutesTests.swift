import FoundationEssentials
import HTTPAPI
import JSON
import Notifications
import SQLiteStore
import Testing

@Suite struct EventRoutesTests {
    let outbox: Outbox
    let table: OperationTable

    init() throws {
        let store = try SQLiteStore.inMemory()
        outbox = Outbox(store: store, now: { Date() }, newID: { UUID().uuidString })
        table = .events(EventBus(store: store, outbox: outbox, now: { Date() }, newID: { UUID().uuidString }))
    }

    private func refusal(_ operation: String, _ input: JSON) async throws -> WireError {
        try await #require(throws: OperationRefusal.self) { try await table.call(operation, input) }.error
    }

    private static let pattern: JSON = #"{"source": ["shop"]}"#
    private static let topic: JSON = "arn:aws:sns:us-east-1:000000000000:t"

    @Test func `a rule is put, described, listed, switched and deleted`() async throws {
        let arn = try await table.call(
            "PutRule",
            ["Name": "a", "EventPattern": Self.pattern, "State": "DISABLED", "Description": "d"]
        )
        #expect(arn == ["RuleArn": "arn:aws:events:us-east-1:000000000000:rule/a"])
        let rule: JSON = [
            "Name": "a", "Arn": "arn:aws:events:us-east-1:000000000000:rule/a", "EventPattern": Self.pattern,
            "State": "DISABLED", "Description": "d", "EventBusName": "default",
        ]
        #expect(try await table.call("ListRules", [:]) == ["Rules": [rule]])
        #expect(try await table.call("EnableRule", ["Name": "a", "EventBusName": "default"]) == [:])
        let described = try await table.call("DescribeRule", ["Name": "a"])
        #expect(described["State"] == "ENABLED")
        #expect(described["CreatedBy"] == "000000000000")
        #expect(try await table.call("DisableRule", ["Name": "a"]) == [:])
        #expect(try await table.call("DeleteRule", ["Name": "a"]) == [:])
        #expect(try await table.call("ListRules", [:]) == ["Rules": []])
    }

    @Test func `targets are put, listed and removed`() async throws {
        _ = try await table.call("PutRule", ["Name": "a", "EventPattern": Self.pattern])
        let targets: JSON = [
            ["Id": "1", "Arn": Self.topic],
            ["Id": "2", "Arn": Self.topic, "InputTransformer": ["InputTemplate": "\"x\""]],
        ]
        let none: JSON = ["FailedEntryCount": 0, "FailedEntries": []]
        #expect(try await table.call("PutTargets", ["Rule": "a", "Targets": targets]) == none)
        #expect(try await table.call("ListTargetsByRule", ["Rule": "a"]) == ["Targets": targets])
        let page = try await table.call("ListTargetsByRule", ["Rule": "a", "Limit": 1])
        let token = try #require(page["NextToken"])
        let rest = try await table.call("ListTargetsByRule", ["Rule": "a", "Limit": 1, "NextToken": token])
        #expect(rest["Targets"]?[0]?["Id"] == "2")
        #expect(rest["NextToken"] == nil)
        #expect(try await table.call("RemoveTargets", ["Rule": "a", "Ids": ["1", "2"]]) == none)
        #expect(try await table.call("ListTargetsByRule", ["Rule": "a"]) == ["Targets": []])
    }

    @Test func `events are put and patterns are tried`() async throws {
        let answer = try await table.call(
            "PutEvents",
            ["Entries": [["Source": "shop", "DetailType": "Order", "Detail": "{}", "Time": 1_700_000_000]]]
        )
        #expect(answer["FailedEntryCount"] == 0)
        #expect(answer["Entries"]?[0]?["EventId"]?.string?.isEmpty == false)
        for (event, result) in [(#"{"source": "shop"}"#, true), (#"{"source": "bank"}"#, false)] as [(JSON, Bool)] {
            let answer = try await table.call("TestEventPattern", ["EventPattern": Self.pattern, "Event": event])
            #expect(answer == ["Result": .bool(result)])
        }
    }

    @Test(
        arguments: [
            ("PutRule", ["Name": "a"], "ValidationException", "EventPattern or ScheduleExpression must be specified"),
            (
                "PutRule", ["Name": "a", "ScheduleExpression": "rate(1 day)"], "ValidationException",
                "schedules are kept by the scheduler"
            ),
            ("PutRule", ["Name": "a", "EventPattern": "{}"], "InvalidEventPatternException", "Empty objects"),
            ("PutRule", ["Name": "a b", "EventPattern": Self.pattern], "ValidationException", "'a b' at 'name'"),
            (
                "PutRule", ["Name": "a", "EventPattern": Self.pattern, "EventBusName": "other"],
                "ResourceNotFoundException", "Event bus other does not exist."
            ),
            (
                "PutRule", ["Name": "a", "EventPattern": Self.pattern, "State": "ON"], "ValidationException",
                "enum value set"
            ),
            ("DescribeRule", ["Name": "a"], "ResourceNotFoundException", "Rule a does not exist on EventBus default."),
            ("EnableRule", ["Name": "a"], "ResourceNotFoundException", "Rule a does not exist on EventBus default."),
            (
                "PutTargets", ["Rule": "a", "Targets": [["Id": "1", "Arn": "x"]]], "ResourceNotFoundException", "Rule a"
            ),
            ("PutTargets", ["Rule": "a"], "ValidationException", "'targets' failed to satisfy constraint"),
            (
                "PutTargets", ["Rule": "a", "Targets": [["Id": "1", "Arn": "x", "Input": "1", "InputPath": "$"]]],
                "ValidationException", "Only one of Input, InputPath, or InputTransformer"
            ),
            ("ListRules", ["NextToken": "nonsense"], "ValidationException", "NextToken"),
            (
                "TestEventPattern", ["EventPattern": Self.pattern, "Event": "["], "ValidationException",
                "Parameter Event"
            ),
            ("PutEvents", [:], "ValidationException", "'entries'"),
        ] as [(String, JSON, String, String)]
    )
    func `what cannot be done is refused`(
        operation: String,
        input: JSON,
        code: String,
        message: String
    ) async throws {
        let refusal = try await refusal(operation, input)
        #expect(refusal.code == code)
        #expect(refusal.message.contains(message), "\(refusal.message)")
    }

    @Test func `topics are made with those who listen`() async throws {
        var table = OperationTable(service: "Millrace", protocol: .json11)
        table.addNotifications(outbox)
        let put = try await table.call(
            "PutTopic",
            ["name": "t", "webhooks": ["http://localhost/x"], "mails": ["you@localhost"]]
        )
        #expect(put["topicArn"] == Self.topic)
        #expect(try await table.call("PutTopic", ["name": "t"]) == put)
        let topics = try await table.call("ListTopics", [:])
        #expect(
            topics["topics"] == [
                ["topicArn": Self.topic, "endpoints": ["webhook http://localhost/x", "maildir you@localhost"]]
            ]
        )
    }
}
