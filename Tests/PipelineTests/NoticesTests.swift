import DurableExecution
import FoundationEssentials
import JSON
import Notifications
import SQLiteStore
import StatesLanguage
import TestSupport
import Testing

@testable import Pipeline

/// Keeps an outbox in a store, but for the time that the disk is full.
private struct UnsteadyStore: NotificationStore {
    struct DiskFull: Error {}

    let store: SQLiteStore
    let isFull: Locked<Bool>

    func publish(_ message: PublishedMessage, newID: @escaping @Sendable () -> String) async throws -> String? {
        if isFull.withLock({ $0 }) { throw DiskFull() }
        return try await store.publish(message, newID: newID)
    }

    func createTopic(_ topic: Topic) async throws -> Topic { try await store.createTopic(topic) }
    func topic(_ arn: String) async throws -> Topic? { try await store.topic(arn) }
    func topics() async throws -> [Topic] { try await store.topics() }
    func deleteTopic(_ arn: String) async throws { try await store.deleteTopic(arn) }
    func attributes(ofTopic arn: String) async throws -> [String: String] { try await store.attributes(ofTopic: arn) }
    func setAttributes(_ attributes: [String: String], ofTopic arn: String) async throws {
        try await store.setAttributes(attributes, ofTopic: arn)
    }
    func subscriptions(of topic: String) async throws -> [Subscription] { try await store.subscriptions(of: topic) }
    func subscribe(_ subscription: Subscription) async throws -> Subscription {
        try await store.subscribe(subscription)
    }
    func unsubscribe(_ arn: String) async throws { try await store.unsubscribe(arn) }
    func setSubscriptions(_ subscriptions: [Subscription], of topic: String) async throws {
        try await store.setSubscriptions(subscriptions, of: topic)
    }
    func delivery(_ id: Delivery.ID) async throws -> Delivery? { try await store.delivery(id) }
    func deliveries(_ filter: DeliveryFilter) async throws -> [Delivery] { try await store.deliveries(filter) }
    func deliveryCounts() async throws -> [Delivery.Status: Int] { try await store.deliveryCounts() }
    func dueDeliveries(at now: Date, perEndpoint limit: Int) async throws -> [Delivery] {
        try await store.dueDeliveries(at: now, perEndpoint: limit)
    }
    func nextDeliveryDate(after date: Date) async throws -> Date? { try await store.nextDeliveryDate(after: date) }
    func gatherDigests(
        at now: Date,
        newID: @escaping @Sendable () -> String,
        gather: @escaping @Sendable ([PublishedMessage]) -> (message: Message, count: Int)
    ) async throws {
        try await store.gatherDigests(at: now, newID: newID, gather: gather)
    }
    func recordAttempt(_ outcome: AttemptOutcome, of id: Delivery.ID, at date: Date) async throws {
        try await store.recordAttempt(outcome, of: id, at: date)
    }
    func resend(_ id: Delivery.ID, at date: Date) async throws -> Bool { try await store.resend(id, at: date) }
    func pruneDeliveries(sentBefore date: Date) async throws -> Int {
        try await store.pruneDeliveries(sentBefore: date)
    }
}

@Suite(.timeLimit(.minutes(5))) struct NoticesTests {
    private let stage: PipelineStage

    init() throws { stage = try PipelineStage() }

    private func work(_ more: JSONObject = ["End": true]) -> JSON {
        var state: JSON = ["Type": "Task", "Resource": "arn:aws:states:::millrace:work"]
        for (key, value) in more { state[key] = value }
        return state
    }

    private func tell(_ outcome: String, next: String) -> JSON {
        let failure: JSON = ["DataType": "String", "StringValue.$": "States.JsonToString($.failure)"]
        var attributes: JSON = ["Outcome": ["DataType": "String", "StringValue": .string(outcome)]]
        if outcome == "FAILED" { attributes["Failure"] = failure }
        return [
            "Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Next": .string(next), "ResultPath": "$.notice",
            "Parameters": [
                "TopicArn.$": "$.topicArn", "Subject": "News", "Message": "In the definition's words.",
                "MessageAttributes": attributes,
            ],
        ]
    }

    /// Works, and tells how it ended.
    private var talkative: JSON {
        [
            "StartAt": "Work",
            "States": [
                "Work": work([
                    "Next": "Tell", "ResultPath": "$.work",
                    "Catch": [["ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "Tell Failure"]],
                ]),
                "Tell": tell("SUCCEEDED", next: "Done"), "Done": ["Type": "Succeed"],
                "Tell Failure": tell("FAILED", next: "Failed"),
                "Failed": ["Type": "Fail", "ErrorPath": "$.failure.Error", "CausePath": "$.failure.Cause"],
            ],
        ]
    }

    private func topic() async throws -> String { try await stage.notices.topic(of: "shop", for: []) }

    @Test func `a success that definition and engine tell is told once`() async throws {
        try await stage.running(.notifier) {
            let execution = try await stage.start(talkative, topic: topic())
            #expect(try await stage.engine.waitForEnd(of: execution.arn).status == .succeeded)
            await stage.publications(2)
            let messages = try await stage.messages()
            #expect(messages.map(\.subject) == ["News (shop)"])
            #expect(messages.first?.body.hasPrefix("In the definition's words.\n\nExecution:     run\n") == true)
            #expect(messages.first?.payload?["type"] == "execution.succeeded")
            #expect(messages.first?.payload?["datasetGroup"] == "shop")
        }
    }

    @Test func `a failure that the definition tells has the state, Error and Cause in text and payload`() async throws {
        stage.failures.withLock { $0 = [StatesError(name: "Broken", cause: "a tooth is gone")] }
        try await stage.running(.notifier) {
            let execution = try await stage.start(talkative, topic: topic())
            #expect(try await stage.engine.waitForEnd(of: execution.arn).status == .failed)
            await stage.publications(2)
            let messages = try await stage.messages()
            #expect(messages.count == 1)
            let payload = messages.first?.payload
            #expect(payload?["status"] == "FAILED")
            #expect(payload?["state"] == "Work")
            #expect(payload?["error"] == "Broken")
            #expect(payload?["cause"] == "a tooth is gone")
            #expect(payload?["message"] == "In the definition's words.")
            for line in ["State:         Work", "Error:         Broken", "Cause:         a tooth is gone"] {
                #expect(messages.first?.body.contains(line) == true)
            }
        }
    }

    @Test func `a failure that only the engine tells has them too`() async throws {
        stage.failures.withLock { $0 = [StatesError(name: "Broken", cause: "a tooth is gone")] }
        try await stage.running(.notifier) {
            let machine: JSON = ["StartAt": "Work", "States": ["Work": work()]]
            let execution = try await stage.start(machine, topic: topic())
            await stage.publications(1)
            let message = try await stage.messages().first
            #expect(message?.subject == "Millrace: \"shop\" failed")
            #expect(message?.payload?["state"] == "Work")
            #expect(message?.payload?["error"] == "Broken")
            #expect(message?.payload?["cause"] == "a tooth is gone")
            #expect(message?.body.contains("Go on:     millrace executions redrive run\n") == true)
            #expect(message?.payload?["executionArn"] == .string(execution.arn))
        }
    }

    @Test func `a failure that no Catch can reach is told`() async throws {
        try await stage.running(.notifier) {
            let machine: JSON = [
                "StartAt": "Each",
                "States": [
                    "Each": [
                        "Type": "Map", "ItemsPath": "$.nothing", "End": true,
                        "ItemProcessor": ["StartAt": "Work", "States": ["Work": work()]],
                        "Catch": [["ErrorEquals": ["States.ALL"], "Next": "Caught"]],
                    ], "Caught": ["Type": "Succeed"],
                ],
            ]
            _ = try await stage.start(machine, topic: topic())
            await stage.publications(1)
            let payload = try await stage.messages().first?.payload
            #expect(payload?["status"] == "FAILED")
            #expect(payload?["state"] == "Each")
            #expect(payload?["error"] == "States.Runtime")
        }
    }

    private let waiting: JSON = [
        "StartAt": "Idle", "TimeoutSeconds": 60,
        "States": ["Idle": ["Type": "Wait", "Seconds": 3600, "End": true]],
    ]

    @Test func `a run that is stopped is told, with who says so`() async throws {
        try await stage.running(.notifier) {
            let execution = try await stage.start(waiting, topic: topic())
            _ = try await stage.engine.stopExecution(execution.arn, error: "Holiday", cause: "nobody is here")
            await stage.publications(1)
            let message = try await stage.messages().first
            #expect(message?.subject == "Millrace: \"shop\" was stopped")
            #expect(message?.payload?["type"] == "execution.aborted")
            #expect(message?.payload?["state"] == "Idle")
            #expect(message?.payload?["error"] == "Holiday")
            #expect(message?.payload?["cause"] == "nobody is here")
        }
    }

    @Test func `a run that takes too long is told`() async throws {
        try await stage.running(.notifier) {
            _ = try await stage.start(waiting, topic: topic())
            stage.clock.advance(by: .seconds(61))
            await stage.publications(1)
            let message = try await stage.messages().first
            #expect(message?.subject == "Millrace: \"shop\" timed out")
            #expect(message?.payload?["type"] == "execution.timed_out")
            #expect(message?.payload?["error"] == "States.Timeout")
            #expect(message?.payload?["state"] == "Idle")
        }
    }

    @Test func `a failure, and the success after its redrive, are two notices`() async throws {
        stage.failures.withLock { $0 = [StatesError(name: "Broken")] }
        try await stage.running(.notifier) {
            let machine: JSON = ["StartAt": "Work", "States": ["Work": work()]]
            let execution = try await stage.start(machine, topic: topic())
            await stage.publications(1)
            _ = try await stage.engine.redriveExecution(execution.arn)
            await stage.publications(1)
            let messages = try await stage.messages()
            #expect(messages.map { $0.payload?["status"] } == ["FAILED", "SUCCEEDED"])
            #expect(messages.map { $0.payload?["redriveCount"] } == [0, 1])
            #expect(Set(messages.map(\.deduplicationKey)).count == 2)
        }
    }

    @Test func `an outcome whose topic is gone does not hold up the others`() async throws {
        try await stage.running {
            let machine: JSON = ["StartAt": "End", "States": ["End": ["Type": "Succeed"]]]
            let lost = try await stage.start(machine, topic: "arn:aws:sns:us-east-1:000000000000:gone")
            _ = try await stage.engine.waitForEnd(of: lost.arn)
            let told = try await stage.start(machine, topic: topic())
            _ = try await stage.engine.waitForEnd(of: told.arn)
        }
        try await stage.running(.notifier) {
            await stage.publications(1)
            let messages = try await stage.messages()
            #expect(messages.count == 1)
        }
    }

    @Test func `an outcome that the store could not take is told when it can`() async throws {
        let isFull = Locked(false)
        let stage = try PipelineStage { UnsteadyStore(store: $0, isFull: isFull) }
        let topic = try await stage.notices.topic(of: "shop", for: [])
        try await stage.running {
            let machine: JSON = ["StartAt": "End", "States": ["End": ["Type": "Succeed"]]]
            let execution = try await stage.start(machine, topic: topic)
            _ = try await stage.engine.waitForEnd(of: execution.arn)
        }
        isFull.withLock { $0 = true }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await stage.notifier.run() }
            await stage.clock.sleepers(atLeast: 1)
            let early = try await stage.messages()
            #expect(early.isEmpty)
            isFull.withLock { $0 = false }
            stage.clock.advance(by: .seconds(1))
            await stage.publications(1)
            let messages = try await stage.messages()
            #expect(messages.count == 1)
            group.cancelAll()
        }
    }

    @Test func `the operator hears where a configuration names nobody`() async throws {
        let arn = try await topic()
        #expect(try await stage.outbox.subscriptions(of: arn).map(\.endpoint) == [.maildir("operator@localhost")])
        _ = try await stage.notices.topic(of: "shop", for: [.webhook("https://example.org"), .mail("me@example.org")])
        let endpoints: [Endpoint] = [.webhook("https://example.org"), .maildir("me@example.org")]
        #expect(Set(try await stage.outbox.subscriptions(of: arn).map(\.endpoint)) == Set(endpoints))
        #expect(try await stage.notices.topic(of: "shop", for: nil) == arn)
        #expect(try await stage.outbox.subscriptions(of: arn).count == 2)
    }

    @Test func `a run of a configuration of AWS's own successor is told in its words`() throws {
        var notice = OutcomeNotice(
            executionARN: "arn",
            stateMachine: "deploy",
            name: "run",
            redriveCount: 0,
            status: .succeeded
        )
        notice.datasetGroup = "shop"
        #expect(notice.maintenance == nil)
        notice.isMaintained = true
        let update = notice.payload(nil, subject: "x")["update"]
        #expect(update?["datasetGroup"] == "shop")
        #expect(update?["status"] == "UPDATE COMPLETE")
        #expect(update?["summary"] == "The personalization workflow for shop completed successfully")
        let text = try #require(update?["description"]?.string)
        #expect(text.hasPrefix("The Personalization job for dataset group shop is complete\n\nLink: "))
        #expect(notice.text(text).hasPrefix(text))
        notice = OutcomeNotice(
            executionARN: "arn",
            stateMachine: "deploy",
            name: "run",
            redriveCount: 0,
            status: .failed,
            error: "ImportFailed",
            cause: "line 3",
            datasetGroup: "shop",
            isMaintained: true
        )
        let failed = notice.payload(nil, subject: "x")["update"]
        #expect(failed?["status"] == "UPDATE FAILED")
        #expect(failed?["summary"] == "The personalization workflow for shop completed with errors")
        #expect(
            failed?["description"]?.string == """
                There was an error running the personalization job for dataset group shop

                Message: ImportFailed: line 3

                Traces: millrace executions history run
                """
        )
    }

    @Test func `a cause of any length is told`() throws {
        let long = String(repeating: "ä\u{1}", count: 200_000)
        var notice = OutcomeNotice(
            executionARN: "arn",
            stateMachine: "deploy",
            name: "run",
            redriveCount: 0,
            status: .failed
        )
        notice.cause = long
        let size = notice.text(long).utf8.count + notice.payload(long, subject: "x").text.utf8.count
        #expect(size < Message.maximumSize)
        #expect(notice.payload(nil, subject: "x")["cause"]?.string?.hasSuffix("more bytes)") == true)
    }
}
