import Foundation
import HTTPAPI
import JSON
import TestSupport
import Testing

/// Which version a campaign serves, as the operator decides on the command line.
@Suite struct RolloutCommandTests {
    @Test func `a campaign is held, promoted, rolled back and tried out from the command line`() async throws {
        let stage = try await Stage()
        let client = stage.service.client
        func millrace(_ arguments: String...) throws -> String {
            try run(MillraceProcess.program.path, arguments, environment: ["MILLRACE_ENDPOINT": stage.service.endpoint])
        }
        let params = try stage.directory.write(Example.oneSolution(), to: "params.json")
        try run("/bin/cp", params, stage.bucket)
        _ = try await client.ended(1)
        let first = try #require(try await client.describeCampaign("small-campaign")["solutionVersionArn"]?.string)

        #expect(try millrace("campaigns", "hold", "small-campaign").contains("HELD"))
        try stage.directory.write(Example.interactions(users: 80), to: "films/Interactions/interactions.csv")
        try run("/bin/mv", params, stage.bucket)
        #expect(try await client.ended(2).allSatisfy { $0["status"] == "SUCCEEDED" })
        #expect(try await client.describeCampaign("small-campaign")["solutionVersionArn"]?.string == first)
        let shown = try millrace("campaigns", "show", "small-campaign")
        #expect(shown.contains("always, held"))
        #expect(shown.contains("the campaign is held; promote the version or release it"))

        #expect(try millrace("campaigns", "promote", "small-campaign").contains("PROMOTED"))
        let second = try await client.until("the second version") { () -> String? in
            let arn = try await client.describeCampaign("small-campaign")["solutionVersionArn"]?.string
            return arn == first ? nil : arn
        }
        #expect(try millrace("campaigns", "rollback", "small-campaign").contains("ROLLED_BACK"))
        _ = try await client.until("the first version again") { () -> Bool? in
            try await client.describeCampaign("small-campaign")["solutionVersionArn"]?.string == first ? true : nil
        }
        #expect(try millrace("campaigns", "hold", "small-campaign", "--release").contains("RELEASED"))
        #expect(try millrace("campaigns", "policy", "small-campaign", "better").contains(#""rule":"better""#))
        let failure = #expect(throws: ProgramError.self) {
            try millrace("campaigns", "policy", "small-campaign", "best")
        }
        #expect(failure?.complaint.contains("\"best\" is no rule") == true)

        let begun = try millrace(
            "campaigns",
            "experiment",
            "small-campaign",
            "--start",
            "--candidate",
            second,
            "--mode",
            "canary"
        )
        #expect(begun.contains("canary") && begun.contains("NONE_YET"))
        let json = try JSON(
            parsing: millrace("campaigns", "experiment", "small-campaign", "--stop", "--output", "json")
        )
        #expect(json["settings"]?["share"]?.double == 0.05)
        #expect(json["endedAt"] != nil)
        _ = try await client.until("the notice of the rollback") { () -> Bool? in
            let subjects = try readMails(in: stage.home).map { $0["subject"]?.string }
            return subjects.contains("Millrace: campaign \"small-campaign\" is rolled back") ? true : nil
        }
    }
}
