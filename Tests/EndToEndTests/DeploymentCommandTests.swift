import Foundation
import HTTPAPI
import JSON
import TestSupport
import Testing

/// The configuration of a dataset group from the command line: planned, applied, written down, looked at and destroyed.
@Suite(.timeLimit(.minutes(5))) struct DeploymentCommandTests {
    private static let schema = """
        {"type": "record", "name": "Interactions", "namespace": "x", "fields": [
        {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"}], "version": "1.0"}
        """

    private static func file(_ workflow: String = "{}") -> String {
        """
        {"datasetGroup": {"serviceConfig": {"name": "shop"}, "workflowConfig": \(workflow)},
         "datasets": {"interactions": {
           "dataset": {"serviceConfig": {"name": "shop_interactions"}},
           "schema": {"serviceConfig": {"name": "shop_interactions_schema", "schema": \(schema)}}}},
         "solutions": [{
           "serviceConfig": {"name": "popular", "recipeArn": "arn:aws:personalize:::recipe/aws-popularity-count"},
           "campaigns": [{"serviceConfig": {"name": "popular", "minProvisionedTPS": 1}}]}]}
        """
    }

    @Test func `a group is planned, applied, exported, compared and destroyed from the command line`() async throws {
        let stage = try await Stage()
        let client = stage.service.client
        func millrace(_ arguments: String...) throws -> String {
            try run(MillraceProcess.program.path, arguments, environment: ["MILLRACE_ENDPOINT": stage.service.endpoint])
        }
        func failure(_ arguments: String...) -> ProgramError? {
            #expect(throws: ProgramError.self) {
                try run(
                    MillraceProcess.program.path,
                    arguments,
                    environment: ["MILLRACE_ENDPOINT": stage.service.endpoint]
                )
            }
        }
        let location = "s3://films/train/shop/config.json"
        let data = "films/train/shop/interactions/events.csv"
        try stage.directory.write(Example.interactions(), to: data)
        let file = try stage.directory.write(
            Self.file(#"{"drift": {"threshold": 0.2, "action": "notify"}}"#),
            to: "new.json"
        )

        let planned = try millrace("plan", "--at", location, file)
        for line in ["create  dataset group", "train", "popular", "create  drift policy", "notify above 0.2"] {
            #expect(planned.contains(line), "\(line) in \(planned)")
        }
        #expect(failure("plan", "--detailed-exitcode", "--at", location, file)?.status == 2)
        let bad = try stage.directory.write(Self.file(#"{"drft": {}}"#), to: "bad.json")
        let refusal = failure("plan", "--at", location, bad)
        #expect(refusal?.status == 65)
        #expect(refusal?.complaint.contains("drft") == true && refusal?.complaint.contains("drift") == true)
        #expect(failure("apply", file)?.complaint.contains("lies in no bucket of the service") == true)

        // The file that is put into its place starts the run by itself; then there is nothing to do.
        try FileManager.default.createDirectory(
            atPath: stage.directory.file("films/train/shop"),
            withIntermediateDirectories: true
        )
        let place = stage.directory.file("films/train/shop/config.json")
        try run("/bin/cp", file, place)
        #expect(try await client.ended(1).allSatisfy { $0["status"] == "SUCCEEDED" })
        #expect(try millrace("plan", "--detailed-exitcode", place).contains("Nothing to do."))
        #expect(try millrace("apply", location).contains("Nothing to do."))
        #expect(try millrace("drift", "shop").contains("no version served"))

        // Other data: applied, trained by, and told to be other.
        let others = Example.interactions().replacingOccurrences(of: ",i", with: ",other")
        try stage.directory.write(others, to: data)
        let applied = try millrace("apply", place)
        #expect(applied.contains("import") && applied.contains("train") && applied.contains("SUCCEEDED"), "\(applied)")
        let drift = try millrace("drift", "shop")
        #expect(drift.contains("Above 0.2: notify"))
        #expect(drift.contains("INTERACTIONS: score 1"), "\(drift)")
        #expect(drift.contains("50% gone, 50% new"))
        let json = try JSON(parsing: millrace("drift", "shop", "--output", "json"))
        #expect(json["datasets"]?[0]?["reports"]?[0]?["columns"]?[0]?["kind"] == "catalogue")
        _ = try await client.until("the notice of drift") { () -> Bool? in
            let subjects = try readMails(in: stage.home).map { $0["subject"]?.string }
            return subjects.contains("Millrace: data of \"shop\" has drifted") ? true : nil
        }

        // What runs, as a file, is planned to change nothing; the other shape says what it loses.
        let exported = try stage.directory.write(try millrace("config", "export", "shop"), to: "exported.json")
        #expect(try millrace("plan", "--at", location, exported).contains("Nothing to do."))
        let converted = try JSON(parsing: millrace("config", "convert", "--to", "sample", exported))
        #expect(converted["solution"]?["name"] == "popular")
        #expect(converted["drift"]?["action"] == "notify")

        #expect(try millrace("destroy", "shop").contains("SUCCEEDED"))
        #expect(failure("drift", "shop")?.complaint.contains("does not exist") == true)
        #expect(try millrace("plan", place).contains("create  dataset group"))
    }

    @Test func `a notice is tried out, and it is shown what came of it`() async throws {
        let stage = try await Stage()
        func millrace(_ arguments: String...) throws -> String {
            try run(MillraceProcess.program.path, arguments, environment: ["MILLRACE_ENDPOINT": stage.service.endpoint])
        }
        #expect(
            try millrace("notifications", "test", "--mail", "me@example.org").contains(
                "lies in \(stage.home)/mail/new/"
            )
        )
        let subjects = try readMails(in: stage.home).map { $0["subject"]?.string }
        #expect(subjects == ["Millrace: a test notice"])
        try await HTTPPeer.serve({ _ in HTTPPeer.Answer(202) }) { peer in
            let answer = try millrace("notifications", "test", "--webhook", peer.url("/hook"))
            #expect(answer.contains("answered 202"))
        }
        let failure = #expect(throws: ProgramError.self) {
            try millrace("notifications", "test", "--webhook", "http://127.0.0.1:1/hook")
        }
        #expect(failure?.status == 1)
        let unknown = #expect(throws: ProgramError.self) { try millrace("notifications", "test", "nobody") }
        #expect(unknown?.complaint.contains("does not exist") == true)
    }

    @Test func `a rule brings changes of states to a webhook`() async throws {
        let stage = try await Stage()
        let (events, arrived) = AsyncStream.makeStream(of: JSON.self)
        try await HTTPPeer.serve { request in
            if let json = try? JSON(parsing: request.body), let data = json["data"] { arrived.yield(data) }
            return HTTPPeer.Answer(204)
        } _: { peer in
            try run(
                MillraceProcess.program.path,
                [
                    "notifications", "rules", "put", "ready", "--webhook", peer.url("/ready"), "--pattern",
                    #"{"detail-type": ["Personalize Campaign State Change"], "detail": {"Status": ["ACTIVE"]}}"#,
                ],
                environment: ["MILLRACE_ENDPOINT": stage.service.endpoint]
            )
            let params = try stage.directory.write(Example.oneSolution(), to: "params.json")
            try run("/bin/cp", params, stage.bucket)
            var iterator = events.makeAsyncIterator()
            let event = try #require(await iterator.next())
            #expect(event["source"] == "solutions.aws.personalize")
            #expect(event["detail"]?["Arn"]?.string?.hasSuffix("campaign/small-campaign") == true)
            #expect(event["detail"]?["Duration"]?.int != nil)
        }
    }

    @Test func `mails are worded by templates of the home, and a bad one keeps the service from starting`() async throws
    {
        let directory = try TemporaryDirectory()
        try directory.write("Subject: A trial of {{type}}\n\n{{text}}", to: "home/templates/test.mustache")
        try directory.write("", to: "films/keep")
        let (home, bucket) = (directory.file("home"), directory.file("films"))
        let service = try await MillraceProcess(home: home, bucket: bucket)
        try run(
            MillraceProcess.program.path,
            ["notifications", "test", "--mail", "me@example.org"],
            environment: ["MILLRACE_ENDPOINT": service.endpoint]
        )
        #expect(try readMails(in: home).map { $0["subject"]?.string } == ["A trial of test"])
        service.terminate()
        try directory.write("one\n{{#open}}\n", to: "home/templates/execution.mustache")
        let failure = await #expect(throws: ProgramError.self) {
            _ = try await MillraceProcess(home: home, bucket: bucket)
        }
        #expect(failure?.complaint.contains("templates/execution.mustache:") == true, "\(failure?.complaint ?? "")")
        #expect(failure?.complaint.contains("close it with {{/name}}") == true)
    }
}
