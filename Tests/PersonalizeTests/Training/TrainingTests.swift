import FoundationEssentials
import JSON
import Personalize
import TestSupport
import Testing

@Suite struct TrainingTests {
    @Test func `a version has metrics once it is ACTIVE`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let version = try await test.train("hot", recipe: "aws-user-personalization")
            #expect(version.status == .active)
            let input: JSON = ["solutionVersionArn": .string(version.arn)]
            let metrics = try await test.call("GetSolutionMetrics", input)["metrics"]
            #expect(metrics?.object?.count == 8)
            #expect((metrics?["precision_at_5"]?.double ?? 0) > 0)
            let described = try await test.call("DescribeSolution", ["solutionArn": .string(arn("solution/hot"))])
            let latest = described["solution"]?["latestSolutionVersion"]
            #expect(latest?["solutionVersionArn"]?.string == version.arn)
            #expect(latest?["status"] == "ACTIVE")
        }
    }

    @Test func `without a recipe the metrics choose one`() async throws {
        let test = try ServiceUnderTest { $0.minimumInteractions = 50 }
        try await test.running {
            try await test.prepareFilms(Films(users: 16, items: 12))
            let version = try await test.train("auto", recipe: nil)
            #expect(version.status == .active)
            let solution = try await test.call("DescribeSolution", ["solutionArn": .string(arn("solution/auto"))])
            let best = solution["solution"]?["autoMLResult"]?["bestRecipeArn"]
            #expect(best == "arn:aws:personalize:::recipe/aws-user-personalization")
            let input: JSON = ["solutionVersionArn": .string(version.arn)]
            #expect(try await test.call("DescribeSolutionVersion", input)["solutionVersion"]?["recipeArn"] == best)
        }
    }

    @Test func `too little data is refused in the service's words`() async throws {
        let test = try ServiceUnderTest {
            $0.minimumInteractions = 500; $0.minimumUsers = 41
        }
        let few = "Dataset has fewer than 500 interactions"
        try await test.running {
            try await test.prepareFilms()
            #expect(try await test.failureReason("DatasetImportJob", arn("dataset-import-job/seen-1")) == few)
            let version = try await test.train("hot")
            #expect(version.status == .createFailed)
            #expect(try await test.failureReason("SolutionVersion", version.arn)?.contains("no interactions") == true)
        }
    }

    @Test func `too few users are refused in the service's words`() async throws {
        let test = try ServiceUnderTest { $0.minimumUsers = 41 }
        try await test.running {
            try await test.prepareFilms()
            let reason = try await test.failureReason("DatasetImportJob", arn("dataset-import-job/seen-1"))
            #expect(reason == "Create failed. Dataset has fewer than 41 users with at least 2 interactions each.")
        }
    }

    @Test func `events are filtered by type and by value`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let none = try await test.train("none", ["eventType": "click"])
            let reason = "Dataset has fewer than 100 interactions after filtering by event type: click"
            #expect(try await test.failureReason("SolutionVersion", none.arn) == reason)

            let buys = try await test.train("buys", ["eventType": "BUY"])
            #expect(buys.status == .active)
            let input: JSON = ["name": "buys", "solutionVersionArn": .string(buys.arn)]
            let campaign = try await test.create("CreateCampaign", input)
            let bought = try test.recommend(campaign.arn, ["numResults": 100])
            #expect(Set(bought) == Set(stride(from: 0, to: 24, by: 3).map { "i\($0)" }))

            let config: JSON = ["eventValueThreshold": "4"]
            let liked = try await test.train("liked", ["solutionConfig": config])
            let second: JSON = ["name": "liked", "solutionVersionArn": .string(liked.arn)]
            let likes = try test.recommend(try await test.create("CreateCampaign", second).arn, ["numResults": 100])
            #expect(Set(likes) == Set((0..<24).filter { $0 % 5 >= 3 }.map { "i\($0)" }))
        }
    }

    @Test(arguments: ["nan", "inf", "-inf", "1e999", "much", ""])
    func `a threshold that is no number is refused with the value`(threshold: String) async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.create("CreateDatasetGroup", ["name": "films"])
            let input: JSON = [
                "name": "hot", "datasetGroupArn": .string(arn("dataset-group/films")),
                "recipeArn": "arn:aws:personalize:::recipe/aws-sims",
                "solutionConfig": ["eventValueThreshold": .string(threshold)],
            ]
            let error = await test.error("CreateSolution", input)
            #expect(error?.code == .invalidInput)
            #expect(error?.message.contains("eventValueThreshold \"\(threshold)\" must be a number") == true)
        }
    }

    @Test func `ratings are what a recipe for ratings needs`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let header = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE"
            let unrated = Films().interactions().split(separator: "\n").dropFirst().map { line in
                line.prefix { $0 != "." }.split(separator: ",").dropLast().joined(separator: ",") + ","
            }
            try test.directory.write(([header] + unrated).joined(separator: "\n") + "\n", to: "bucket/Unrated/a.csv")
            try await test.importFiles("unrated", "INTERACTIONS", "s3://bucket/Unrated/")
            let version = try await test.train("rated", recipe: "millrace-svd")
            #expect(version.status == .createFailed)
            let reason = try await test.failureReason("SolutionVersion", version.arn)
            #expect(reason?.contains("EVENT_VALUE") == true, "\(reason ?? "")")
        }
    }

    @Test func `the same data gives the same model`() async throws {
        let test = try ServiceUnderTest { $0.trainingThreads = 2 }
        let other = try ServiceUnderTest { $0.trainingThreads = 1 }
        var models: [Data] = []
        for test in [test, other] {
            let version = try await test.running {
                try await test.prepareFilms()
                return try await test.train("hot", recipe: "aws-user-personalization").arn
            }
            let name = version.split(separator: "/").suffix(2).joined(separator: "-")
            models.append(try Data(contentsOf: URL(filePath: test.directory.file("home/models/\(name).model"))))
        }
        #expect(models[0] == models[1])
    }
}
