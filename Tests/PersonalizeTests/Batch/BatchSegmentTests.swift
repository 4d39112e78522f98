import JSON
import Personalize
import TestSupport
import Testing

@Suite struct BatchSegmentTests {
    /// Answers lines in a segment job and reads the answers.
    private func segment(
        _ test: ServiceUnderTest,
        _ lines: [String],
        _ version: String,
        _ more: JSONObject = [:]
    ) async throws -> [JSON] {
        try test.directory.write(lines.joined(separator: "\n") + "\n", to: "bucket/in/items.json")
        let made = try await test.create("CreateBatchSegmentJob", test.batchInput("segments", version, more))
        let reason = try await test.failureReason("BatchSegmentJob", made.arn)
        #expect(made.status == .active, "\(reason ?? "")")
        return try test.answers("items.json")
    }

    private static let few: JSONObject = [
        "solutionConfig": ["algorithmHyperParameters": ["hidden_dimension": "2", "regularization": "0.1"]]
    ]

    /// Whether all users are of the camp of an item.
    private func areOfCamp(_ ids: [String], _ camp: Int) -> Bool {
        ids.allSatisfy { Int($0.dropFirst()).map { $0 % 2 == camp } == true }
    }

    @Test func `users who are most interested in an item are its segment`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let version = try await test.train("affine", recipe: "aws-item-affinity", Self.few).arn
            let answers = try await segment(
                test,
                [
                    #"{"itemId":"i4"}"#, #"{"itemId":"i5"}"#, #"{"itemId":"nothing"}"#, #"{"userId":"u1"}"#, "x",
                    #"{"allItems":true}"#,
                ],
                version,
                ["numResults": 20]
            )
            #expect(answers.count == 5 + 24)
            #expect(answers[0].object?.keys == ["input", "output", "error"])
            #expect(answers[0]["input"] == ["itemId": "i4"])
            #expect(answers[0]["error"] == .null)
            #expect(answers[0].ids.count == 20 && areOfCamp(answers[0].ids, 0))
            #expect(answers[1].ids.count == 20 && areOfCamp(answers[1].ids, 1))
            #expect(answers[2]["error"] == #"item "nothing" is unknown to the solution version"#)
            #expect(answers[3]["error"] == "'itemId' must be given for recipe aws-item-affinity")
            #expect(answers[2...4].allSatisfy { $0["output"] == .null && $0["error"]?.string != nil })
            let all = answers[5...].first { $0["input"] == ["itemId": "i4"] }
            #expect(all?.ids == answers[0].ids)
            #expect(test.exists("bucket/out/_SUCCESS"))
        }
    }

    @Test func `users who are most interested in what has some attributes are its segment`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let version = try await test.train("affine", recipe: "aws-item-attribute-affinity", Self.few).arn
            let answers = try await segment(
                test,
                [
                    #"{"itemAttributes":"ITEMS.genres = \"comedy\""}"#,
                    #"{"itemAttributes":"ITEMS.genres = \"drama\" AND ITEMS.genres = \"war\""}"#,
                    #"{"itemAttributes":"ITEMS.genres = \"drama\" AND ITEMS.genres = \"comedy\""}"#,
                    #"{"itemAttributes":"ITEMS.genres = \"drama\" OR ITEMS.genres = \"comedy\""}"#,
                    #"{"itemAttributes":"ITEMS.genre = \"drama\""}"#, #"{"itemId":"i4"}"#,
                    #"{"itemAttributes":"ITEMS.price > 3"}"#,
                ],
                version,
                ["numResults": 20]
            )
            #expect(answers[0]["itemAttributes"] == #"ITEMS.genres = "comedy""#)
            #expect(answers[0].ids.count == 20 && areOfCamp(answers[0].ids, 1))
            #expect(answers[1].ids.count == 20 && areOfCamp(answers[1].ids, 0))
            #expect(answers[2]["error"] == "no item with interactions is meant")
            #expect(answers[3]["error"]?.string?.contains("joined by AND") == true)
            #expect(answers[4]["error"]?.string?.contains("did you mean GENRES?") == true)
            #expect(answers[5]["error"] == "'itemAttributes' must be given for recipe aws-item-attribute-affinity")
            #expect(answers[6]["error"]?.string?.contains("joined by AND") == true)
            #expect(answers[2...].allSatisfy { $0["output"] == .null })
        }
    }

    @Test func `a filter on users keeps some out, with each line's values`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            try await test.prepareUsers()
            let rows = (0..<40).map { "u\($0),\($0)" }
            try test.directory.write("USER_ID,AGE\n" + rows.joined(separator: "\n") + "\n", to: "bucket/Users/a.csv")
            try await test.importFiles("users-1", "USERS", "s3://bucket/Users/")
            let filter = try await test.filmFilter("grown", "INCLUDE UserID WHERE Users.AGE >= $AGE")
            let events = try await test.filmFilter(
                "bought",
                #"EXCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("buy")"#
            )
            let version = try await test.train("affine", recipe: "aws-item-affinity", Self.few).arn
            let answers = try await segment(
                test,
                [#"{"itemId":"i4","filterValues":{"AGE":"18"}}"#, #"{"itemId":"i4"}"#],
                version,
                ["filterArn": filter, "numResults": 5_000_000]
            )
            #expect(Set(answers[0].ids) == Set((18..<40).map { "u\($0)" }))
            #expect(answers[1]["error"]?.string?.contains("must have a value for \"AGE\"") == true)
            let refused = await test.error(
                "CreateBatchSegmentJob",
                test.batchInput("other", version, ["filterArn": events])
            )
            #expect(refused?.message.contains("use conditions on Users") == true)
        }
    }

    @Test func `versions that give segments are not served, and others give none`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let affine = try await test.train("affine", recipe: "aws-item-affinity", Self.few)
            #expect(affine.status == .active)
            let metrics = try await test.call("GetSolutionMetrics", ["solutionVersionArn": .string(affine.arn)])
            #expect(metrics["metrics"]?["coverage"] != nil)
            let campaign: JSON = ["name": "affine", "solutionVersionArn": .string(affine.arn)]
            let refused = await test.error("CreateCampaign", campaign)
            #expect(refused?.message.contains("use CreateBatchSegmentJob") == true)
            let inference = await test.error("CreateBatchInferenceJob", test.batchInput("job", affine.arn))
            #expect(inference == refused)
            let popular = try await test.train("hot").arn
            let other = await test.error("CreateBatchSegmentJob", test.batchInput("job", popular))
            #expect(other?.message.contains("train one with aws-item-affinity") == true)
            for count in [0, 5_000_001] {
                let input = test.batchInput("job", affine.arn, ["numResults": JSON(count)])
                #expect(await test.code("CreateBatchSegmentJob", input) == .invalidInput)
            }
            let described = try await test.call(
                "DescribeRecipe",
                ["recipeArn": "arn:aws:personalize:::recipe/aws-item-affinity"]
            )
            #expect(described["recipe"]?["recipeType"] == "USER_SEGMENTATION")
        }
    }
}
