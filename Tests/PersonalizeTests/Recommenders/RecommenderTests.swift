import JSON
import Personalize
import SQLiteStore
import TestSupport
import Testing

@Suite struct RecommenderTests {
    private static let cinema = Shop(domain: .videoOnDemand)
    private static let recipe = "aws-vod-more-like-x"

    private static func name(_ arn: String) -> JSON { ["recommenderArn": .string(arn)] }

    /// A service with one recommender that is ACTIVE.
    private static func served(_ body: @Sendable (ServiceUnderTest, String) async throws -> Void) async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareShop(cinema)
            let made = try await test.create("CreateRecommender", ServiceUnderTest.recommender(recipe))
            #expect(made.status == .active)
            try await body(test, made.arn)
        }
    }

    @Test func `a recommender is described and listed as the service does`() async throws {
        try await Self.served { test, arn in
            #expect(arn == "arn:aws:personalize:us-east-1:000000000000:recommender/\(Self.recipe)")
            let described = try await test.describeRecommender(arn)
            let members = [
                "name", "recommenderArn", "datasetGroupArn", "recipeArn", "recommenderConfig", "status",
                "modelMetrics", "creationDateTime", "lastUpdatedDateTime",
            ]
            #expect(Set(described.object?.map(\.key) ?? []) == Set(members))
            #expect(described["recommenderConfig"] == ["minRecommendationRequestsPerSecond": 1])
            let group: JSON = ["datasetGroupArn": ServiceUnderTest.shopGroup]
            let list = try await test.call("ListRecommenders", group)["recommenders"]?.array ?? []
            #expect(list.map { $0["name"] } == [.string(Self.recipe)])
            #expect(list.first?["modelMetrics"] == nil)
            #expect(try await test.call("ListSolutionVersions", [:])["solutionVersions"] == [])
        }
    }

    @Test func `a recommender is of a use case of its group's domain`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.create("CreateDatasetGroup", ["name": "shop", "domain": "ECOMMERCE"])
            try await test.create("CreateDatasetGroup", ["name": "films"])
            func error(_ recipe: String, _ group: String = "shop") async -> PersonalizeError? {
                var input = ServiceUnderTest.recommender(recipe)
                input["datasetGroupArn"] = .string(arn("dataset-group/\(group)"))
                return await test.error("CreateRecommender", input)
            }
            #expect(await error("aws-vod-top-picks")?.code == .invalidInput)
            #expect(await error("aws-ecomm-recommended-for-you", "films")?.code == .invalidInput)
            #expect(await error("aws-ecomm-recommended-for-you", "films")?.message.contains("has no domain") == true)
            #expect(await error("aws-sims")?.message.contains("CreateSolution") == true)
            #expect(await error("aws-ecomm-none")?.code == .resourceNotFound)
            #expect(await error("aws-ecomm-recommended-for-you", "none")?.code == .resourceNotFound)
            var solution = ServiceUnderTest.recommender("aws-ecomm-recommended-for-you")
            #expect(await test.code("CreateSolution", solution) == .invalidInput)
            solution["recipeArn"] = "arn:aws:personalize:::recipe/aws-sims"
            #expect(try await test.create("CreateSolution", solution).status == .active, "custom recipes are for all")
            let schema: JSON = ["name": "events", "schema": .string(interactionsSchema)]
            let schemaArn = try await test.call("CreateSchema", schema)["schemaArn"] ?? ""
            let dataset: JSON = [
                "name": "seen", "schemaArn": schemaArn, "datasetType": "Interactions",
                "datasetGroupArn": ServiceUnderTest.shopGroup,
            ]
            #expect(await test.code("CreateDataset", dataset) == .invalidInput, "a schema is of the group's domain")
        }
    }

    @Test(
        arguments: [
            (["itemExplorationConfig": ["explorationWeight": "0.2"]], "is not for recipe"),
            (["trainingDataConfig": ["excludedDatasetColumns": ["Items": ["GENRE"]]]], #"did you mean "GENRES"?"#),
            (["trainingDataConfig": ["excludedDatasetColumns": ["Users": ["AGE"]]]], "no such dataset"),
            (["trainingDataConfig": ["excludedDatasetColumns": ["Items": ["ITEM_ID"]]]], "leaves out ITEM_ID"),
            (["trainingDataConfig": ["includedDatasetColumns": ["Items": ["GENRES"]]]], "leaves out ITEM_ID"),
            (["minRecommendationRequestsPerSecond": 0], "minRecommendationRequestsPerSecond"),
        ] as [(JSON, String)]
    )
    func `a configuration that makes no sense is refused`(_ config: JSON, _ message: String) async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareShop(Self.cinema)
            let input = ServiceUnderTest.recommender(Self.recipe, config: config)
            let error = await test.error("CreateRecommender", input)
            #expect(error?.code == .invalidInput)
            #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        }
    }

    @Test(arguments: ["explorationWeight", "explorationItemAgeCutOff", "explorationMood"])
    func `exploration is checked`(_ setting: String) async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.create("CreateDatasetGroup", ["name": "shop", "domain": "VIDEO_ON_DEMAND"])
            let config: JSON = ["itemExplorationConfig": .object([setting: "-1"])]
            let input = ServiceUnderTest.recommender("aws-vod-top-picks", config: config)
            #expect(await test.error("CreateRecommender", input)?.message.contains(setting) == true)
        }
    }

    @Test func `requests name a recommender or a campaign, and each as what it is`() async throws {
        try await Self.served { test, arn in
            let both: JSON = ["recommenderArn": .string(arn), "campaignArn": .string(arn)]
            for input: JSON in [[:], both] {
                let error = #expect(throws: PersonalizeError.self) {
                    try test.service.runtime.getRecommendations(input)
                }
                #expect(error?.code == .invalidInput)
            }
            let wrong: JSON = ["campaignArn": .string(arn), "userId": "u1", "itemId": "i1"]
            let error = #expect(throws: PersonalizeError.self) { try test.service.runtime.getRecommendations(wrong) }
            #expect(error?.code == .resourceNotFound)
            let ranking: JSON = ["campaignArn": .string(arn), "userId": "u1", "inputList": ["i1"]]
            #expect(throws: PersonalizeError.self) { try test.service.runtime.getPersonalizedRanking(ranking) }
        }
    }

    @Test func `one that is stopped answers nothing and is started with the model it had`() async throws {
        try await Self.served { test, arn in
            let answer = try test.ask(arn, "u0", item: "i0")
            let files = try test.modelFiles()
            let name = Self.name(arn)
            #expect(await test.code("StartRecommender", name) == .invalidInput)
            #expect(try await test.call("StopRecommender", name) == name)
            #expect(await test.code("StopRecommender", name) == .resourceInUse)
            #expect(test.service.runtime.servedVersion(arn) == nil)
            #expect(try await test.service.waitUntilSettled(arn) == .inactive)
            let error = #expect(throws: PersonalizeError.self) { try test.ask(arn, "u0", item: "i0") }
            #expect(error?.message.contains("StartRecommender") == true)
            #expect(await test.code("StopRecommender", name) == .invalidInput)
            var update = name
            update["recommenderConfig"] = [:]
            #expect(await test.code("UpdateRecommender", update) == .invalidInput)
            #expect(try await test.call("StartRecommender", name) == name)
            #expect(await test.code("StartRecommender", name) == .resourceInUse)
            #expect(try await test.service.waitUntilSettled(arn) == .active)
            #expect(try test.ask(arn, "u0", item: "i0") == answer)
            #expect(try test.modelFiles() == files)
        }
    }

    @Test func `one whose model is damaged is not started, says why, and others go on`() async throws {
        try await Self.served { test, arn in
            let popular = ServiceUnderTest.recommender("aws-vod-most-popular")
            let other = try await test.create("CreateRecommender", popular).arn
            let files = try test.modelFiles().filter { $0.contains(Self.recipe) }
            #expect(files.count == 2)
            try await test.call("StopRecommender", Self.name(arn))
            #expect(try await test.service.waitUntilSettled(arn) == .inactive)
            for file in files { try test.directory.write("damaged", to: "home/models/\(file)") }
            try await test.call("StartRecommender", Self.name(arn))
            #expect(try await test.service.waitUntilSettled(arn) == .inactive)
            #expect(try await test.describeRecommender(arn)["failureReason"]?.string?.isEmpty == false)
            #expect(throws: PersonalizeError.self) { try test.ask(arn, "u0", item: "i0") }
            #expect(try !test.ask(other, "u0").isEmpty)
        }
    }

    @Test func `an update of one setting of exploration keeps the other`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareShop(Self.cinema)
            let made = try await test.create("CreateRecommender", ServiceUnderTest.recommender("aws-vod-top-picks"))
            var update = Self.name(made.arn)
            update["recommenderConfig"] = ["itemExplorationConfig": ["explorationWeight": "0.1"]]
            try await test.call("UpdateRecommender", update)
            #expect(try await test.service.waitUntilSettled(made.arn) == .active)
            let config = try await test.describeRecommender(made.arn)["recommenderConfig"]?["itemExplorationConfig"]
            #expect(config == ["explorationWeight": "0.1", "explorationItemAgeCutOff": "30.0"])
        }
    }

    @Test func `an update of the columns trains again while the former model answers`() async throws {
        try await Self.served { test, arn in
            let before = try #require(test.service.runtime.servedVersion(arn))
            let files = try test.modelFiles()
            let askers = (0..<2).map { _ in
                Task {
                    var answers = 0
                    while !Task.isCancelled {
                        let items = try test.ask(arn, "u0", item: "i4")
                        #expect(!items.isEmpty)
                        answers += 1
                        await Task.yield()
                    }
                    return answers
                }
            }
            var update = Self.name(arn)
            update["recommenderConfig"] = [
                "trainingDataConfig": ["excludedDatasetColumns": ["ITEMS": ["GENRES"]]],
                "enableMetadataWithRecommendations": true,
            ]
            #expect(try await test.call("UpdateRecommender", update) == Self.name(arn))
            #expect(await test.code("UpdateRecommender", update) == .resourceInUse)
            #expect(await test.code("StopRecommender", Self.name(arn)) == .resourceInUse)
            #expect(await test.code("DeleteRecommender", Self.name(arn)) == .resourceInUse)
            #expect(await test.code("DeleteDataset", ["datasetArn": .string(Self.items)]) == .resourceInUse)
            #expect(try await test.service.waitUntilSettled(arn) == .active)
            for asker in askers {
                asker.cancel()
                #expect(try await asker.value > 0)
            }
            let described = try await test.describeRecommender(arn)
            #expect(described["latestRecommenderUpdate"]?["status"] == "ACTIVE")
            #expect(described["recommenderConfig"] == described["latestRecommenderUpdate"]?["recommenderConfig"])
            #expect(described["recommenderConfig"]?["minRecommendationRequestsPerSecond"] == 1)
            #expect(test.service.runtime.servedVersion(arn) != before)
            let fields = try await test.store.resource(arn)?.body["model"]?["itemFields"]
            #expect(fields == [:], "the excluded column is not learnt from")
            let after = try await test.modelFiles(count: files.count)
            #expect(
                Set(after).isDisjoint(with: files),
                "the former model's files are gone"
            )
            let item = try test.service.runtime.getRecommendations([
                "recommenderArn": .string(arn), "userId": "u0", "itemId": "i4", "numResults": 1,
                "metadataColumns": ["ITEMS": ["GENRES"]],
            ])
            #expect(item["itemList"]?[0]?["metadata"]?["genres"] ?? item["itemList"]?[0]?["metadata"]?["GENRES"] != nil)
        }
    }

    private static let items = arn("dataset/shop/ITEMS")

    @Test func `an update of nothing but the configuration keeps the model`() async throws {
        try await Self.served { test, arn in
            let before = test.service.runtime.servedVersion(arn)
            var update = Self.name(arn)
            update["recommenderConfig"] = ["minRecommendationRequestsPerSecond": 7]
            try await test.call("UpdateRecommender", update)
            #expect(try await test.service.waitUntilSettled(arn) == .active)
            #expect(test.service.runtime.servedVersion(arn) == before)
            let described = try await test.describeRecommender(arn)
            #expect(described["recommenderConfig"] == ["minRecommendationRequestsPerSecond": 7])
            #expect(described["latestRecommenderUpdate"]?["status"] == "ACTIVE")
        }
    }

    @Test func `an update that fails leaves what was served`() async throws {
        let test = try ServiceUnderTest()
        let arn = try await test.running {
            try await test.prepareShop(Self.cinema)
            let made = try await test.create("CreateRecommender", ServiceUnderTest.recommender(Self.recipe))
            for file in try DataFiles.names(in: test.directory.file("home/data")) {
                try test.directory.write("damaged", to: "home/data/\(file)")
            }
            var update = Self.name(made.arn)
            update["recommenderConfig"] = [
                "trainingDataConfig": ["excludedDatasetColumns": ["ITEMS": ["GENRES"]]]
            ]
            try await test.call("UpdateRecommender", update)
            #expect(try await test.service.waitUntilSettled(made.arn) == .active)
            return made.arn
        }
        let described = try await test.describeRecommender(arn)
        #expect(described["latestRecommenderUpdate"]?["status"] == "CREATE FAILED")
        #expect(described["latestRecommenderUpdate"]?["failureReason"]?.string?.isEmpty == false)
        #expect(described["recommenderConfig"]?["trainingDataConfig"] == nil)
        #expect(try await test.modelFiles(count: 2).count == 2)
        #expect(try !test.ask(arn, "u0", item: "i0").isEmpty)
    }

    @Test func `one that is deleted leaves nothing, and what it uses is not deleted before`() async throws {
        try await Self.served { test, arn in
            let group: JSON = ["datasetGroupArn": ServiceUnderTest.shopGroup]
            #expect(await test.code("DeleteDatasetGroup", group) == .resourceInUse)
            try await test.call("DeleteRecommender", Self.name(arn))
            #expect(throws: PersonalizeError.self) { try test.ask(arn, "u0", item: "i0") }
            #expect(try await test.service.waitUntilSettled(arn) == nil)
            #expect(try await test.modelFiles(count: 0) == [])
            #expect(await test.code("DescribeRecommender", Self.name(arn)) == .resourceNotFound)
            for operation in ["StartRecommender", "StopRecommender", "DeleteRecommender"] {
                #expect(await test.code(operation, Self.name(arn)) == .resourceNotFound)
            }
        }
    }

    @Test func `recommenders are served again after a restart, and one that is stopped stays so`() async throws {
        let test = try ServiceUnderTest()
        let (active, inactive) = try await test.running {
            try await test.prepareShop(Self.cinema)
            let active = try await test.create("CreateRecommender", ServiceUnderTest.recommender(Self.recipe)).arn
            let popular = ServiceUnderTest.recommender("aws-vod-most-popular")
            let inactive = try await test.create("CreateRecommender", popular).arn
            try await test.call("StopRecommender", Self.name(inactive))
            _ = try await test.service.waitUntilSettled(inactive)
            return (active, inactive)
        }
        let answer = try test.ask(active, "u0", item: "i0")
        let again = try test.restarted()
        try again.directory.write("x", to: "home/models/recommender.gone-00000000.model")
        try await again.service.recover()
        #expect(try again.ask(active, "u0", item: "i0") == answer)
        let error = #expect(throws: PersonalizeError.self) { try again.ask(inactive, "u0") }
        #expect(error?.code == .invalidInput)
        #expect(try again.modelFiles().count == 4, "the stray model is gone, the others are not")
    }

    @Test func `an update of a campaign that a crash interrupted goes on`() async throws {
        let test = try ServiceUnderTest()
        let campaign = try await test.running {
            try await test.prepareFilms()
            return try await test.serve("hot")
        }
        let version = try #require(test.service.runtime.servedVersion(campaign))
        let update: JSON = ["campaignArn": .string(campaign), "solutionVersionArn": .string(version)]
        try await test.call("UpdateCampaign", update)
        #expect(try await test.restarted().settling(campaign) == .active)
    }
}
