import Crypto
import Foundation
import JSON
import SQLiteStore
import TestSupport
import Testing

@testable import Notifications

@Suite("Webhooks", .timeLimit(.minutes(5))) struct WebhookTests {
    @Test func `a message arrives as signed JSON`() async throws {
        let mailroom = try Mailroom()
        try await Receiver.serve { receiver in
            let topic = try await mailroom.topic("done", receiver.endpoint("/hook?token=1"))
            try await mailroom.dispatch { outcomes in
                let message = Message(
                    subject: "Trainiert: “Filme”",
                    body: "All is well.",
                    payload: ["type": "execution.succeeded", "n": 1],
                    attributes: ["Outcome": "SUCCEEDED"]
                )
                let id = try await mailroom.outbox.publish(message, to: topic)
                let request = try #require(await receiver.next())
                #expect(await outcomes.next() == .sent)
                let delivery = try #require(try await mailroom.only())
                #expect(request.path == "/hook")
                #expect(request.headers["content-type"] == "application/json")
                #expect(request.id == delivery.id)
                let json = try #require(request.json)
                #expect(json["type"] == "execution.succeeded")
                #expect(json["messageId"] == .string(id))
                #expect(json["subject"] == "Trainiert: “Filme”")
                #expect(json["message"] == "All is well.")
                #expect(json["data"] == ["type": "execution.succeeded", "n": 1])
                #expect(json["attributes"] == ["Outcome": "SUCCEEDED"])
                #expect(json["topicArn"] == "arn:aws:sns:us-east-1:000000000000:done")
                #expect(json["timestamp"] == "2027-01-15T08:00:00Z")
                expectSignature(request, at: mailroom.clock.date)
                #expect(delivery.status == .sent)
                #expect(delivery.sentAt == mailroom.clock.date)
            }
        }
    }

    /// Signed with the bytes 1 to 32, by the letter of Standard Webhooks.
    private func expectSignature(_ request: Received, at date: Date) {
        let timestamp = request.headers["webhook-timestamp"] ?? ""
        #expect(timestamp == "\(Int(date.timeIntervalSince1970))")
        let signed = Data("\(request.id).\(timestamp).".utf8) + request.body
        let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: Array<UInt8>(1...32)))
        #expect(request.headers["webhook-signature"] == "v1,\(Data(code).base64EncodedString())")
    }

    @Test func `the signature is that of Standard Webhooks`() throws {
        let secret = try WebhookSecret(parsing: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let signature = secret.signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp: 1_614_265_330,
            body: Array(#"{"test": 2432232314}"#.utf8)
        )
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        #expect(secret.text == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    }

    @Test func `a subscription's own secret signs its messages`() async throws {
        let mailroom = try Mailroom()
        let secret = try WebhookSecret(bytes: Array(101...132))
        try await Receiver.serve { receiver in
            let topic = try await mailroom.topic()
            try await mailroom.outbox.subscribe(receiver.endpoint("/"), to: topic, secret: secret)
            try await mailroom.dispatch { _ in
                try await mailroom.outbox.publish(Message(body: "x"), to: topic)
                let request = try #require(await receiver.next())
                let timestamp = try #require(request.headers["webhook-timestamp"].flatMap { Int($0) })
                let signature = secret.signature(id: request.id, timestamp: timestamp, body: request.body)
                #expect(request.headers["webhook-signature"] == signature)
            }
        }
    }

    @Test func `a receiver that fails is tried again, with the same id and body`() async throws {
        let mailroom = try Mailroom()
        let count = Counter()
        try await Receiver.serve({ _ in (count.next() <= 3 ? 503 : 204, []) }) { receiver in
            let topic = try await mailroom.topic("done", receiver.endpoint("/flaky"))
            try await mailroom.dispatch { outcomes in
                try await mailroom.outbox.publish(Message(body: "x"), to: topic)
                var requests: [Received] = []
                for delay in [10, 30, 90] {
                    let next = mailroom.clock.date.addingTimeInterval(Double(delay))
                    let error = "webhook \(receiver.url("/flaky")) answered 503 Service Unavailable"
                    #expect(await outcomes.next() == .retry(at: next, error: error))
                    #expect(try await mailroom.only()?.lastError == error)
                    requests.append(try #require(await receiver.next()))
                    // The hourly pruning sleeps too.
                    await mailroom.clock.sleepers(atLeast: 2)
                    mailroom.clock.advance(by: .seconds(delay))
                }
                #expect(await outcomes.next() == .sent)
                requests.append(try #require(await receiver.next()))
                #expect(Set(requests.map(\.id)).count == 1)
                #expect(Set(requests.map(\.body)).count == 1)
                #expect(Set(requests.map { $0.headers["webhook-timestamp"] }).count == 4)
                let delivery = try await mailroom.only()
                #expect(delivery?.status == .sent)
                #expect(delivery?.attempts == 4)
                #expect(delivery?.lastError == nil)
            }
        }
    }

    @Test func `after ten attempts, a day later, it is parked until it is resent`() async throws {
        let mailroom = try Mailroom()
        let isDown = Counter()
        try await Receiver.serve({ _ in (isDown.next() <= 10 ? 500 : 200, []) }) { receiver in
            let topic = try await mailroom.topic("done", receiver.endpoint("/"))
            let start = mailroom.clock.date
            try await mailroom.dispatch { outcomes in
                try await mailroom.outbox.publish(Message(body: "x"), to: topic)
                for _ in 1...9 {
                    guard case .retry(let next, _)? = await outcomes.next() else {
                        Issue.record("not tried again")
                        return
                    }
                    await mailroom.clock.sleepers(atLeast: 2)
                    mailroom.clock.advance(by: .seconds(next.timeIntervalSince(mailroom.clock.date)))
                }
                guard case .parked(let error)? = await outcomes.next() else {
                    Issue.record("not parked")
                    return
                }
                #expect(error.hasSuffix("answered 500 Internal Server Error"))
                let hours = mailroom.clock.date.timeIntervalSince(start) / 3600
                #expect((24...30).contains(hours))
                let parked = try #require(try await mailroom.outbox.deliveries(DeliveryFilter(status: .parked)).first)
                #expect(parked.attempts == 10)
                #expect(try await mailroom.outbox.deliveryCounts() == [.parked: 1])
                let pending = try await mailroom.outbox.resend(parked.id)
                #expect(pending.status == .pending)
                #expect(await outcomes.next() == .sent)
                var ids: Set<String> = []
                for _ in 1...11 { ids.insert(await receiver.next()?.id ?? "") }
                #expect(ids == [parked.id])
            }
        }
    }

    @Test func `a receiver that is gone for good parks its messages at once`() async throws {
        let mailroom = try Mailroom()
        try await Receiver.serve({ _ in (410, []) }) { receiver in
            let topic = try await mailroom.topic("done", receiver.endpoint("/"))
            try await mailroom.dispatch { outcomes in
                try await mailroom.outbox.publish(Message(body: "x"), to: topic)
                #expect(await outcomes.next() == .parked(error: "webhook \(receiver.url("/")) answered 410 Gone"))
            }
        }
    }

    @Test(arguments: [
        ("120", 120.0), ("Fri, 15 Jan 2027 09:00:00 GMT", 3600.0), ("0", 10.0), ("soon", 10.0), ("-5", 10.0),
    ])
    func `a receiver says when to come again`(header: String, seconds: Double) async throws {
        let mailroom = try Mailroom()
        try await Receiver.serve({ _ in (429, [("retry-after", header)]) }) { receiver in
            let topic = try await mailroom.topic("done", receiver.endpoint("/"))
            try await mailroom.dispatch { outcomes in
                try await mailroom.outbox.publish(Message(body: "x"), to: topic)
                guard case .retry(let date, _)? = await outcomes.next() else {
                    Issue.record("not tried again")
                    return
                }
                #expect(date.timeIntervalSince(mailroom.clock.date) == seconds)
            }
        }
    }

    @Test func `a redirect is not followed`() async throws {
        let mailroom = try Mailroom()
        try await Receiver.serve({ $0.path == "/old" ? (302, [("location", "/new")]) : (200, []) }) { receiver in
            let topic = try await mailroom.topic("done", receiver.endpoint("/old"))
            try await mailroom.dispatch { outcomes in
                try await mailroom.outbox.publish(Message(body: "x"), to: topic)
                #expect(await outcomes.next()?.error == "webhook \(receiver.url("/old")) answered 302 Found")
            }
        }
    }

    @Test func `a receiver that hangs is cut and costs nobody else anything`() async throws {
        let mailroom = try Mailroom { configuration in
            configuration.requestTimeout = .seconds(3)
            configuration.attemptsPerEndpoint = 5
        }
        let gate = Gate()
        try await Receiver.serve({ request in
            if request.path == "/hang" { await gate.pass() }
            return (200, [])
        }) { receiver in
            defer { gate.open() }
            let topic = try await mailroom.topic("done", receiver.endpoint("/hang"), receiver.endpoint("/fine"))
            try await mailroom.dispatch { outcomes in
                for number in 1...5 { try await mailroom.outbox.publish(Message(body: "\(number)"), to: topic) }
                // None of those at the hanging one is answered before the gate opens.
                for _ in 1...5 { #expect(await receiver.next()?.path == "/fine") }
                var errors: [String] = []
                for _ in 1...10 {
                    if let error = await outcomes.next()?.error { errors.append(error) }
                }
                let error = "webhook \(receiver.url("/hang")) did not answer within 3.0 seconds"
                #expect(errors == Array(repeating: error, count: 5))
            }
        }
    }

    @Test func `a receiver that is not there is told apart`() async throws {
        let mailroom = try Mailroom()
        // Port 1 is reserved and answers nobody.
        let topic = try await mailroom.topic("done", .webhook("http://user:secret@127.0.0.1:1/x?key=secret"))
        try await mailroom.dispatch { outcomes in
            try await mailroom.outbox.publish(Message(body: "x"), to: topic)
            let error = try #require(await outcomes.next()?.error)
            #expect(error.hasPrefix("webhook http://127.0.0.1:1/x could not be reached"))
            #expect(!error.contains("secret"))
        }
    }

    @Test func `a crash between sending and saving sends again, with the same id`() async throws {
        struct Crash: Error {}
        let directory = try TemporaryDirectory()
        try await Receiver.serve { receiver in
            // The topic, its endpoints and the message are saved; what became of the attempt is not.
            let crashing = try SQLiteStore(path: directory.file("db")) { number in
                if number > Self.transactionsBeforeOutcome { throw Crash() }
            }
            let before = try Mailroom(store: crashing, in: directory)
            let topic = try await before.topic("done", receiver.endpoint("/"))
            try await before.outbox.publish(Message(body: "x", deduplicationKey: "run-1"), to: topic)
            let first = try await firstRequest(before, receiver)
            try? crashing.close()
            let after = try Mailroom(store: SQLiteStore(path: directory.file("db")), in: directory)
            try await after.dispatch { outcomes in
                #expect(await outcomes.next() == .sent)
                let second = try #require(await receiver.next())
                #expect(second.id == first.id)
                #expect(second.body == first.body)
                // Whoever publishes it again after the crash adds nothing.
                try await after.outbox.publish(Message(body: "x", deduplicationKey: "run-1"), to: topic)
                #expect(try await after.outbox.deliveries().count == 1)
            }
        }
    }

    /// Topic, endpoints and message.
    private static let transactionsBeforeOutcome = 3

    private func firstRequest(_ mailroom: Mailroom, _ receiver: Receiver) async throws -> Received {
        var request: Received?
        try await mailroom.dispatch { _ in request = await receiver.next() }
        return try #require(request)
    }
}
