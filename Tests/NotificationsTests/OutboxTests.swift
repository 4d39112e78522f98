import Foundation
import JSON
import SQLiteStore
import TestSupport
import Testing

@testable import Notifications

@Suite("Outbox") struct OutboxTests {
    let mailroom: Mailroom

    init() throws { mailroom = try Mailroom() }

    @Test func `a topic is made once`() async throws {
        let first = try await mailroom.outbox.createTopic("films")
        mailroom.clock.advance(by: .seconds(5))
        #expect(try await mailroom.outbox.createTopic("films") == first)
        #expect(first.arn == "arn:aws:sns:us-east-1:000000000000:films")
        #expect(first.name == "films")
        try await mailroom.outbox.createTopic("Books_2-x")
        #expect(try await mailroom.outbox.topics().map(\.name) == ["Books_2-x", "films"])
    }

    @Test(arguments: ["", "a b", "ä", "a/b", "a.fifo", String(repeating: "x", count: 257)])
    func `a topic's name is checked`(name: String) async {
        let error = await #expect(throws: NotificationError.self) { try await mailroom.outbox.createTopic(name) }
        #expect(error?.code == .invalidParameter)
    }

    @Test func `an endpoint is subscribed once, and set endpoints replace others`() async throws {
        let arn = try await mailroom.topic()
        let hook = Endpoint.webhook("https://example.org/hook")
        let first = try await mailroom.outbox.subscribe(hook, to: arn)
        #expect(try await mailroom.outbox.subscribe(hook, to: arn) == first)
        #expect(first.arn.hasPrefix("\(arn):"))
        try await mailroom.outbox.setEndpoints([.maildir("a@example.org"), hook, hook], of: arn)
        let subscriptions = try await mailroom.outbox.subscriptions(of: arn)
        #expect(subscriptions.map(\.endpoint) == [hook, .maildir("a@example.org")])
        #expect(subscriptions.first == first)
        try await mailroom.outbox.unsubscribe(first.arn)
        #expect(try await mailroom.outbox.subscriptions(of: arn).map(\.endpoint) == [.maildir("a@example.org")])
        try await mailroom.outbox.deleteTopic(arn)
        #expect(try await mailroom.outbox.subscriptions(of: arn).isEmpty)
        #expect(try await mailroom.outbox.topics().isEmpty)
    }

    @Test func `nothing can be published or subscribed to a topic that is not there`() async throws {
        let arn = "arn:aws:sns:us-east-1:000000000000:none"
        let expected = NotificationError(.notFound, "topic \"\(arn)\" does not exist; create it first")
        await #expect(throws: expected) { try await mailroom.outbox.publish(Message(body: "x"), to: arn) }
        await #expect(throws: expected) { try await mailroom.outbox.subscribe(.maildir("a@b.org"), to: arn) }
        await #expect(throws: expected) { try await mailroom.outbox.setEndpoints([], of: arn) }
        await #expect(throws: NotificationError.self) { try await mailroom.outbox.resend("none") }
    }

    @Test func `a message waits for each subscription, and its double for none`() async throws {
        let arn = try await mailroom.topic("done", .maildir("a@example.org"), .sendmail("b@example.org"))
        let other = try await mailroom.topic("other", .maildir("a@example.org"))
        let message = Message(subject: "S", body: "B", payload: [1], attributes: ["k": "v"], deduplicationKey: "run 1")
        let id = try await mailroom.outbox.publish(message, to: arn)
        #expect(try await mailroom.outbox.publish(message, to: arn) == id)
        #expect(try await mailroom.outbox.publish(message, to: other) != id)
        let deliveries = try await mailroom.outbox.deliveries(DeliveryFilter(messageID: id))
        #expect(deliveries.map(\.endpoint) == [.sendmail("b@example.org"), .maildir("a@example.org")])
        #expect(deliveries.allSatisfy { $0.message.message == message && $0.status == .pending && $0.attempts == 0 })
        #expect(try await mailroom.outbox.deliveries(DeliveryFilter(topicARN: other)).count == 1)
        #expect(try await mailroom.outbox.deliveries(DeliveryFilter(limit: 2)).count == 2)
        #expect(try await mailroom.outbox.deliveries(DeliveryFilter(status: .sent)).isEmpty)
        // Without a key there are no doubles.
        try await mailroom.outbox.publish(Message(body: "B"), to: other)
        try await mailroom.outbox.publish(Message(body: "B"), to: other)
        #expect(try await mailroom.outbox.deliveryCounts() == [.pending: 5])
    }

    @Test func `what was published is sent though its subscription is gone`() async throws {
        let arn = try await mailroom.topic("done", .maildir("a@example.org"))
        try await mailroom.outbox.publish(Message(body: "x"), to: arn)
        try await mailroom.outbox.deleteTopic(arn)
        try await mailroom.dispatch { outcomes in #expect(await outcomes.next() == .sent) }
    }

    @Test func `what waited while nothing ran is sent at the start`() async throws {
        let arn = try await mailroom.topic("done", .maildir("a@example.org"))
        for number in 1...10 { try await mailroom.outbox.publish(Message(body: "\(number)"), to: arn) }
        try await mailroom.dispatch { outcomes in
            for _ in 1...10 { #expect(await outcomes.next() == .sent) }
        }
        #expect(try await mailroom.outbox.deliveryCounts() == [.sent: 10])
    }

    @Test func `a message may have 256 KiB`() async throws {
        let arn = try await mailroom.topic()
        let body = String(repeating: "x", count: Message.maximumSize)
        try await mailroom.outbox.publish(Message(body: body), to: arn)
        await #expect(throws: NotificationError.self) {
            try await mailroom.outbox.publish(Message(subject: "s", body: body), to: arn)
        }
    }

    @Test func `what was sent long ago is pruned, what is parked stays`() async throws {
        let store = mailroom.store
        let arn = try await mailroom.topic("done", .maildir("a@example.org"), .maildir("b@example.org"))
        try await mailroom.outbox.publish(Message(body: "x", deduplicationKey: "k"), to: arn)
        let ids = try await mailroom.outbox.deliveries().map(\.id)
        try await store.recordAttempt(.sent, of: ids[0], at: mailroom.clock.date)
        try await store.recordAttempt(.parked(error: "e"), of: ids[1], at: mailroom.clock.date)
        #expect(try await store.pruneDeliveries(sentBefore: mailroom.clock.date) == 0)
        let later = mailroom.clock.date.addingTimeInterval(1)
        #expect(try await store.pruneDeliveries(sentBefore: later) == 1)
        #expect(try await mailroom.outbox.deliveries().map(\.id) == [ids[1]])
        try await store.recordAttempt(.sent, of: ids[1], at: mailroom.clock.date)
        try await store.pruneDeliveries(sentBefore: later)
        // The message is gone with its last delivery, so the key is free again.
        try await mailroom.outbox.publish(Message(body: "x", deduplicationKey: "k"), to: arn)
        #expect(try await mailroom.outbox.deliveryCounts() == [.pending: 2])
    }

    @Test func `delays grow threefold, spread, and end at a day`() {
        let configuration = Dispatcher.Configuration(maildir: "/x")
        let delays = (1...9).map { configuration.delay(afterAttempts: $0, random: 0.5, retryAfter: nil) }
        #expect(delays.prefix(4) == [.seconds(10), .seconds(30), .seconds(90), .seconds(270)])
        #expect((.seconds(24 * 3600)...(.seconds(30 * 3600))).contains(delays.reduce(.zero, +)))
        #expect(configuration.delay(afterAttempts: 1, random: 0, retryAfter: nil) == .seconds(9))
        #expect(configuration.delay(afterAttempts: 1, random: 1, retryAfter: nil) == .seconds(11))
        #expect(configuration.delay(afterAttempts: 60, random: 1, retryAfter: nil) == .seconds(24 * 3600))
        #expect(
            configuration.delay(afterAttempts: 1, random: 0, retryAfter: .seconds(1_000_000)) == .seconds(24 * 3600)
        )
    }
}

@Suite("Endpoint") struct EndpointTests {
    @Test(arguments: [
        "https://example.org", "http://127.0.0.1:8080/a/b?c=d", "HTTPS://Example.ORG/x", "http://[::1]:80/",
        "http://h/%20",
    ])
    func `a URL of the web is a webhook`(url: String) throws {
        #expect(try Endpoint(.webhook, url).destination == url)
    }

    @Test(arguments: [
        "", "example.org", "ftp://example.org", "file:///etc/passwd", "https://", "https:///path", "http://a b",
        "http://h:0",
        "http://h:70000", "http://h/\r\nX: y", "javascript:alert(1)", "mailto:a@b.org", "http://ö.org",
    ])
    func `anything else is refused, with its text`(url: String) {
        let error = #expect(throws: NotificationError.self) { try Endpoint(.webhook, url) }
        #expect(error?.code == .invalidParameter)
        #expect(error?.message.hasPrefix("webhook \"") == true)
    }

    @Test(arguments: ["a@b.org", "first.last+tag@mail.example.co.uk", "root@localhost", "o'neil@example.org"])
    func `an address is an address`(address: String) throws {
        #expect(try Endpoint(.maildir, address) == .maildir(address))
        #expect(try Endpoint(.sendmail, address) == .sendmail(address))
    }

    @Test(arguments: [
        "", "a", "@b.org", "a@", "a@b@c.org", "a b@c.org", "a@b.org\nBcc: c@d.org", "a@b.org\r\n", "<a@b.org>",
        "a@b..org",
        ".a@b.org", "-oQ/tmp@b.org", "a,b@c.org", "ä@b.org", "a@-b.org", "a@b.org,c@d.org", "\"a\"@b.org",
        String(repeating: "a", count: 65) + "@b.org",
    ])
    func `anything else is no address`(address: String) {
        let error = #expect(throws: NotificationError.self) { try Endpoint(.maildir, address) }
        #expect(error?.code == .invalidParameter)
        #expect(error?.message.contains("\n") == false)
    }

    @Test func `a webhook is described without what is secret in it`() throws {
        let endpoint = try Endpoint(.webhook, "https://user:word@example.org/hook?key=1")
        #expect(endpoint.description == "webhook https://example.org/hook")
    }
}

@Suite("WebhookSecret") struct WebhookSecretTests {
    @Test func `a home's secret is made once, for its owner alone`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("webhook-secret")
        let first = try WebhookSecret.load(orCreateAt: path) { Array(repeating: 7, count: $0) }
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        let second = try WebhookSecret.load(orCreateAt: path) { _ in
            Issue.record("made anew")
            return []
        }
        #expect(first == second)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "\(first.text)\n")
        #expect("\(first)" == "WebhookSecret")
    }

    @Test(arguments: ["", "whsec_", "whsec_!!!", "whsec_c2hvcnQ=", "hello"])
    func `a damaged secret is refused, without its text`(text: String) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(text, to: "webhook-secret")
        let error = #expect(throws: NotificationError.self) {
            try WebhookSecret.load(orCreateAt: path) { Array(repeating: 7, count: $0) }
        }
        #expect(error?.message.contains(path) == true)
        #expect(text.count < 6 || error?.message.contains(text.dropFirst(6)) == false || text == "whsec_")
    }
}
