import FoundationEssentials
import JSON
import SQLiteStore
import TestSupport
import Testing

@testable import Personalize

@Suite struct AutoTrainingTests {
    private static let group = JSON.string(arn("dataset-group/films"))

    private static func solution(_ name: String, _ more: JSONObject = [:]) -> JSON {
        var input: JSON = [
            "name": .string(name), "datasetGroupArn": group,
            "recipeArn": "arn:aws:personalize:::recipe/aws-popularity-count", "performAutoTraining": true,
        ]
        for (member, value) in more { input[member] = value }
        return input
    }

    private static func versions(_ test: ServiceUnderTest, _ name: String) async throws -> [JSON] {
        let input: JSON = ["solutionArn": .string(arn("solution/\(name)"))]
        return try await test.call("ListSolutionVersions", input)["solutionVersions"]?.array ?? []
    }

    /// Waits until a solution has so many versions and the newest has come to rest.
    private static func settled(_ test: ServiceUnderTest, _ name: String, _ count: Int) async throws -> [JSON] {
        while true {
            try Task.checkCancellation()
            let versions = try await versions(test, name)
            if versions.count >= count {
                _ = try await test.service.waitUntilSettled(versions[count - 1]["solutionVersionArn"]?.string ?? "")
                return try await Self.versions(test, name)
            }
            await Task.yield()
        }
    }

    private static func advance(_ test: ServiceUnderTest, _ duration: Duration) async {
        await test.clock.sleepers()
        test.clock.advance(by: duration)
    }

    /// Looks once at what is due; for tests that nothing is.
    private static func look(_ test: ServiceUnderTest) async throws -> Date {
        try await test.service.trainWhatIsDue()
    }

    private static func put(_ test: ServiceUnderTest, _ tracking: String, _ number: Int) async throws {
        try await test.put(["i1"], by: "u", tracking: tracking, at: 1_900_000_000 + number, ids: ["e\(number)"])
    }

    @Test func `a new solution trains itself within an hour, and every seven days when events came`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            var input = Self.solution("hot")
            input["performAutoTraining"] = nil
            try await test.create("CreateSolution", input)
            let name: JSON = ["solutionArn": .string(arn("solution/hot"))]
            #expect(try await test.call("DescribeSolution", name)["solution"]?["performAutoTraining"] == true)
            await Self.advance(test, .seconds(1800))
            _ = try await Self.look(test)
            #expect(try await Self.versions(test, "hot").isEmpty)
            await Self.advance(test, .seconds(1800))
            let first = try await Self.settled(test, "hot", 1)
            #expect(first.map { $0["status"] } == ["ACTIVE"])
            #expect(first[0]["trainingType"] == "AUTOMATIC")
            #expect(first[0]["trainingMode"] == "FULL")
            let begun = first[0]["creationDateTime"]?.double ?? 0
            #expect(try await Self.look(test).timeIntervalSince1970 == begun + 7 * 86_400)
            await Self.advance(test, .seconds(7 * 86_400))
            #expect(try await Self.look(test) > test.clock.date, "nothing has come, so nothing is learnt")
            #expect(try await Self.versions(test, "hot").count == 1)
            try await Self.put(test, tracking, 1)
            await Self.advance(test, .seconds(3600))
            #expect(try await Self.settled(test, "hot", 2)[1]["status"] == "ACTIVE")
        }
    }

    @Test func `a version made by hand within the hour is the first, and the period counts from it`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            let config: JSON = ["autoTrainingConfig": ["schedulingExpression": "rate(2 days)"]]
            try await test.create("CreateSolution", Self.solution("hot", ["solutionConfig": config]))
            await Self.advance(test, .seconds(1200))
            try await test.create("CreateSolutionVersion", ["solutionArn": .string(arn("solution/hot"))])
            try await Self.put(test, tracking, 1)
            let begun = test.clock.date
            await Self.advance(test, .seconds(3600))
            #expect(try await Self.look(test) == begun.addingTimeInterval(2 * 86_400))
            #expect(try await Self.versions(test, "hot").map { $0["trainingType"] } == ["MANUAL"])
            await Self.advance(test, .seconds(2 * 86_400))
            let both = try await Self.settled(test, "hot", 2)
            #expect(both.map { $0["trainingType"] } == ["MANUAL", "AUTOMATIC"])
        }
    }

    @Test func `what became due while no process ran is trained at the next start, once`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            try await test.create("CreateSolution", Self.solution("hot"))
            try await test.create("CreateSolution", Self.solution("cold", ["performAutoTraining": false]))
            await Self.advance(test, .seconds(3600))
            _ = try await Self.settled(test, "hot", 1)
            try await Self.put(test, tracking, 1)
        }
        test.clock.advance(by: .seconds(30 * 86_400))
        let again = try test.restarted()
        try await again.running {
            #expect(try await Self.settled(again, "hot", 2)[1]["status"] == "ACTIVE")
            _ = try await Self.look(again)
            #expect(try await Self.versions(again, "hot").count == 2)
            #expect(try await Self.versions(again, "cold").isEmpty)
        }
    }

    /// The process dies before transaction n of an automatic training.
    @Test(arguments: 0..<3)
    func `a training that begins by itself begins once, wherever the process ends`(crash: Int) async throws {
        let fuse = CrashFuse()
        let test = try ServiceUnderTest({ _ in }, onTransaction: { _ in try fuse.burn() })
        try await test.running {
            try await test.prepareFilms()
            try await test.create("CreateSolution", Self.solution("hot"))
            await test.clock.sleepers()
        }
        fuse.arm(crash)
        test.clock.advance(by: .seconds(3600))
        await fuse.run { try await test.running { _ = try await Self.settled(test, "hot", 1) } }
        #expect(fuse.isBurnt)
        let again = try test.restarted()
        try await again.running {
            let versions = try await Self.settled(again, "hot", 1)
            #expect(versions.map { $0["status"] } == ["ACTIVE"], "crash before transaction \(crash)")
            #expect(try await Self.look(again) > again.clock.date)
            #expect(try await Self.versions(again, "hot").count == 1)
        }
    }

    @Test func `a campaign that follows its solution serves what was trained by itself`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            try await test.create("CreateSolution", Self.solution("hot"))
            try await test.create("CreateSolutionVersion", ["solutionArn": .string(arn("solution/hot"))])
            let campaign = try await test.create(
                "CreateCampaign",
                [
                    "name": "hot", "solutionVersionArn": .string(arn("solution/hot") + "/$LATEST"),
                    "campaignConfig": ["syncWithLatestSolutionVersion": true],
                ]
            ).arn
            try await Self.put(test, tracking, 1)
            await Self.advance(test, .seconds(7 * 86_400))
            let second = try await Self.settled(test, "hot", 2)[1]["solutionVersionArn"]?.string
            while test.service.runtime.servedVersion(campaign) != second { await Task.yield() }
            #expect(try await test.service.waitUntilSettled(campaign) == .active)
        }
    }

    @Test func `increments learn on from the newest version, half an hour after it`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            let input = Self.solution(
                "mine",
                [
                    "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization",
                    "performIncrementalUpdate": true, "performAutoTraining": false,
                    "solutionConfig": ["algorithmHyperParameters": ["hidden_dimension": "2"]],
                ]
            )
            try await test.create("CreateSolution", input)
            try await test.create("CreateSolutionVersion", ["solutionArn": .string(arn("solution/mine"))])
            let begun = test.clock.date
            #expect(try await Self.look(test) == begun.addingTimeInterval(1800))
            try await Self.put(test, tracking, 1)
            await Self.advance(test, .seconds(1800))
            let second = try await Self.settled(test, "mine", 2)[1]
            #expect(second["trainingMode"] == "UPDATE")
            #expect(second["trainingType"] == "AUTOMATIC")
            #expect(second["status"] == "ACTIVE")
        }
    }

    @Test func `a recommender is trained again after seven days, and answers meanwhile`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let shop = Shop(domain: .videoOnDemand)
            try await test.prepareShop(shop)
            let input: JSON = ["name": "clicks", "datasetGroupArn": ServiceUnderTest.shopGroup]
            let tracker = try await test.call("CreateEventTracker", input)
            _ = try await test.service.waitUntilSettled(tracker["eventTrackerArn"]?.string ?? "")
            let popular = ServiceUnderTest.recommender("aws-vod-most-popular")
            let recommender = try await test.create("CreateRecommender", popular).arn
            let first = test.service.runtime.servedVersion(recommender)
            #expect(try await Self.look(test) == test.clock.date.addingTimeInterval(7 * 86_400))
            let trending = ServiceUnderTest.recommender("aws-vod-trending-now")
            let now = try await test.create("CreateRecommender", trending).arn
            #expect(try await Self.look(test) == test.clock.date.addingTimeInterval(7200), "what trends is soon old")
            try await test.call("DeleteRecommender", ["recommenderArn": .string(now)])
            _ = try await test.service.waitUntilSettled(now)
            await Self.advance(test, .seconds(7 * 86_400))
            #expect(try await Self.look(test) > test.clock.date, "nothing has come")
            #expect(test.service.runtime.servedVersion(recommender) == first)
            let tracking = tracker["trackingId"]?.string ?? ""
            try await test.put(["brand-new"], by: "u1", tracking: tracking, type: "Watch")
            #expect(try !test.ask(recommender, "u2").contains("brand-new"))
            await Self.advance(test, .seconds(3600))
            while test.service.runtime.servedVersion(recommender) == first {
                #expect(try !test.ask(recommender, "u2").isEmpty)
                await Task.yield()
            }
            #expect(try await test.service.waitUntilSettled(recommender) == .active)
            #expect(try test.ask(recommender, "u2").contains("brand-new"))
            #expect(try await test.describeRecommender(recommender)["latestRecommenderUpdate"] == nil)
            #expect(try await test.modelFiles(count: 2).count == 2)
        }
    }

    @Test(arguments: ["rate(0 days)", "rate(31 days)", "rate(99999999 days)"])
    func `a schedule outside a month is refused`(_ expression: String) async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.create("CreateDatasetGroup", ["name": "films"])
            let config: JSON = ["autoTrainingConfig": ["schedulingExpression": .string(expression)]]
            let error = await test.error("CreateSolution", Self.solution("hot", ["solutionConfig": config]))
            #expect(error?.code == .invalidInput)
            #expect(error?.message.contains("schedulingExpression") == true)
            let incremental = Self.solution("hot", ["performIncrementalUpdate": true])
            #expect(
                await test.error("CreateSolution", incremental)?.message.contains("aws-semantic-similarity") == true
            )
        }
    }
}
