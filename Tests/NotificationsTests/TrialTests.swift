import JSON
import TestSupport
import Testing

@testable import Notifications

@Suite("Trials of notices", .timeLimit(.minutes(5))) struct TrialTests {
    private let message = Message(subject: "A test", body: "Nothing has happened.\n", payload: ["type": "test"])

    @Test func `a receiver's answer is shown, also when it refuses`() async throws {
        let mailroom = try Mailroom()
        try await Receiver.serve({ $0.path == "/ok" ? (202, []) : (403, []) }) { receiver in
            let topic = "arn:aws:sns:us-east-1:000000000000:t"
            let taken = await mailroom.dispatcher().trial(message, to: receiver.endpoint("/ok"), topicARN: topic)
            #expect(taken.isTaken)
            #expect(taken.answer.hasPrefix("answered 202"))
            let request = try #require(await receiver.next())
            #expect(request.json?["type"] == "test")
            #expect(request.json?["topicArn"]?.string == topic)
            #expect(request.headers["webhook-signature"]?.hasPrefix("v1,") == true)
            let refused = await mailroom.dispatcher().trial(message, to: receiver.endpoint("/no"), topicARN: topic)
            #expect(!refused.isTaken)
            #expect(refused.answer.contains("answered 403"))
        }
        // Nothing of it is kept.
        #expect(try await mailroom.outbox.deliveries().isEmpty)
    }

    @Test func `a receiver that is not there is told to be so`() async throws {
        let result = try await Mailroom().dispatcher()
            .trial(message, to: .webhook("http://127.0.0.1:1/hook"), topicARN: "t")
        #expect(!result.isTaken)
        #expect(result.answer.contains("could not be reached"))
    }

    @Test func `a mail is put into the spool, and it is said where`() async throws {
        let mailroom = try Mailroom()
        let result = await mailroom.dispatcher().trial(message, to: .maildir("a@example.org"), topicARN: "t")
        #expect(result.isTaken)
        #expect(result.answer.hasPrefix("lies in \(mailroom.directory.file("mail"))/new/"))
        let mail = try #require(try await Python.read(mailroom.directory.file("mail")).first)
        #expect(mail["headers"]?["Subject"] == "A test")
    }
}
