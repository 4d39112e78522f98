import JSON
import Personalize
import Testing

@Suite struct TuningTests {
    private static func solution(_ config: JSON, recipe: String? = "aws-sims") -> JSON {
        var input: JSON = [
            "name": "tuned", "datasetGroupArn": .string(arn("dataset-group/films")), "performHPO": true,
            "solutionConfig": config,
        ]
        if let recipe { input["recipeArn"] = .string("arn:aws:personalize:::recipe/\(recipe)") }
        return input
    }

    private static func ranges(_ kind: String, _ range: JSON) -> JSON {
        ["hpoConfig": ["algorithmHyperParameterRanges": .object([kind: [range]])]]
    }

    private static func integers(_ name: String, _ least: Int, _ greatest: Int) -> JSON {
        let range: JSON = ["name": .string(name), "minValue": JSON(least), "maxValue": JSON(greatest)]
        return ranges("integerHyperParameterRanges", range)
    }

    @Test func `performHPO searches the ranges and the version shows what it found`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            var config = Self.integers("min_cointeraction_count", 0, 2)
            config["hpoConfig"]?["hpoResourceConfig"] = [
                "maxNumberOfTrainingJobs": "3", "maxParallelTrainingJobs": "2",
            ]
            config["hpoConfig"]?["hpoObjective"] = ["type": "Maximize", "metricName": "precision_at_10"]
            let version = try await test.train(
                "tuned",
                recipe: "aws-sims",
                ["performHPO": true, "solutionConfig": config]
            )
            #expect(version.status == .active)
            let input: JSON = ["solutionVersionArn": .string(version.arn)]
            let described = try await test.call("DescribeSolutionVersion", input)["solutionVersion"]
            let found = described?["tunedHPOParams"]?["algorithmHyperParameters"]
            #expect(Set(found?.object?.keys ?? []) == ["min_cointeraction_count", "popularity_discount_factor"])
            #expect(found?["popularity_discount_factor"] == "0.5")
            #expect(described?["performHPO"] == true)
            let usual = try await test.train("usual", recipe: "aws-sims")
            let plain = try await test.call("DescribeSolutionVersion", ["solutionVersionArn": .string(usual.arn)])
            #expect(plain["solutionVersion"]?["tunedHPOParams"] == nil)
        }
    }

    @Test func `the metrics choose among the recipes of autoMLConfig`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let list = JSON.array(
                ["aws-popularity-count", "aws-sims"].map { .string("arn:aws:personalize:::recipe/\($0)") }
            )
            let config: JSON = ["autoMLConfig": ["metricName": "precision_at_5", "recipeList": list]]
            let more: JSONObject = ["performAutoML": true, "solutionConfig": config]
            let version = try await test.train("auto", recipe: nil, more)
            #expect(version.status == .active)
            let solution = try await test.call("DescribeSolution", ["solutionArn": .string(arn("solution/auto"))])
            let best = solution["solution"]?["autoMLResult"]?["bestRecipeArn"]
            #expect(best == "arn:aws:personalize:::recipe/aws-sims")
        }
    }

    @Test(
        arguments: [
            (integers("min_cointeraction_cuont", 0, 3), "did you mean \"min_cointeraction_count\"?"),
            (integers("min_cointeraction_count", 3, 2), "is empty: its least value 3"),
            (
                integers("min_cointeraction_count", 0, 11),
                "\"11\" of recipe \"aws-sims\" must be a whole number in 0...10"
            ),
            (
                ranges("continuousHyperParameterRanges", ["name": "popularity_discount_factor", "minValue": 0.1]),
                "continuousHyperParameterRanges[0].maxValue must be given"
            ),
            (
                ranges("categoricalHyperParameterRanges", ["name": "min_cointeraction_count", "values": []]),
                "has no values; give one or more to try"
            ),
            (
                ["hpoConfig": ["hpoResourceConfig": ["maxNumberOfTrainingJobs": "41"]]],
                "maxNumberOfTrainingJobs \"41\" must be a whole number from 1 to 40"
            ),
            (
                ["hpoConfig": ["hpoResourceConfig": ["maxParallelTrainingJobs": "many"]]],
                "maxParallelTrainingJobs \"many\" must be a whole number from 1 to 10"
            ),
            (
                ["hpoConfig": ["hpoObjective": ["metricName": "precision_at5"]]],
                "hpoObjective.metricName \"precision_at5\" is not measured; did you mean \"precision_at_5\"?"
            ),
            (["hpoConfig": ["hpoObjective": ["type": "Minimize"]]], "must be \"Maximize\""),
        ] as [(JSON, String)]
    )
    func `a search that cannot be made is refused when the solution is made`(config: JSON, fact: String) async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.create("CreateDatasetGroup", ["name": "films"])
            let error = await test.error("CreateSolution", Self.solution(config))
            #expect(error?.code == .invalidInput)
            #expect(error?.message.contains(fact) == true, "\(error?.message ?? "")")
            #expect(PersonalizeService.ruleFault(in: Self.solution(config), of: "CreateSolution") == error?.message)
        }
    }

    @Test func `recipes that learn from ratings are not compared with others`() async throws {
        let list = ["aws-sims", "millrace-svd"].map { JSON.string("arn:aws:personalize:::recipe/\($0)") }
        let mixed = Self.solution(["autoMLConfig": ["recipeList": .array(list)]], recipe: nil)
        let fault = PersonalizeService.ruleFault(in: mixed, of: "CreateSolution")
        #expect(fault?.contains("recipe/millrace-svd\" learns from ratings only") == true, "\(fault ?? "")")
        for one in list {
            let alone = Self.solution(["autoMLConfig": ["recipeList": [one]]], recipe: nil)
            #expect(PersonalizeService.ruleFault(in: alone, of: "CreateSolution") == nil)
        }
    }

    @Test func `ranges without a recipe are refused, those of hyperparameters without effect are not`() async throws {
        let config = Self.integers("item_id_hidden_dim", 30, 200)
        let similar = Self.solution(config, recipe: "aws-similar-items")
        #expect(PersonalizeService.ruleFault(in: similar, of: "CreateSolution") == nil)
        let automatic = Self.solution(config, recipe: nil)
        let fault = PersonalizeService.ruleFault(in: automatic, of: "CreateSolution")
        #expect(fault?.contains("integerHyperParameterRanges needs a recipeArn") == true)
    }
}
