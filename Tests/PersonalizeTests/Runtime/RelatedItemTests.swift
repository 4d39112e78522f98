import JSON
import Personalize
import TestSupport
import Testing

@Suite struct RelatedItemTests {
    private static let textSchema = """
        {"type":"record","name":"Items","namespace":"com.amazonaws.personalize.schema","fields":[
        {"name":"ITEM_ID","type":"string"},{"name":"TITLE","type":["null","string"]},
        {"name":"DESCRIPTION","type":["null","string"],"textual":true},
        {"name":"CREATION_TIMESTAMP","type":["null","long"]}],"version":"1.0"}
        """

    /// A group with items and nothing else.
    private func prepareTexts(_ test: ServiceUnderTest, schema: String = textSchema, _ file: String) async throws {
        try await test.create("CreateDatasetGroup", ["name": "films"])
        try await test.call("CreateSchema", ["name": "texts", "schema": .string(schema)])
        let dataset: JSON = [
            "name": "texts", "schemaArn": .string(arn("schema/texts")),
            "datasetGroupArn": .string(arn("dataset-group/films")), "datasetType": "Items",
        ]
        try await test.create("CreateDataset", dataset)
        try test.directory.write(file, to: "bucket/Items/a.csv")
        #expect(try await test.importFiles("texts-1", "ITEMS", "s3://bucket/Items/").status == .active)
    }

    @Test func `new items are related by what they are like, before anyone has met them`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let new = "ITEM_ID,GENRES,PRICE\nn0,drama|war,1\nn1,comedy,1\nn2,unlike,1\n"
            try test.directory.write(new, to: "bucket/New/b.csv")
            try await test.importFiles("items-2", "ITEMS", "s3://bucket/New/", mode: "INCREMENTAL")
            let similar = try await test.serve("similar", recipe: "aws-similar-items")
            func isOdd(_ id: String) -> Bool { Int(id.dropFirst()).map { $0 % 2 == 1 } ?? false }
            for (item, odd) in [("n0", false), ("n1", true), ("i4", false), ("i5", true)] {
                let related = try test.recommend(similar, ["itemId": .string(item), "numResults": 8])
                #expect(related.count == 8)
                #expect(related.allSatisfy { isOdd($0) == odd && $0 != item }, "\(item): \(related)")
            }
            #expect(try test.recommend(similar, ["itemId": "i4", "numResults": 12]).contains("n0"))
            let popular = try await test.serve("popular")
            for unknown in ["n2", "nothing"] {
                let answer = try test.recommend(similar, ["itemId": .string(unknown)])
                #expect(answer == (try test.recommend(popular)))
            }
            let input: JSON = ["campaignArn": .string(similar), "itemId": "i4"]
            let items = try test.service.runtime.getRecommendations(input)["itemList"]?.array ?? []
            #expect(items.allSatisfy { $0["score"] == nil })
        }
    }

    @Test func `items are related by their names and descriptions alone, without an interaction`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let file = """
                ITEM_ID,TITLE,DESCRIPTION,CREATION_TIMESTAMP
                a,Star Wars,"A war between stars, with ships",100
                b,Star Ships,War again,200
                c,Love,The story of a couple,100
                d,Loving,A couple and their story: love!,100
                e,,,
                f,Stars,,900

                """
            try await prepareTexts(test, file)
            let campaign = try await test.serve("near", recipe: "aws-semantic-similarity")
            for (item, other) in [("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")] {
                #expect(try test.recommend(campaign, ["itemId": .string(item), "numResults": 1]) == [other])
            }
            for item in ["e", "unknown"] { #expect(try test.recommend(campaign, ["itemId": .string(item)]).isEmpty) }
            #expect(throws: PersonalizeError.self) { try test.recommend(campaign, ["userId": "u"]) }
            let version = try await test.call("DescribeCampaign", ["campaignArn": .string(campaign)])["campaign"]
            let newest = try await test.create(
                "CreateCampaign",
                [
                    "name": "new", "solutionVersionArn": version?["solutionVersionArn"] ?? "",
                    "campaignConfig": ["rankingInfluence": ["FRESHNESS": 1]],
                ]
            )
            #expect(try test.recommend(newest.arn, ["itemId": "a", "numResults": 2]) == ["f", "b"])
        }
    }

    @Test func `items without any text are refused with what is to be added`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await prepareTexts(test, schema: itemsSchema, "ITEM_ID,GENRES,PRICE\na,war,1\nb,war,2\n")
            let version = try await test.train("near", recipe: "aws-semantic-similarity")
            #expect(version.status == .createFailed)
            let reason = try await test.failureReason("SolutionVersion", version.arn) ?? ""
            #expect(reason.contains("no item has a text to compare"))
            #expect(reason.contains("ITEM_NAME or TITLE"))
            // Other recipes cannot do without interactions.
            let similar = try await test.train("similar", recipe: "aws-similar-items")
            #expect(try await test.failureReason("SolutionVersion", similar.arn)?.contains("no interactions") == true)
        }
    }

    @Test func `what trends is counted in the intervals that the solution names`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            // Long after all others four users met i1 again, one of them in the hour before the rest.
            let late = [(11, 1_800_000_000), (3, 1_800_000_000), (5, 1_800_000_000), (7, 1_799_996_000)]
                .map { "u\($0.0),i1,\($0.1),watch,1\n" }.joined()
            try test.directory.write(
                "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\n" + late,
                to: "bucket/New/b.csv"
            )
            try await test.importFiles("seen-2", "INTERACTIONS", "s3://bucket/New/", mode: "INCREMENTAL")
            let popular = try await test.serve("popular")
            func first(_ name: String, _ frequency: String?) async throws -> [String] {
                let parameters: JSON = frequency.map { ["trend_discovery_frequency": .string($0)] } ?? [:]
                let config: JSON = ["featureTransformationParameters": parameters]
                let version = try await test.train(name, recipe: "aws-trending-now", ["solutionConfig": config])
                let campaign = try await test.create(
                    "CreateCampaign",
                    ["name": .string(name), "solutionVersionArn": .string(version.arn)]
                )
                return try test.recommend(campaign.arn, ["numResults": 2])
            }
            let most = try test.recommend(popular, ["numResults": 2])
            #expect(most[0] != "i1")
            #expect(try await first("hour", "1 hour") == ["i1", most[0]])
            #expect(try await first("usual", nil) == most)
        }
    }

    @Test func `an interval that is not offered is refused, and the recipe names its own algorithm`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let recipe = JSON.string("arn:aws:personalize:::recipe/aws-trending-now")
            let refused = await test.error(
                "CreateSolution",
                [
                    "name": "trend", "datasetGroupArn": .string(arn("dataset-group/films")), "recipeArn": recipe,
                    "solutionConfig": ["featureTransformationParameters": ["trend_discovery_frequency": "weekly"]],
                ]
            )
            #expect(refused?.code == .invalidInput)
            #expect(
                refused?.message.contains(
                    "featureTransformationParameters: hyperparameter trend_discovery_frequency \"weekly\""
                ) == true
            )
            let described = try await test.call("DescribeRecipe", ["recipeArn": recipe])["recipe"]
            #expect(described?["algorithmArn"] == "arn:aws:personalize:::algorithm/aws-trending-now-custom")
            #expect(
                described?["featureTransformationArn"]
                    == "arn:aws:personalize:::feature-transformation/aws-trending-now"
            )
            #expect(described?["recipeType"] == "POPULAR_ITEMS")
            for name in ["aws-similar-items", "aws-semantic-similarity"] {
                let input: JSON = ["recipeArn": .string("arn:aws:personalize:::recipe/\(name)")]
                let described = try await test.call("DescribeRecipe", input)["recipe"]
                #expect(described?["recipeType"] == "RELATED_ITEMS")
            }
        }
    }
}
