import JSON
import Personalize
import TestSupport
import Testing

@Suite struct RecoveryTests {
    @Test func `what was pending when the process ended is done at the next start`() async throws {
        let test = try ServiceUnderTest()
        try await test.running { try await test.prepareFilms() }
        let group = JSON.string(arn("dataset-group/films"))
        let recipe = JSON.string("arn:aws:personalize:::recipe/aws-popularity-count")
        try await test.call("CreateSolution", ["name": "hot", "datasetGroupArn": group, "recipeArn": recipe])
        try await test.call(
            "CreateDatasetImportJob",
            [
                "jobName": "again", "datasetArn": .string(arn("dataset/films/INTERACTIONS")),
                "dataSource": ["dataLocation": "s3://bucket/Interactions/a.csv"],
            ]
        )
        let second = try test.restarted()
        #expect(try await second.settling(arn("solution/hot")) == .active)
        #expect(try await second.settling(arn("dataset-import-job/again")) == .active)
        let created = try await second.call("CreateSolutionVersion", ["solutionArn": .string(arn("solution/hot"))])
        let third = try second.restarted()
        let versionArn = created["solutionVersionArn"]?.string ?? ""
        #expect(try await third.settling(versionArn) == .active)
        try await third.call("CreateCampaign", ["name": "hot", "solutionVersionArn": .string(versionArn)])
        let fourth = try third.restarted()
        #expect(try await fourth.settling(arn("campaign/hot")) == .active)
        #expect(try fourth.recommend(arn("campaign/hot")).count == 24)
        try await fourth.call("DeleteCampaign", ["campaignArn": .string(arn("campaign/hot"))])
        let fifth = try fourth.restarted()
        #expect(try await fifth.settling(arn("campaign/hot")) == nil)
    }

    @Test func `data files nobody refers to are removed at the start`() async throws {
        let test = try ServiceUnderTest()
        try await test.running { try await test.prepareFilms() }
        let stray = try test.directory.write("x", to: "home/data/stray.snapshot")
        let names = { try DataFiles.names(in: test.directory.file("home/data")) }
        #expect(try names().contains("stray.snapshot"))
        let again = try test.restarted()
        try await again.service.recover()
        #expect(try names().count == 2, "\(stray) is gone, the snapshots of both datasets are not")
    }
}
