import Foundation
import JSON
import SQLiteStore
import TestSupport
import Testing

@testable import Notifications

@Suite("Digests", .timeLimit(.minutes(5))) struct DigestTests {
    private let hour = 3600

    private func topic(_ mailroom: Mailroom, _ listeners: Listener...) async throws -> String {
        let arn = try await mailroom.outbox.createTopic("done").arn
        try await mailroom.outbox.setListeners(listeners, of: arn)
        return arn
    }

    @Test func `notices of an interval come as one, an interval after the first`() async throws {
        let mailroom = try Mailroom()
        try await Receiver.serve { receiver in
            let topic = try await topic(mailroom, Listener(receiver.endpoint("/digest"), digestSeconds: hour))
            try await mailroom.dispatch { outcomes in
                for number in 1...3 {
                    let message = Message(
                        subject: "Run \(number)",
                        body: "Body \(number)",
                        payload: ["type": "execution.succeeded", "n": JSON(number)]
                    )
                    try await mailroom.outbox.publish(message, to: topic)
                    mailroom.clock.advance(by: .seconds(600))
                }
                #expect(try await mailroom.outbox.deliveries().isEmpty)
                await mailroom.clock.sleepers(atLeast: 2)
                mailroom.clock.advance(by: .seconds(1800))
                let request = try #require(await receiver.next())
                #expect(await outcomes.next() == .sent)
                let json = try #require(request.json)
                #expect(json["type"] == "digest")
                #expect(json["subject"] == "Millrace: 3 notices")
                let notices = json["data"]?["notices"]?.array ?? []
                #expect(notices.map { $0["subject"]?.string } == ["Run 1", "Run 2", "Run 3"])
                #expect(notices.map { $0["data"]?["n"]?.int } == [1, 2, 3])
                let text = try #require(json["message"]?.string)
                #expect(text.hasPrefix("1. Run 1\n2. Run 2\n3. Run 3\n"))
                #expect(text.contains("Body 2"))
                // The next begins anew.
                try await mailroom.outbox.publish(Message(subject: "Run 4", body: "x"), to: topic)
                #expect(
                    try await mailroom.store.nextDeliveryDate(after: mailroom.clock.date)
                        == mailroom.clock.date.addingTimeInterval(3600)
                )
            }
        }
    }

    @Test func `what waits for a digest is sent though nothing ran when it was due, and its subscription is gone`()
        async throws
    {
        let mailroom = try Mailroom()
        let topic = try await topic(mailroom, Listener(.maildir("a@example.org"), digestSeconds: hour))
        try await mailroom.outbox.publish(Message(subject: "One", body: "x"), to: topic)
        try await mailroom.outbox.publish(Message(subject: "Two", body: "x"), to: topic)
        try await mailroom.outbox.deleteTopic(topic)
        mailroom.clock.advance(by: .seconds(86_400))
        try await mailroom.dispatch { outcomes in #expect(await outcomes.next() == .sent) }
        let mail = try #require(try await Python.read(mailroom.directory.file("mail")).first)
        #expect(mail["headers"]?["Subject"] == "Millrace: 2 notices")
        #expect(try await mailroom.outbox.deliveryCounts() == [.sent: 1])
    }

    @Test func `what waits is not pruned, and doubles are dropped there too`() async throws {
        let mailroom = try Mailroom()
        let listeners = [Listener(.maildir("a@example.org"), digestSeconds: 30 * 86_400)]
        let topic = try await mailroom.outbox.createTopic("done").arn
        try await mailroom.outbox.setListeners(listeners, of: topic)
        for _ in 1...2 {
            try await mailroom.outbox.publish(Message(subject: "One", body: "x", deduplicationKey: "k"), to: topic)
        }
        mailroom.clock.advance(by: .seconds(31 * 86_400))
        try await mailroom.store.pruneDeliveries(sentBefore: mailroom.clock.date)
        try await mailroom.dispatch { outcomes in #expect(await outcomes.next() == .sent) }
        let mail = try #require(try await Python.read(mailroom.directory.file("mail")).first)
        #expect(mail["headers"]?["Subject"] == "Millrace: 1 notice")
    }

    @Test func `more than one message can hold becomes several, and none is lost`() async throws {
        let mailroom = try Mailroom()
        let topic = try await topic(mailroom, Listener(.maildir("a@example.org"), digestSeconds: 60))
        for number in 1...5 {
            let body = "\(number)" + String(repeating: "x", count: 60_000)
            try await mailroom.outbox.publish(Message(subject: "Run \(number)", body: body), to: topic)
        }
        mailroom.clock.advance(by: .seconds(60))
        try await mailroom.store.gatherDigests(
            at: mailroom.clock.date,
            newID: { UUID().uuidString },
            gather: Digest.gather
        )
        let digests = try await mailroom.outbox.deliveries().map(\.message.message).reversed()
        #expect(digests.count == 5)
        for (number, digest) in zip(1..., digests) {
            #expect(digest.body.contains("Run \(number)\n"))
            #expect(throws: Never.self) { try digest.validate() }
        }
    }

    @Test func `a listener's digest can be changed, and his subscription stays`() async throws {
        let mailroom = try Mailroom()
        let endpoint = Endpoint.maildir("a@example.org")
        let topic = try await topic(mailroom, Listener(endpoint, digestSeconds: hour))
        let first = try #require(try await mailroom.outbox.subscriptions(of: topic).first)
        #expect(first.digestSeconds == hour)
        try await mailroom.outbox.setListeners([Listener(endpoint)], of: topic)
        let second = try #require(try await mailroom.outbox.subscriptions(of: topic).first)
        #expect(second.arn == first.arn)
        #expect(second.digestSeconds == nil)
    }

    @Test(arguments: [0, 59, 30 * 86_400 + 1]) func `an interval beyond reason is refused`(seconds: Int) async throws {
        let mailroom = try Mailroom()
        let error = await #expect(throws: NotificationError.self) {
            try await topic(mailroom, Listener(.maildir("a@example.org"), digestSeconds: seconds))
        }
        #expect(error?.message == "digest of \(seconds) seconds must be from a minute to 30 days")
    }
}
