import FoundationEssentials
import JSON
import TestSupport
import Testing

@testable import Personalize

@Suite struct CampaignTests {
    private static func update(_ campaign: String, _ version: String) -> JSON {
        ["campaignArn": .string(campaign), "solutionVersionArn": .string(version)]
    }

    private static func describe(_ test: ServiceUnderTest, _ campaign: String) async throws -> JSON? {
        try await test.call("DescribeCampaign", ["campaignArn": .string(campaign)])["campaign"]
    }

    @Test func `a campaign changes its model while it answers`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let campaign = try await test.serve("hot")
            let solution: JSON = ["solutionArn": .string(arn("solution/hot"))]
            let second = try await test.create("CreateSolutionVersion", solution)
            let askers = (0..<2).map { _ in
                Task {
                    var answers = 0
                    while !Task.isCancelled {
                        let items = try test.recommend(campaign)
                        #expect(items.count == 24)
                        answers += 1
                        await Task.yield()
                    }
                    return answers
                }
            }
            try await test.call("UpdateCampaign", Self.update(campaign, second.arn))
            #expect(try await test.service.waitUntilSettled(campaign) == .active)
            for asker in askers {
                asker.cancel()
                #expect(try await asker.value > 0)
            }
            #expect(test.service.runtime.servedVersion(campaign) == second.arn)
            let described = try await Self.describe(test, campaign)
            #expect(described?["solutionVersionArn"]?.string == second.arn)
            #expect(described?["status"] == "ACTIVE")
            #expect(described?["latestCampaignUpdate"]?["status"] == "ACTIVE")
            #expect(described?["latestCampaignUpdate"]?["servedVersionArn"] == nil)
        }
    }

    @Test func `an update runs inside while the status stays ACTIVE`() async throws {
        let test = try ServiceUnderTest()
        let campaign = try await test.running {
            try await test.prepareFilms()
            return try await test.serve("hot")
        }
        #expect(try await Self.describe(test, campaign)?["latestCampaignUpdate"] == nil)
        let version = try #require(test.service.runtime.servedVersion(campaign))
        try await test.call("UpdateCampaign", Self.update(campaign, version))
        let described = try await Self.describe(test, campaign)
        #expect(described?["status"] == "ACTIVE")
        #expect(described?["latestCampaignUpdate"]?["status"] == "CREATE PENDING")
        #expect(await test.code("UpdateCampaign", Self.update(campaign, version)) == .resourceInUse)
        #expect(await test.code("DeleteCampaign", ["campaignArn": .string(campaign)]) == .resourceInUse)
    }

    @Test func `a campaign can follow the newest version`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            _ = try await test.train("hot")
            let latest = JSON.string(arn("solution/hot") + "/$LATEST")
            let campaign = try await test.create(
                "CreateCampaign",
                [
                    "name": "hot", "solutionVersionArn": latest,
                    "campaignConfig": ["syncWithLatestSolutionVersion": true],
                ]
            )
            #expect(campaign.status == .active)
            var changes = test.service.changes(of: campaign.arn).makeAsyncIterator()
            let solution: JSON = ["solutionArn": .string(arn("solution/hot"))]
            let second = try await test.create("CreateSolutionVersion", solution)
            while test.service.runtime.servedVersion(campaign.arn) != second.arn { await changes.next() }
            #expect(try await test.service.waitUntilSettled(campaign.arn) == .active)
            #expect(try await Self.describe(test, campaign.arn)?["solutionVersionArn"] == latest)
            #expect(await test.code("UpdateCampaign", Self.update(campaign.arn, second.arn)) == .invalidInput)
        }
    }

    @Test func `a deleted campaign does not answer and keeps its version`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let campaign = try await test.serve("hot")
            let version = try #require(test.service.runtime.servedVersion(campaign))
            let solution: JSON = ["solutionArn": .string(arn("solution/hot"))]
            #expect(await test.code("DeleteSolution", solution) == .resourceInUse)
            try await test.call("DeleteCampaign", ["campaignArn": .string(campaign)])
            #expect(throws: PersonalizeError.self) { try test.recommend(campaign) }
            #expect(try await test.service.waitUntilSettled(campaign) == nil)
            let described = try await test.call("DescribeSolutionVersion", ["solutionVersionArn": .string(version)])
            #expect(described["solutionVersion"]?["status"] == "ACTIVE")
            try await test.call("DeleteSolution", solution)
            #expect(try await test.service.waitUntilSettled(arn("solution/hot")) == nil)
            let gone: JSON = ["solutionVersionArn": .string(version)]
            #expect(await test.code("DescribeSolutionVersion", gone) == .resourceNotFound)
        }
    }

    @Test func `campaigns are served again after a restart`() async throws {
        let test = try ServiceUnderTest()
        let campaign = try await test.running {
            try await test.prepareFilms()
            return try await test.serve("hot", recipe: "aws-user-personalization")
        }
        let before = try test.recommend(campaign, ["userId": "u1"])
        let again = try test.restarted()
        try await again.service.recover()
        #expect(try again.recommend(campaign, ["userId": "u1"]) == before)
    }

    @Test(arguments: ["model", "index"])
    func `one whose file is damaged fails clearly, at its creation and after a restart, and others serve on`(
        kind: String
    ) async throws {
        let test = try ServiceUnderTest()
        let (damaged, other) = try await test.running {
            try await test.prepareFilms()
            let damaged = try await test.serve("hot", recipe: "aws-user-personalization")
            let other = try await test.serve("cold")
            let file = try #require(
                DataFiles.names(in: test.directory.file("home/models")).first {
                    $0.hasPrefix("hot-") && $0.hasSuffix(kind)
                }
            )
            let path = URL(filePath: test.directory.file("home/models/\(file)"))
            var bytes = try Data(contentsOf: path)
            bytes[bytes.count / 2] ^= 0x40
            try bytes.write(to: path)
            return (damaged, other)
        }
        let again = try test.restarted()
        try await again.running {
            try await again.service.recover()
            let error = #expect(throws: PersonalizeError.self) { try again.recommend(damaged, ["userId": "u1"]) }
            #expect(error?.code == .invalidInput)
            #expect(error?.message.hasPrefix("Campaign \"\(damaged)\" cannot be served: ") == true)
            #expect(error?.message.contains("is damaged") == true, "\(error?.message ?? "")")
            #expect(try !again.recommend(other).isEmpty)
            let described = try await again.call("DescribeCampaign", ["campaignArn": .string(damaged)])["campaign"]
            let input: JSON = ["name": "more", "solutionVersionArn": described?["solutionVersionArn"] ?? .null]
            let more = try await again.create("CreateCampaign", input)
            #expect(more.status == .createFailed)
            #expect(try await again.failureReason("Campaign", more.arn)?.contains("is damaged") == true)
            // A version that is whole takes its place.
            let solution: JSON = ["solutionArn": .string(arn("solution/hot"))]
            let version = try await again.create("CreateSolutionVersion", solution).arn
            let update: JSON = ["campaignArn": .string(damaged), "solutionVersionArn": .string(version)]
            try await again.call("UpdateCampaign", update)
            #expect(try await again.service.waitUntilSettled(damaged) == .active)
            #expect(try !again.recommend(damaged, ["userId": "u1"]).isEmpty)
        }
    }

    @Test func `data that changes during an update does not bring back what was served before`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let campaign = try await test.serve("hot")
            let first = try #require(test.service.runtime.servedVersion(campaign))
            let solution: JSON = ["solutionArn": .string(arn("solution/hot"))]
            let second = try await test.create("CreateSolutionVersion", solution).arn
            for round in 0..<30 {
                let version = round % 2 == 0 ? second : first
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<3 {
                        group.addTask { await test.service.refreshCampaigns(group: arn("dataset-group/films")) }
                    }
                    group.addTask {
                        try await test.call("UpdateCampaign", Self.update(campaign, version))
                        _ = try await test.service.waitUntilSettled(campaign)
                    }
                    try await group.waitForAll()
                }
                #expect(test.service.runtime.servedVersion(campaign) == version, "round \(round)")
            }
        }
    }

    @Test func `campaigns of a solution are listed`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            _ = try await test.serve("hot")
            _ = try await test.serve("cold")
            let list = try await test.call("ListCampaigns", ["solutionArn": .string(arn("solution/hot"))])["campaigns"]
            #expect(list?.array?.compactMap { $0["name"]?.string } == ["hot"])
            #expect(list?[0]?["solutionVersionArn"] == nil)
        }
    }
}
