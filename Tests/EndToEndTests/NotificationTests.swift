import Foundation
import HTTPAPI
import JSON
import Logging
import Notifications
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

/// Notices at a real receiver.
@Suite struct NotificationTests {
    @Test func `success and abort reach a webhook, signed, each once`() async throws {
        let receiver = Receiver()
        try await receiver.run { url in
            let stage = try await Stage()
            let client = stage.service.client
            let more = #", "notifications": [{"webhook": "\#(url)"}, {"mail": "ops@example.com"}]"#
            try stage.directory.write(Example.oneSolution(more: more), to: "films/params.json")
            let execution = try await client.ended(1)[0]
            #expect(execution["status"] == "SUCCEEDED", "\(execution)")
            var iterator = receiver.requests.makeAsyncIterator()
            let first = try #require(await iterator.next())
            let secret = try WebhookSecret(
                parsing: String(contentsOfFile: "\(stage.home)/webhook-secret", encoding: .utf8)
                    .trimmingCharacters(in: .whitespacesAndNewlines)
            )
            #expect(
                first.signature == secret.signature(id: first.id, timestamp: first.timestamp, body: first.body)
            )
            let message = try JSON(parsing: first.body)
            #expect(message["data"]?["status"] == "SUCCEEDED", "\(message)")
            #expect(message["data"]?["executionArn"] == execution["executionArn"])

            // A run that waits for long, stopped by hand.
            let waiting = try await startWaiting(client, topic: "arn:aws:sns:us-east-1:000000000000:millrace-small")
            _ = try await client.call("AWSStepFunctions", "StopExecution", ["executionArn": waiting])
            let second = try #require(await iterator.next())
            let abort = try JSON(parsing: second.body)
            #expect(abort["data"]?["status"] == "ABORTED", "\(abort)")
            #expect(abort["data"]?["executionArn"] == waiting)
            #expect(first.id != second.id)

            let mails = try await client.until("two mails") { () -> [JSON]? in
                let mails = try readMails(in: stage.home)
                return mails.count >= 2 ? mails : nil
            }
            #expect(mails.count == 2)
            #expect(mails.allSatisfy { $0["to"] == "ops@example.com" && $0["defects"] == [] }, "\(mails)")
        }
    }

    private func startWaiting(_ client: Client, topic: String) async throws -> JSON {
        let machine = try await client.call(
            "AWSStepFunctions",
            "CreateStateMachine",
            [
                "name": "patient", "roleArn": "arn:aws:iam::000000000000:role/any",
                "definition": #"{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 86400, "End": true}}}"#,
            ]
        )
        let started = try await client.call(
            "AWSStepFunctions",
            "StartExecution",
            ["stateMachineArn": machine["stateMachineArn"] ?? .null, "input": .string(#"{"topicArn": "\#(topic)"}"#)]
        )
        return started["executionArn"] ?? .null
    }
}

/// A real HTTP server that takes webhooks.
final class Receiver: Sendable {
    struct Request: Sendable {
        let id: String
        let timestamp: Int
        let signature: String
        let body: [UInt8]
    }

    let requests: AsyncStream<Request>
    private let received: AsyncStream<Request>.Continuation

    init() {
        (requests, received) = AsyncStream.makeStream()
    }

    func run(_ body: @Sendable (String) async throws -> Void) async throws {
        let received = received
        try await HTTPPeer.serve { request in
            received.yield(
                Request(
                    id: request.headers["webhook-id"] ?? "",
                    timestamp: Int(request.headers["webhook-timestamp"] ?? "") ?? 0,
                    signature: request.headers["webhook-signature"] ?? "",
                    body: request.body
                )
            )
            return HTTPPeer.Answer(204)
        } _: { peer in
            try await body(peer.url("/hook"))
        }
    }
}
