import Foundation
import HTTPAPI
import JSON
import Synchronization
import TestSupport
import Testing

/// Files dropped into the bucket of the real program, with the tools people use.
@Suite struct DropTests {
    @Test func `cp of the older shape ends with a campaign that answers`() async throws {
        let stage = try await Stage()
        try stage.directory.write(Example.oneSolution(), to: "params.json")
        try run("/bin/cp", stage.directory.file("params.json"), stage.bucket)
        let execution = try await stage.service.client.ended(1)[0]
        #expect(execution["status"] == "SUCCEEDED", "\(execution)")
        #expect(try await stage.service.client.recommend("small-campaign").count == 25)
    }

    @Test func `cp of the newer shape trains every solution and finds titles`() async throws {
        let stage = try await Stage()
        try stage.directory.write(Example.items(), to: "films/Items/items.csv")
        try stage.directory.write(Example.severalSolutions(), to: "params.json")
        try run("/bin/cp", stage.directory.file("params.json"), stage.bucket)
        let client = stage.service.client
        let execution = try await client.ended(1)[0]
        #expect(execution["status"] == "SUCCEEDED", "\(execution)")

        // Even users like even items, and this one has seen all of those but one.
        let items = try await client.recommend("small-user-personalization", user: "2")
        #expect(items.first == "i18", "\(items)")
        let related = try await client.recommend("small-sims", item: "i4")
        #expect(related.prefix(5).allSatisfy { Int($0.dropFirst())?.isMultiple(of: 2) == true }, "\(related)")
        let metadata = try await client.call(
            "Millrace",
            "GetItemMetadata",
            [
                "campaignArn": "arn:aws:personalize:us-east-1:000000000000:campaign/small-sims", "itemIds": ["i4"],
            ]
        )
        #expect(metadata["items"]?["i4"]?["TITLE"] == "Film 4, the first")
    }

    @Test func `a second drop trains a new version and moves the campaign without a failed request`() async throws {
        let stage = try await Stage()
        let client = stage.service.client
        let params = try stage.directory.write(Example.oneSolution(), to: "params.json")
        try run("/bin/cp", params, stage.bucket)
        _ = try await client.ended(1)
        let before = try await client.describeCampaign("small-campaign")["solutionVersionArn"]

        let isDone = Flag()
        async let answered = Self.recommend(from: client, until: isDone)
        try stage.directory.write(Example.interactions(users: 80), to: "films/Interactions/interactions.csv")
        try run("/bin/mv", params, stage.bucket)
        let executions = try await client.ended(2)
        isDone.set()
        #expect(executions.allSatisfy { $0["status"] == "SUCCEEDED" }, "\(executions)")
        let after = try await client.describeCampaign("small-campaign")["solutionVersionArn"]
        #expect(before != after)
        let count = try await answered
        #expect(count > 0)
    }

    /// Asks for recommendations without a pause, and expects each answer to be whole.
    private static func recommend(from client: Client, until isDone: Flag) async throws -> Int {
        var count = 0
        while !isDone.isSet {
            let items = try await client.recommend("small-campaign")
            #expect(items.count == 25)
            count += 1
        }
        return count
    }

    @Test func `a drop while the service is down starts its run at the next start`() async throws {
        let stage = try await Stage()
        #expect(stage.service.terminate() == 0)
        try stage.directory.write(Example.oneSolution(), to: "films/params.json")
        let service = try await stage.start()
        #expect(try await service.client.ended(1)[0]["status"] == "SUCCEEDED")
    }

    @Test func `a drop during a run of its group waits, and both run`() async throws {
        let stage = try await Stage()
        let params = try stage.directory.write(Example.oneSolution(), to: "params.json")
        try run("/bin/cp", params, stage.bucket)
        _ = try await stage.service.client.until("the first execution") {
            try await stage.service.client.executions().first
        }
        try run("/bin/cp", params, stage.bucket)
        let executions = try await stage.service.client.ended(2)
        #expect(executions.map { $0["status"] } == ["SUCCEEDED", "SUCCEEDED"])
    }

    @Test func `every fault of a configuration is told in one failed execution and one mail`() async throws {
        let stage = try await Stage()
        let bad = Example.oneSolution().replacing("minProvisionedTPS", with: "minProvisionedTSP")
            .replacing("aws-popularity-count", with: "aws-popularity-cont")
        try stage.directory.write(bad, to: "films/params.json")
        let execution = try await stage.service.client.ended(1)[0]
        #expect(execution["status"] == "FAILED")
        #expect(execution["error"] == "InvalidConfiguration")
        let cause = execution["cause"]?.string ?? ""
        #expect(cause.contains("campaign.minProvisionedTSP is not a known key, did you mean \"minProvisionedTPS\"?"))
        #expect(cause.contains("did you mean \"arn:aws:personalize:::recipe/aws-popularity-count\"?"))
        let mails = try await stage.service.client.until("the mail") { () -> [JSON]? in
            let mails = try readMails(in: stage.home)
            return mails.isEmpty ? nil : mails
        }
        #expect(mails.count == 1)
        #expect(mails[0]["body"]?.string?.contains("minProvisionedTSP") == true)
    }

    @Test func `a fault deep in the data names file, line and column, and loses nothing`() async throws {
        let stage = try await Stage()
        let client = stage.service.client
        try stage.directory.write(Example.oneSolution(), to: "films/params.json")
        _ = try await client.ended(1)
        let bad = Example.interactions() + "1,i1,yesterday\n"
        let line = bad.split(separator: "\n").count
        try stage.directory.write(bad, to: "films/Interactions/interactions.csv")
        try stage.directory.write(Example.oneSolution(), to: "params.json")
        try run("/bin/cp", stage.directory.file("params.json"), stage.bucket)
        let execution = try await client.ended(2)[0]
        #expect(execution["status"] == "FAILED")
        #expect(execution["error"] == "DatasetImportFailed")
        let cause = execution["cause"]?.string ?? ""
        #expect(cause.contains("interactions.csv"), "\(cause)")
        #expect(cause.contains("\(line)"), "\(cause)")
        #expect(cause.contains("TIMESTAMP"), "\(cause)")
        #expect(try await client.recommend("small-campaign").count == 25)
    }
}

/// Something that is done once.
final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .relaxed) }

    func set() { value.store(true, ordering: .relaxed) }
}

/// A home, a bucket with small data in it, and the real program on both.
struct Stage {
    let directory: TemporaryDirectory
    let service: MillraceProcess

    var bucket: String { directory.file("films") }
    var home: String { directory.file("home") }

    init(environment: [String: String] = [:]) async throws {
        directory = try TemporaryDirectory()
        try directory.write(Example.interactions(), to: "films/Interactions/interactions.csv")
        service = try await MillraceProcess(
            home: directory.file("home"),
            bucket: directory.file("films"),
            environment: environment
        )
    }

    /// Another process on the same home.
    func start() async throws -> MillraceProcess {
        try await MillraceProcess(home: home, bucket: bucket)
    }
}
