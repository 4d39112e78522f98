import CustomRecipes
import JSON
import Personalize
import TestSupport
import Testing

@Suite struct RecipeCatalogTests {
    @Test func `a directory is a recipe that is listed and described with its settings`() async throws {
        let bench = try RecipeWorkbench()
        try bench.write("counts")
        let names = try await bench.call("ListRecipes", [:])["recipes"]?.array?.compactMap { $0["name"]?.string } ?? []
        #expect(names.contains("counts"))
        #expect(names.contains("aws-sims"))
        let arn: JSON = "arn:aws:personalize:::recipe/counts"
        let recipe = try await bench.call("DescribeRecipe", ["recipeArn": arn])["recipe"]
        #expect(recipe?["recipeType"] == "USER_PERSONALIZATION")
        #expect(recipe?["description"] == "Counts.")
        let algorithm = try await bench.call(
            "DescribeAlgorithm",
            ["algorithmArn": recipe?["algorithmArn"] ?? .null]
        )["algorithm"]
        #expect(algorithm?["defaultHyperParameters"]?["depth"] == "3")
        let range = algorithm?["defaultHyperParameterRanges"]?["integerHyperParameterRanges"]?[0]
        #expect(range?["maxValue"] == 9)
    }

    @Test func `a description is refused with every fault of it`() async throws {
        let bench = try RecipeWorkbench()
        try bench.write(
            "broken",
            description: """
                {"type": "PERSONAL", "trainSeconds": 0, "memoryMegabyte": 64,
                 "hyperparameters": [{"name": "depth", "type": "Integer", "defaultValue": 30, "minValue": 1, "maxValue": 9}],
                 "metricDefinitions": [{"name": "rmse", "regex": "rmse=("}], "objective": {"metricName": "mae", "type": "Least"}}
                """
        )
        let fault = await bench.refusal("DescribeRecipe", ["recipeArn": "arn:aws:personalize:::recipe/broken"])
        #expect(fault?.code == .invalidInput)
        for part in [
            "type \"PERSONAL\" must be one of", "trainSeconds 0 must be", "memoryMegabyte is not known, did you mean",
            "hyperparameters[0].defaultValue is not one of its values", "metricDefinitions[0].regex",
            "objective.metricName must be",
        ] { #expect(fault?.message.contains(part) == true, "\(part) in \(fault?.message ?? "")") }
        let names = try await bench.call("ListRecipes", [:])["recipes"]?.array?.compactMap { $0["name"]?.string } ?? []
        #expect(!names.contains("broken"))
    }

    @Test func `a program that is missing or cannot be run is told with a remedy`() async throws {
        let bench = try RecipeWorkbench()
        try bench.directory.write(Programs.description, to: "recipes/half/recipe.json")
        try bench.directory.write(Programs.train, to: "recipes/half/train")
        let fault = await bench.refusal("DescribeRecipe", ["recipeArn": "arn:aws:personalize:::recipe/half"])
        #expect(fault?.message.contains("train is not executable; chmod +x") == true)
        #expect(fault?.message.contains("serve is missing; put it beside recipe.json") == true)
    }

    @Test func `names of recipes that are here are kept for them, and no name leads elsewhere`() async throws {
        let bench = try RecipeWorkbench()
        try bench.write("aws-mine")
        let listed = try await bench.call("ListRecipes", [:])["recipes"]?.array ?? []
        #expect(!listed.contains { $0["name"] == "aws-mine" })
        for name in ["..", "../recipes", ".", "absent"] {
            let fault = await bench.refusal(
                "DescribeRecipe",
                ["recipeArn": .string("arn:aws:personalize:::recipe/\(name)")]
            )
            #expect(fault?.code == .resourceNotFound || fault?.code == .invalidInput)
        }
    }

    @Test func `a solution is refused for settings that the recipe does not have`() async throws {
        let bench = try RecipeWorkbench()
        try bench.write("counts")
        try await bench.running {
            try await bench.create("CreateDatasetGroup", ["name": "films"])
            func refusal(_ config: JSON, hpo: Bool = false) async -> String? {
                await bench.refusal(
                    "CreateSolution",
                    [
                        "name": "s", "datasetGroupArn": .string(arn("dataset-group/films")), "performHPO": .bool(hpo),
                        "recipeArn": "arn:aws:personalize:::recipe/counts", "solutionConfig": config,
                    ]
                )?.message
            }
            let unknown = await refusal(["algorithmHyperParameters": ["dept": "3"]])
            #expect(unknown?.contains("\"dept\" is not one of recipe \"counts\"; did you mean \"depth\"?") == true)
            let outside = await refusal(["algorithmHyperParameters": ["depth": "10"]])
            #expect(outside?.contains("must be a whole number in 1...9") == true)
            let fixed = await refusal(
                [
                    "hpoConfig": [
                        "algorithmHyperParameterRanges": [
                            "categoricalHyperParameterRanges": [["name": "mode", "values": ["fast"]]]
                        ]
                    ]
                ],
                hpo: true
            )
            #expect(fixed?.contains("is not for tuning") == true)
            let metric = await refusal(["hpoConfig": ["hpoObjective": ["metricName": "rsme"]]], hpo: true)
            #expect(metric?.contains("did you mean \"rmse\"?") == true)
        }
    }
}
