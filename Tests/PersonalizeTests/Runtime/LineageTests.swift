import FoundationEssentials
import JSON
import TestSupport
import Testing

@testable import Personalize

@Suite struct LineageTests {
    private func ask(_ test: ServiceUnderTest, _ campaign: String) throws -> String {
        let answer = try test.service.runtime.getRecommendations(["campaignArn": .string(campaign), "userId": "u1"])
        return try #require(answer["recommendationId"]?.string)
    }

    private func message(_ test: ServiceUnderTest, _ id: String) async -> (PersonalizeError.Code?, String) {
        do throws(PersonalizeError) {
            _ = try await test.service.lineage(id)
            return (nil, "")
        } catch {
            return (error.code, error.message)
        }
    }

    @Test func `an answer leads to its campaign, version, configuration, seed, imports, files and lines`() async throws
    {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let more =
                "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\nu1,i1,1800000000,watch,1\nu2,i2,1800000001,buy,2\n"
            try test.directory.write(more, to: "bucket/More/b.csv")
            try await test.importFiles("seen-2", "INTERACTIONS", "s3://bucket/More/b.csv", mode: "INCREMENTAL")
            let campaign = try await test.serve("own", recipe: "aws-user-personalization")
            let id = try ask(test, campaign)
            #expect(id.utf8.count == 40)
            let lineage = try await test.service.lineage(id)
            #expect(lineage["recommendationId"]?.string == id)
            #expect(lineage["campaign"]?["arn"]?.string == campaign)
            #expect(lineage["isServed"] == true)
            let version = lineage["solutionVersion"]
            #expect(version?["solutionVersionArn"]?.string == test.service.runtime.servedVersion(campaign))
            #expect(version?["trainingSeed"] == "42")
            #expect(version?["recipeArn"] == "arn:aws:personalize:::recipe/aws-user-personalization")
            #expect(version?["solutionConfig"]?["algorithmHyperParameters"]?["hidden_dimension"] == "2")
            #expect(version?["modelHash"]?.string?.utf8.count == 64)

            let data = lineage["data"]?.array ?? []
            let interactions = data.filter { $0["datasetType"] == "INTERACTIONS" }
            #expect(
                interactions.compactMap { $0["datasetImportJob"]?["jobName"]?.string }.sorted() == ["seen-1", "seen-2"]
            )
            let second = try #require(interactions.first { $0["datasetImportJob"]?["jobName"] == "seen-2" })
            let file = try #require(second["datasetImportJob"]?["files"]?[0])
            #expect(file["name"] == "s3://bucket/More/b.csv")
            // As sha256sum tells it.
            #expect(file["sha256"] == "31443a96992fc0c5e89aebffa953ec7e2e498ff4a78aee4d8438111c6c98dad0")
            #expect(file["byteCount"]?.int == more.utf8.count)
            #expect(file["rowCount"] == 2 && file["firstLine"] == 2 && file["lastLine"] == 3)
        }
    }

    @Test func `it is told after a restart, after an update and after the campaign is gone`() async throws {
        let test = try ServiceUnderTest()
        let (first, second, campaign, old) = try await test.running {
            try await test.prepareFilms()
            let campaign = try await test.serve("hot")
            let old = try #require(test.service.runtime.servedVersion(campaign))
            let first = try ask(test, campaign)
            let solution: JSON = ["solutionArn": .string(arn("solution/hot"))]
            let new = try await test.create("CreateSolutionVersion", solution)
            try await test.call(
                "UpdateCampaign",
                ["campaignArn": .string(campaign), "solutionVersionArn": .string(new.arn)]
            )
            #expect(try await test.service.waitUntilSettled(campaign) == .active)
            // A full import takes the snapshot from the dataset, not from the version.
            try test.directory.write(Films().interactions(startingAt: 1_750_000_000), to: "bucket/Interactions/a.csv")
            try await test.importFiles("seen-9", "INTERACTIONS", "s3://bucket/Interactions/")
            return (first, try ask(test, campaign), campaign, old)
        }
        let again = try test.restarted()
        try await again.service.recover()
        let one = try await again.service.lineage(first)
        #expect(one["solutionVersion"]?["solutionVersionArn"]?.string == old)
        #expect(one["isServed"] == false)
        #expect(one["campaign"]?["arn"]?.string == campaign)
        let jobs = (one["data"]?.array ?? []).compactMap { $0["datasetImportJob"]?["jobName"]?.string }
        #expect(jobs.contains("seen-1") && !jobs.contains("seen-9"))
        let two = try await again.service.lineage(second)
        #expect(two["isServed"] == true)
        #expect(two["solutionVersion"]?["solutionVersionArn"]?.string != old)
        // The id of an answer after the restart leads to the same.
        #expect(try await again.service.lineage(ask(again, campaign))["solutionVersion"] == two["solutionVersion"])

        try await again.running {
            try await again.call("DeleteCampaign", ["campaignArn": .string(campaign)])
            _ = try await again.service.waitUntilSettled(campaign)
            let late = try await again.service.lineage(first)
            #expect(late["campaign"] == nil)
            #expect(late["solutionVersion"]?["solutionVersionArn"]?.string == old)
            try await again.call("DeleteSolution", ["solutionArn": .string(arn("solution/hot"))])
            _ = try await again.service.waitUntilSettled(arn("solution/hot"))
            let (code, text) = await message(again, first)
            #expect(code == .resourceNotFound)
            #expect(text.contains("deleted"))
        }
    }

    @Test func `what is put one by one is named with its rows`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            try await test.put(["i1", "i2", "i3"], by: "u1", tracking: tracking)
            let campaign = try await test.serve("hot")
            let data = try await test.service.lineage(ask(test, campaign))["data"]?.array ?? []
            let put = try #require(data.first { $0["ingestionMode"] == "PUT" })
            #expect(put["rowCount"] == 3)
            #expect(put["datasetImportJob"] == nil)
        }
    }

    @Test(arguments: [
        "", "RID-", "films", "RID-0000002a-0000-8030-9c1f", "RID-0000002a-0000-8030-9c1f-5d0e8b7a6f4\u{0}",
        String(repeating: "f", count: 300),
    ])
    func `what is no id is refused`(text: String) async throws {
        let (code, message) = await message(try ServiceUnderTest(), text)
        #expect(code == .invalidInput)
        #expect(message.contains("is none"))
    }

    @Test func `an id of nothing that exists, and one of an earlier release, are told apart`() async throws {
        let test = try ServiceUnderTest()
        let unknown = RecommendationID(RecommendationID.Source(version: 77, campaign: 78), random: UUID()).text
        #expect(await message(test, unknown).0 == .resourceNotFound)
        let early = await message(test, "RID-5f0c2e9a-6c1d-4b7e-9a44-0d8f5f1c2b3a")
        #expect(early.0 == .invalidInput && early.1.contains("earlier release"))
        #expect(await message(test, "RID-00000000-0000-8000-8000-000000000000").0 == .resourceNotFound)
    }

    @Test func `an id is read as it was written, whatever the numbers`() throws {
        for (version, campaign) in [(0, 0), (1, 2), (42, 4_000_000), (4_294_967_295, 268_435_455)] as [(Int64, Int64)] {
            let source = RecommendationID.Source(version: version, campaign: campaign)
            let ids = (0..<100).map { _ in RecommendationID(source, random: UUID()) }
            for id in ids {
                let read = try RecommendationID(id.text)
                #expect(read == id && read.source == source)
                #expect(try RecommendationID(id.text.uppercased()) == id)
            }
            #expect(Set(ids.map(\.text)).count == 100)
        }
    }
}
