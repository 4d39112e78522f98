import JSON
import Personalize
import Testing

@Suite struct AlgorithmTests {
    private func algorithm(_ recipe: String) async throws -> JSON {
        let test = try ServiceUnderTest()
        let arn = JSON.string("arn:aws:personalize:::recipe/\(recipe)")
        let described = try await test.call("DescribeRecipe", ["recipeArn": arn])["recipe"]
        let algorithmArn = described?["algorithmArn"] ?? ""
        return try await test.call("DescribeAlgorithm", ["algorithmArn": algorithmArn])["algorithm"] ?? [:]
    }

    @Test func `an algorithm shows the hyperparameters that it has here`() async throws {
        let sims = try await algorithm("aws-sims")
        #expect(sims["defaultHyperParameters"]?["popularity_discount_factor"] == "0.5")
        let ranges = sims["defaultHyperParameterRanges"]
        #expect(
            ranges?["continuousHyperParameterRanges"]?[0] == [
                "name": "popularity_discount_factor", "isTunable": true, "minValue": 0.0, "maxValue": 1.0,
            ]
        )
        #expect(ranges?["integerHyperParameterRanges"]?[0]?["maxValue"] == 10)
        #expect(ranges?["categoricalHyperParameterRanges"] == [])
    }

    @Test func `names are those of the recipe, and what is given with the features is shown with them`() async throws {
        let ranking = try await algorithm("aws-personalized-ranking-v2")
        #expect(ranking["defaultHyperParameters"]?["apply_recency_bias"] == "true")
        #expect(ranking["defaultHyperParameters"]?["recency_mask"] == nil)
        let trending = try await algorithm("aws-trending-now")
        #expect(trending["name"] == "aws-trending-now-custom")
        #expect(trending["defaultHyperParameters"] == [:])
        let test = try ServiceUnderTest()
        let arn: JSON = ["featureTransformationArn": "arn:aws:personalize:::feature-transformation/aws-trending-now"]
        let features = try await test.call("DescribeFeatureTransformation", arn)["featureTransformation"]
        #expect(features?["defaultParameters"] == ["trend_discovery_frequency": "2 hours"])
        #expect(features?["status"] == "ACTIVE")
    }

    @Test func `every recipe's algorithm and features are described, and no others`() async throws {
        let test = try ServiceUnderTest()
        for recipe in try await test.call("ListRecipes", [:])["recipes"]?.array ?? [] {
            let described = try await test.call("DescribeRecipe", ["recipeArn": recipe["recipeArn"] ?? ""])["recipe"]
            for (operation, member) in [
                ("DescribeAlgorithm", "algorithmArn"),
                ("DescribeFeatureTransformation", "featureTransformationArn"),
            ] {
                let input: JSON = .object([member: described?[member] ?? ""])
                #expect(await test.error(operation, input) == nil, "\(recipe["name"] ?? "")")
                let other: JSON = .object([member: recipe["recipeArn"] ?? ""])
                #expect(await test.code(operation, other) == .resourceNotFound)
            }
        }
    }
}
