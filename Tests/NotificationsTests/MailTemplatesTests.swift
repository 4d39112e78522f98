import Foundation
import JSON
import TestSupport
import Testing

@testable import Notifications

@Suite("Mail templates", .timeLimit(.minutes(5))) struct MailTemplatesTests {
    private let directory: TemporaryDirectory
    private static let kinds = ["execution.failed", "execution.succeeded", "digest", "notification"]

    init() throws { directory = try TemporaryDirectory() }

    private func templates() throws -> MailTemplates {
        try MailTemplates(directory: directory.file("templates"), kinds: Self.kinds)
    }

    private static let failure = Message(
        subject: "Millrace: \"shop\" failed",
        body: "The text it always had.\n",
        payload: [
            "type": "execution.failed", "datasetGroup": "shop", "error": "ImportFailed", "cause": "a < b & \"c\"",
            "state": nil, "retries": 3, "notices": [["subject": "one"], ["subject": "two"]],
        ]
    )

    @Test func `a mail is worded by the template of its kind`() async throws {
        try directory.write(
            """
            Subject: {{datasetGroup}} needs you: {{error}}

            {{cause}} after {{retries}} tries.
            {{#state}}
            Never shown.
            {{/state}}
            {{^state}}No state.{{/state}}
            {{#notices}}
            - {{subject}}
            {{/notices}}
            {{text}}
            """,
            to: "templates/execution.failed.mustache"
        )
        let templates = try templates()
        let mailroom = try Mailroom { $0.templates = templates }
        let topic = try await mailroom.topic("done", .maildir("reader@example.org"))
        try await mailroom.dispatch { outcomes in
            try await mailroom.outbox.publish(Self.failure, to: topic)
            #expect(await outcomes.next() == .sent)
        }
        let mail = try #require(try await Python.read(mailroom.directory.file("mail")).first)
        #expect(mail["headers"]?["Subject"] == "shop needs you: ImportFailed")
        let body = "a < b & \"c\" after 3 tries.\nNo state.\n- one\n- two\nThe text it always had.\n"
        #expect(mail["body"]?.string?.hasPrefix(body) == true, "\(mail["body"]?.string ?? "")")
    }

    @Test func `a family's template is for those without one, and others have the text they had`() throws {
        try directory.write("Family: {{subject}}", to: "templates/execution.mustache")
        try directory.write("Own", to: "templates/execution.succeeded.mustache")
        let templates = try templates()
        func text(_ type: String) -> String? {
            let message = Message(subject: "S", body: "B", payload: ["type": .string(type)])
            let published = PublishedMessage(id: "1", topicARN: "t", message: message, publishedAt: Date())
            return templates.mail(of: published, for: .maildir("a@b.org"))?.text
        }
        #expect(text("execution.failed") == "Family: S")
        #expect(text("execution.succeeded") == "Own")
        #expect(text("digest") == nil)
    }

    @Test func `where there is no directory there are no templates`() throws {
        let published = PublishedMessage(id: "1", topicARN: "t", message: Self.failure, publishedAt: Date())
        #expect(try templates().mail(of: published, for: .maildir("a@b.org")) == nil)
    }

    @Test func `every bad template is told with line and column`() throws {
        try directory.write("Subject: ok\n\nfine\n{{#a}}\n{{/b}}\n", to: "templates/digest.mustache")
        try directory.write("one\ntwo {{#open}} three\n", to: "templates/execution.mustache")
        try directory.write("Subject: {{name\n\nbody", to: "templates/notification.mustache")
        try directory.write("x", to: "templates/execution.fail.mustache")
        try directory.write("{{#not a template", to: "templates/readme.txt")
        let error = #expect(throws: NotificationError.self) { try templates() }
        let lines = (error?.message ?? "").split(separator: "\n").map { line in
            line.replacingOccurrences(of: directory.file("templates") + "/", with: "")
        }
        #expect(lines.count == 4, "\(lines)")
        #expect(
            lines.contains { $0.hasPrefix("digest.mustache:5:") && $0.hasSuffix("not the one that was begun last") },
            "\(lines)"
        )
        #expect(lines.contains { $0.hasPrefix("execution.mustache:") && $0.contains("close it with {{/name}}") })
        #expect(lines.contains { $0.hasPrefix("notification.mustache:1:") && $0.contains("a tag is not closed") })
        #expect(
            lines.contains(
                "execution.fail.mustache is named like no kind of notice; the kinds are digest, execution, "
                    + "execution.failed, execution.succeeded, notification"
            )
        )
    }
}
