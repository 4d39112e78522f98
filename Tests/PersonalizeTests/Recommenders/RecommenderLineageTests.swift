import FoundationEssentials
import JSON
import TestSupport
import Testing

@testable import Personalize

/// Where the answers of recommenders come from, and what their scores are made of.
@Suite struct RecommenderLineageTests {
    private static let shop = Shop(domain: .ecommerce)
    private static let recipe = "aws-ecomm-recommended-for-you"
    private static let config: JSON = ["itemExplorationConfig": ["explorationWeight": "0"]]

    private static func served(_ body: @Sendable (ServiceUnderTest, String) async throws -> Void) async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareShop(shop)
            let made = try await test.create(
                "CreateRecommender",
                ServiceUnderTest.recommender(recipe, config: config)
            )
            try await body(test, made.arn)
        }
    }

    private static func answer(_ test: ServiceUnderTest, _ recommender: String) throws -> (id: String, items: [JSON]) {
        let input: JSON = ["recommenderArn": .string(recommender), "userId": "u1", "numResults": 100]
        let answer = try test.service.runtime.getRecommendations(input)
        return (answer["recommendationId"]?.string ?? "", answer["itemList"]?.array ?? [])
    }

    /// Has the recommender trained again, with other columns.
    private static func retrain(_ test: ServiceUnderTest, _ arn: String, without column: String) async throws {
        let config: JSON = ["trainingDataConfig": ["excludedDatasetColumns": ["Items": [.string(column)]]]]
        try await test.call("UpdateRecommender", ["recommenderArn": .string(arn), "recommenderConfig": config])
        #expect(try await test.service.waitUntilSettled(arn) == .active)
    }

    @Test func `an answer leads to its recommender, training, configuration, seed, imports, files and lines`()
        async throws
    {
        try await Self.served { test, arn in
            let id = try Self.answer(test, arn).id
            let lineage = try await test.service.lineage(id)
            #expect(lineage["recommender"]?["arn"]?.string == arn)
            #expect(lineage["recommender"]?["status"] == "ACTIVE")
            #expect(lineage["campaign"] == nil)
            #expect(lineage["isServed"] == true)
            let version = lineage["solutionVersion"]
            #expect(version?["solutionVersionArn"]?.string == test.service.runtime.servedVersion(arn))
            #expect(version?["recipeArn"]?.string == "arn:aws:personalize:::recipe/\(Self.recipe)")
            #expect(version?["trainingSeed"] == "42")
            #expect(version?["trainingMode"] == "FULL")
            #expect(version?["modelHash"]?.string?.utf8.count == 64)
            #expect(version?["creationDateTime"]?.double == test.clock.date.timeIntervalSince1970)
            let data = lineage["data"]?.array ?? []
            let file = try #require(
                data.first { $0["datasetType"] == "INTERACTIONS" }?["datasetImportJob"]?["files"]?[0]
            )
            let rows = Self.shop.interactions().split(separator: "\n").count - 1
            #expect(file["name"] == "s3://bucket/Interactions/a.csv")
            #expect(file["rowCount"] == JSON(rows))
            #expect(file["firstLine"] == 2 && file["lastLine"] == JSON(rows + 1))
            #expect(file["sha256"]?.string?.utf8.count == 64)
        }
    }

    @Test func `it is told after the next training, after a restart, and not after the recommender is gone`()
        async throws
    {
        let test = try ServiceUnderTest()
        let (first, second, arn) = try await test.running {
            try await test.prepareShop(Self.shop)
            let arn = try await test.create("CreateRecommender", ServiceUnderTest.recommender(Self.recipe)).arn
            let first = try Self.answer(test, arn).id
            try await Self.retrain(test, arn, without: "PRICE")
            return (first, try Self.answer(test, arn).id, arn)
        }
        let again = try test.restarted()
        try await again.running {
            try await again.service.recover()
            let one = try await again.service.lineage(first)
            let two = try await again.service.lineage(second)
            #expect(one["isServed"] == false && two["isServed"] == true)
            #expect(one["solutionVersion"]?["solutionVersionArn"] != two["solutionVersion"]?["solutionVersionArn"])
            #expect(one["solutionVersion"]?["solutionConfig"] == nil)
            #expect(two["solutionVersion"]?["solutionConfig"]?["trainingDataConfig"] != nil)
            for lineage in [one, two] { #expect(lineage["recommender"]?["arn"]?.string == arn) }
            #expect(one["data"]?.array?.isEmpty == false)
            try await again.call("DeleteRecommender", ["recommenderArn": .string(arn)])
            _ = try await again.service.waitUntilSettled(arn)
            let error = await #expect(throws: PersonalizeError.self) { try await again.service.lineage(first) }
            #expect(error?.code == .resourceNotFound)
            #expect(error?.message.contains("training of a recommender") == true)
        }
    }

    @Test func `a recommender remembers its trainings of a year`() throws {
        var recommender = Resource(
            arn: arn("recommender/r"),
            kind: .recommender,
            name: "r",
            parentArn: nil,
            status: .active,
            body: [:],
            createdAt: .distantPast,
            updatedAt: .distantPast
        )
        for number in 0..<60 { recommender.serve(["id": .string("0000000\(number % 8)"), "metrics": JSON(number)]) }
        #expect(recommender.knownTrainings.count == 53)
        #expect(recommender.knownTrainings.last?.body["metrics"] == 59)
        #expect(recommender.knownTrainings.first?.body["metrics"] == nil)
    }

    @Test func `an explanation of a recommender ranks as it does and names what it leaves out`() async throws {
        try await Self.served { test, arn in
            func explain(_ item: String) throws -> JSON {
                let input: JSON = ["recommenderArn": .string(arn), "userId": "u1", "itemId": .string(item)]
                return try test.service.runtime.explain(input)
            }
            let items = try Self.answer(test, arn).items.compactMap { $0["itemId"]?.string }
            let answers = try items.map(explain)
            let totals = answers.compactMap { $0["total"]?.double }
            #expect(totals.count == items.count && items.count > 3)
            #expect(zip(totals, totals.dropFirst()).allSatisfy { $0 > $1 - 1e-5 })
            for answer in answers {
                #expect(answer["recommenderArn"]?.string == arn && answer["campaignArn"] == nil)
                #expect(answer["removedBy"] == [])
            }
            let taken = try explain(try #require(Self.shop.taken(1).min()))
            #expect(taken["removedBy"]?[0]?["kind"] == "AUTOMATIC_FILTER")
            for input: JSON in [["itemId": "i1"], ["campaignArn": .string(arn), "itemId": "i1", "userId": "u1"]] {
                #expect(throws: PersonalizeError.self) { try test.service.runtime.explain(input) }
            }
        }
    }
}
