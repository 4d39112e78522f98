import FoundationEssentials
import JSON
import Personalize
import TestSupport
import Testing

/// `CreateSolutionVersion` with `trainingMode` UPDATE.
@Suite struct UpdateTrainingTests {
    /// Imports what came later: more users, and items whose ids lie among the earlier ones.
    private func importMore(_ test: ServiceUnderTest, _ name: String, users: Int, items: Int) async throws {
        try test.directory.write(Films(users: users, items: items).interactions(), to: "bucket/\(name)/a.csv")
        try await test.importFiles(name, "INTERACTIONS", "s3://bucket/\(name)/")
    }

    private func update(_ test: ServiceUnderTest, _ solution: String) async throws -> (
        arn: String, status: ResourceStatus?
    ) {
        let input: JSON = ["solutionArn": .string(arn("solution/\(solution)")), "trainingMode": "UPDATE"]
        return try await test.create("CreateSolutionVersion", input)
    }

    private func metrics(_ test: ServiceUnderTest, _ version: String) async throws -> JSON? {
        try await test.call("GetSolutionMetrics", ["solutionVersionArn": .string(version)])["metrics"]
    }

    @Test(arguments: ["aws-user-personalization", "aws-hrnn-coldstart"])
    func `a version learns on from an earlier one and knows who and what came since`(recipe: String) async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let full = try await test.train("hot", recipe: recipe)
            #expect(full.status == .active)
            let more = Films(users: 48, items: 30)
            try await importMore(test, "more", users: more.users, items: more.items)
            let updated = try await update(test, "hot")
            let reason = try await test.failureReason("SolutionVersion", updated.arn)
            #expect(updated.status == .active, "\(reason ?? "")")
            #expect(try await metrics(test, updated.arn)?.object?.isEmpty == false)

            let input: JSON = ["name": "hot", "solutionVersionArn": .string(updated.arn)]
            let campaign = try await test.create("CreateCampaign", input)
            var (own, new) = (0, 0)
            for user in 40..<48 {
                let input: JSON = ["userId": .string("u\(user)"), "numResults": 8]
                let answer = try test.recommend(campaign.arn, input.object ?? [:])
                own += answer.prefix(3).count { more.unseen(user).contains($0) }
                new += answer.count { (Int($0.dropFirst()) ?? 0) >= 24 }
            }
            #expect(own >= 16, "of 24 recommended items \(own) are of the users' own camps and unseen")
            #expect(new > 0, "no new item is recommended")
        }
    }

    @Test(arguments: ["aws-user-personalization", "aws-hrnn-coldstart"])
    func `an update of an update can be replayed, and its files go with the solution`(recipe: String) async throws {
        let test = try ServiceUnderTest()
        let models = test.directory.file("home/models")
        try await test.running {
            try await test.prepareFilms(Films(users: 20, items: 16))
            _ = try await test.train("hot", recipe: recipe)
            try await importMore(test, "more", users: 24, items: 18)
            let first = try await update(test, "hot")
            try await importMore(test, "most", users: 28, items: 20)
            let second = try await update(test, "hot")
            for version in [first, second] {
                #expect(version.status == .active)
                #expect(try await test.service.replay(version.arn)["isIdentical"] == true)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: models).count == 12)
            try await test.call("DeleteSolution", ["solutionArn": .string(arn("solution/hot"))])
            _ = try await test.service.waitUntilSettled(arn("solution/hot"))
        }
        // The service removes files when the resources are gone, and ends when it has.
        #expect(try FileManager.default.contentsOfDirectory(atPath: models).isEmpty)
    }

    @Test func `only recipes that can learn on, after a version in full and new data`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            for (name, recipe) in [("popular", "aws-popularity-count"), ("near", "aws-sims"), ("any", nil)] {
                _ = try await test.train(name, recipe: recipe)
                try await importMore(test, "more-\(name)", users: 41, items: 24)
                let input: JSON = ["solutionArn": .string(arn("solution/\(name)")), "trainingMode": "UPDATE"]
                let error = await test.error("CreateSolutionVersion", input)
                #expect(error?.code == .invalidInput)
                #expect(error?.message.contains("use FULL") == true)
            }
            let solution: JSON = [
                "name": "hot", "datasetGroupArn": .string(arn("dataset-group/films")),
                "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization",
            ]
            try await test.create("CreateSolution", solution)
            let input: JSON = ["solutionArn": .string(arn("solution/hot")), "trainingMode": "UPDATE"]
            let early = await test.error("CreateSolutionVersion", input)
            #expect(early?.message.contains("use trainingMode FULL first") == true)
            _ = try await test.create("CreateSolutionVersion", ["solutionArn": .string(arn("solution/hot"))])
            let stale = await test.error("CreateSolutionVersion", input)
            #expect(stale?.code == .invalidInput)
            #expect(stale?.message.hasPrefix("There should be updates to at least one dataset after") == true)
            try await importMore(test, "later", users: 42, items: 24)
            #expect(try await update(test, "hot").status == .active)
        }
    }

    @Test func `a version whose models are gone cannot be learnt on from, and says what to do`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms(Films(users: 20, items: 16))
            _ = try await test.train("hot", recipe: "aws-user-personalization")
            let models = test.directory.file("home/models")
            for name in try FileManager.default.contentsOfDirectory(atPath: models) where name.hasSuffix(".measured") {
                try FileManager.default.removeItem(atPath: "\(models)/\(name)")
            }
            try await importMore(test, "more", users: 24, items: 18)
            let version = try await update(test, "hot")
            #expect(version.status == .createFailed)
            let reason = try await test.failureReason("SolutionVersion", version.arn)
            #expect(reason?.contains("train in full") == true, "\(reason ?? "")")
        }
    }
}
