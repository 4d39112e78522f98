import Foundation
import JSON
import TestSupport
import Testing

@testable import Notifications

@Suite("Mail", .timeLimit(.minutes(5))) struct MailTests {
    static let longLine = String(repeating: "0123456789", count: 150)
    static let bodies = [
        "Everything is fine.\n", "Grüße aus Łódź: 🎬 “done”\n", "\(longLine)\n", "ä\(longLine)é\n",
        "From the start\n.\n..\n.hidden\nFrom here\n", "trailing blanks  \nand tabs\t\n", "a = b == c\n", "no end", "",
        "one\r\ntwo\rthree\n", "nul \u{0} and bell \u{7}\n",
    ]

    @Test(arguments: bodies) func `Python reads from the Maildir what was published`(body: String) async throws {
        let mailroom = try Mailroom()
        let topic = try await mailroom.topic("done", .maildir("reader@example.org"))
        try await mailroom.dispatch { outcomes in
            try await mailroom.outbox.publish(Message(subject: "Fertig: „Filme“", body: body), to: topic)
            #expect(await outcomes.next() == .sent)
        }
        let mails = try await Python.read(mailroom.directory.file("mail"))
        #expect(mails.count == 1)
        let mail = try #require(mails.first)
        let unified = body.replacingOccurrences(of: "\r\n", with: "\n").replacingOccurrences(of: "\r", with: "\n")
            .replacingOccurrences(of: "\0", with: "\u{FFFD}")
        #expect(mail["body"]?.string == (unified.hasSuffix("\n") ? unified : unified + "\n"))
        #expect(mail["headers"]?["Subject"] == "Fertig: „Filme“")
        #expect(mail["headers"]?["To"] == "reader@example.org")
        #expect(mail["headers"]?["From"] == "Millrace <millrace@localhost>")
        #expect(mail["headers"]?["Date"] == "Fri, 15 Jan 2027 08:00:00 +0000")
        #expect(mail["headers"]?["MIME-Version"] == "1.0")
        let id = try #require(try await mailroom.only()?.id)
        #expect(mail["headers"]?["Message-ID"] == .string("<\(id)@localhost>"))
        #expect(mail["defects"] == [])
        let longest = try #require(mail["longestLine"]?.int)
        #expect(longest <= 78)
        #expect(mail["isASCII"] == true)
    }

    @Test(arguments: [
        "Plain", "Ünïcödé", String(repeating: "long ", count: 30), String(repeating: "lang и ", count: 60),
        String(repeating: "x", count: 2000), "=?utf-8?B?QQ==?=", "🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬", " spaces around ",
    ])
    func `any subject is read as it was written`(subject: String) async throws {
        let mailroom = try Mailroom()
        let topic = try await mailroom.topic("done", .maildir("reader@example.org"))
        try await mailroom.dispatch { outcomes in
            try await mailroom.outbox.publish(Message(subject: subject, body: "x"), to: topic)
            #expect(await outcomes.next() == .sent)
        }
        let mail = try #require(try await Python.read(mailroom.directory.file("mail")).first)
        let read = try #require(mail["headers"]?["Subject"]?.string)
        #expect(read.trimmingCharacters(in: .whitespaces) == subject.trimmingCharacters(in: .whitespaces))
        #expect(mail["defects"] == [])
    }

    @Test(arguments: ["\n", "\r\n", "\r", "\u{2028}", "\u{85}", "\u{B}"])
    func `a subject cannot make a header`(lineBreak: String) async throws {
        let mailroom = try Mailroom()
        let topic = try await mailroom.topic("done", .maildir("reader@example.org"))
        try await mailroom.dispatch { outcomes in
            let subject = "Hello\(lineBreak)Bcc: victim@example.org\(lineBreak)\(lineBreak)body"
            try await mailroom.outbox.publish(Message(subject: subject, body: "x"), to: topic)
            #expect(await outcomes.next() == .sent)
        }
        let mail = try #require(try await Python.read(mailroom.directory.file("mail")).first)
        #expect(mail["headers"]?["Bcc"] == nil)
        #expect(mail["headers"]?["Subject"]?.string?.hasPrefix("Hello Bcc: victim@example.org") == true)
        #expect(mail["body"] == "x\n")
    }

    @Test func `a mail that is sent again does not lie there twice, read or unread`() async throws {
        let mailroom = try Mailroom()
        let topic = try await mailroom.topic("done", .maildir("reader@example.org"))
        let spool = mailroom.directory.file("mail")
        try await mailroom.dispatch { outcomes in
            try await mailroom.outbox.publish(Message(subject: "one", body: "x"), to: topic)
            #expect(await outcomes.next() == .sent)
            let id = try #require(try await mailroom.only()?.id)
            try await mailroom.outbox.resend(id)
            #expect(await outcomes.next() == .sent)
            var names = try FileManager.default.contentsOfDirectory(atPath: "\(spool)/new")
            #expect(names.count == 1)
            let name = try #require(names.first)
            #expect(name.contains(id))
            // As a reader does that has seen it.
            try FileManager.default.moveItem(atPath: "\(spool)/new/\(name)", toPath: "\(spool)/cur/\(name):2,S")
            try await mailroom.outbox.resend(id)
            #expect(await outcomes.next() == .sent)
            names = try FileManager.default.contentsOfDirectory(atPath: "\(spool)/new")
            #expect(names.isEmpty)
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(spool)/tmp").isEmpty)
        }
    }

    @Test func `a spool that cannot be written is tried again`() async throws {
        let mailroom = try Mailroom()
        try mailroom.directory.write("a file", to: "mail")
        let topic = try await mailroom.topic("done", .maildir("reader@example.org"))
        try await mailroom.dispatch { outcomes in
            try await mailroom.outbox.publish(Message(body: "x"), to: topic)
            #expect(await outcomes.next()?.error?.hasPrefix("mail spool: cannot") == true)
            try FileManager.default.removeItem(atPath: mailroom.directory.file("mail"))
            await mailroom.clock.sleepers(atLeast: 2)
            mailroom.clock.advance(by: .seconds(10))
            #expect(await outcomes.next() == .sent)
        }
    }

    // MARK: - sendmail

    private func mailroom(sendmail script: String) throws -> Mailroom {
        let directory = try TemporaryDirectory()
        let path = try directory.write("#!/bin/sh\ncd '\(directory.path)'\n\(script)\n", to: "sendmail")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return try Mailroom(in: directory) { configuration in
            configuration.sendmail = path
            configuration.sendmailTimeout = .milliseconds(400)
            configuration.sender = "pipeline@films.example.org"
        }
    }

    @Test func `sendmail gets the mail`() async throws {
        let mailroom = try mailroom(sendmail: "echo \"$@\" > arguments; cat > received")
        let topic = try await mailroom.topic("done", .sendmail("reader@example.org"))
        try await mailroom.dispatch { outcomes in
            let body = "Größe\n.\nafter the dot\n" + String(repeating: "x", count: 200_000) + "\n"
            try await mailroom.outbox.publish(Message(subject: "Hi", body: body), to: topic)
            #expect(await outcomes.next() == .sent)
            #expect(try String(contentsOfFile: mailroom.directory.file("arguments"), encoding: .utf8) == "-i -t\n")
            let mail = try #require(try await Python.readFile(mailroom.directory.file("received")))
            #expect(mail["body"]?.string == body)
            #expect(mail["headers"]?["To"] == "reader@example.org")
            #expect(mail["headers"]?["From"] == "Millrace <pipeline@films.example.org>")
            #expect(mail["headers"]?["Message-ID"]?.string?.hasSuffix("@films.example.org>") == true)
        }
    }

    @Test(arguments: [
        ("cat > /dev/null; echo no such user >&2; exit 67", "ended with exit code 67: no such user"),
        ("exit 75", "ended with exit code 75"), ("exec sleep 100", "was ended by signal 9"),
    ])
    func `a sendmail that fails is tried again`(script: String, ending: String) async throws {
        let mailroom = try mailroom(sendmail: script)
        let topic = try await mailroom.topic("done", .sendmail("reader@example.org"))
        try await mailroom.dispatch { outcomes in
            let body = String(repeating: "x", count: 200_000)
            try await mailroom.outbox.publish(Message(body: body), to: topic)
            let outcome = await outcomes.next()
            #expect(outcome?.error == "\"\(mailroom.directory.file("sendmail"))\" \(ending)")
            guard case .retry? = outcome else {
                Issue.record("not tried again")
                return
            }
        }
    }

    @Test func `a sendmail that is missing is named`() async throws {
        let mailroom = try Mailroom { $0.sendmail = "/nowhere/sendmail" }
        let topic = try await mailroom.topic("done", .sendmail("reader@example.org"))
        try await mailroom.dispatch { outcomes in
            try await mailroom.outbox.publish(Message(body: "x"), to: topic)
            let error = "\"/nowhere/sendmail\" is no program that can be run; install one or choose another"
            #expect(await outcomes.next()?.error == error)
        }
    }
}

/// Python's own reading of mails.
enum Python {
    private static let program = """
        import email, email.policy, json, mailbox, sys
        def tell(data):
            mail = email.message_from_bytes(data, policy=email.policy.default)
            return {
                "headers": {name: str(value) for name, value in mail.items()},
                "body": mail.get_content(),
                "defects": [repr(defect) for defect in mail.defects],
                "longestLine": max(len(line) for line in data.split(b"\\n")),
                "isASCII": all(byte < 128 for byte in data),
            }
        if sys.argv[1] == "maildir":
            box = mailbox.Maildir(sys.argv[2], create=False)
            print(json.dumps([tell(box.get_bytes(key)) for key in box.keys()]))
        else:
            print(json.dumps([tell(open(sys.argv[2], "rb").read())]))
        """

    static func read(_ maildir: String) async throws -> [JSON] { try await run("maildir", maildir) }

    static func readFile(_ path: String) async throws -> JSON? { try await run("file", path).first }

    private static func run(_ kind: String, _ path: String) async throws -> [JSON] {
        let output = "\(path)-\(UUID().uuidString).json"
        try Data().write(to: URL(filePath: output))
        defer { try? FileManager.default.removeItem(atPath: output) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", program, kind, path]
        process.standardOutput = FileHandle(forWritingAtPath: output)
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        let text = try String(contentsOfFile: output, encoding: .utf8)
        return try JSON(parsing: text).array ?? []
    }
}
