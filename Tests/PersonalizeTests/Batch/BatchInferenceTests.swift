import JSON
import Personalize
import TestSupport
import Testing

@Suite struct BatchInferenceTests {
    private static let recipes = [
        "aws-user-personalization", "aws-user-personalization-v2", "aws-hrnn", "millrace-neighbors", "millrace-svd",
        "aws-popularity-count",
    ]

    @Test(arguments: recipes)
    func `users are answered as a campaign of the same version answers them`(recipe: String) async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let version = try await test.train("hot", recipe: recipe).arn
            let campaign = try await test.create(
                "CreateCampaign",
                ["name": "hot", "solutionVersionArn": .string(version)]
            ).arn
            let users = (0..<40).map { "u\($0)" } + ["nobody"]
            let answers = try await test.infer(
                users.map { #"{"userId": "\#($0)"}"# },
                version,
                ["numResults": 7]
            )
            #expect(answers.count == users.count)
            for (user, answer) in zip(users, answers) {
                let asked: JSON = ["campaignArn": .string(campaign), "userId": .string(user), "numResults": 7]
                let items = try test.service.runtime.getRecommendations(asked)["itemList"]?.array ?? []
                #expect(!items.isEmpty)
                #expect(answer.object?.keys == ["input", "output", "error"])
                #expect(answer["input"] == ["userId": .string(user)])
                #expect(answer.ids == items.compactMap { $0["itemId"]?.string })
                #expect(answer.scores == items.compactMap { $0["score"]?.double })
                #expect(answer["error"] == .null)
            }
            #expect(test.exists("bucket/out/_CHECK"))
            #expect(test.exists("bucket/out/_SUCCESS"))
        }
        #expect(!test.exists("home/jobs/batch-inference-job-job"))
    }

    @Test(arguments: ["aws-sims", "aws-similar-items"])
    func `items are answered with related items`(recipe: String) async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let campaign = try await test.serve("near", recipe: recipe)
            let version = try await test.newestVersion()
            let answers = try await test.infer(
                [#"{"itemId":"i4"}"#, #"{"itemId":"nothing"}"#, #"{"userId":"u1"}"#],
                version,
                ["numResults": 5]
            )
            #expect(answers[0].ids == (try test.recommend(campaign, ["itemId": "i4", "numResults": 5])))
            #expect(answers[0].ids.count == 5)
            #expect(answers[1].ids == (try test.recommend(campaign, ["itemId": "nothing", "numResults": 5])))
            #expect(answers[2]["output"] == .null)
            #expect(answers[2]["error"] == .string("'itemId' must be given for recipe \(recipe)"))
        }
    }

    @Test func `lists are put in order, unknown items last`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let campaign = try await test.serve("ranking", recipe: "aws-personalized-ranking")
            let version = try await test.newestVersion()
            let answers = try await test.infer(
                [
                    #"{"userId":"u1","itemList":["i0","nothing","i1","i2","i3"]}"#,
                    #"{"userId":"u1","itemList":[]}"#, #"{"userId":"u1"}"#, #"{"itemList":["i1"]}"#,
                ],
                version
            )
            let asked: JSON = [
                "campaignArn": .string(campaign), "userId": "u1", "inputList": ["i0", "nothing", "i1", "i2", "i3"],
            ]
            let ranked = try test.service.runtime.getPersonalizedRanking(asked)["personalizedRanking"]?.array ?? []
            #expect(answers[0].ids == ranked.compactMap { $0["itemId"]?.string })
            #expect(answers[0].scores == ranked.map { $0["score"]?.double ?? 0 })
            #expect(answers[0].ids.last == "nothing")
            for answer in answers[1...2] {
                #expect(answer["error"] == "'itemList' must be given, with 1 to 500 items")
            }
            #expect(answers[3]["error"]?.string?.hasPrefix("'userId' must be given") == true)
        }
    }

    @Test func `each line has its values for the job's filter`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let filter = try await test.filmFilter(
                "genre",
                #"INCLUDE ItemID WHERE Items.GENRES IN ($GENRE) | EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("buy")"#
            )
            let campaign = try await test.serve("hot", recipe: "aws-user-personalization")
            let version = try await test.newestVersion()
            let answers = try await test.infer(
                [
                    #"{"userId":"u1","filterValues":{"GENRE":"\"comedy\""}}"#,
                    #"{"userId":"u1","filterValues":{"GENRE":"\"drama\",\"comedy\""}}"#,
                    #"{"userId":"u1","filterValues":{"GENRE":"\"nothing\""}}"#,
                    #"{"userId":"u1"}"#,
                    #"{"userId":"u1","filterValues":{"GENER":"\"comedy\""}}"#,
                    #"{"userId":"u1","filterValues":{"GENRE":"comedy"}}"#,
                ],
                version,
                ["filterArn": filter]
            )
            let values: [JSON] = [["GENRE": #""comedy""#], ["GENRE": #""drama","comedy""#], ["GENRE": #""nothing""#]]
            for (answer, values) in zip(answers, values) {
                let wanted = try test.recommend(
                    campaign,
                    ["userId": "u1", "filterArn": filter, "filterValues": values]
                )
                #expect(answer.ids == wanted)
                #expect(answer["error"] == .null)
            }
            #expect(answers[0].ids.allSatisfy { Int($0.dropFirst()).map { $0 % 2 == 1 } == true })
            #expect(answers[0].ids.count < answers[1].ids.count)
            #expect(answers[2].ids == [])
            #expect(answers[3]["error"]?.string?.contains("must have a value for \"GENRE\"") == true)
            #expect(answers[4]["error"]?.string?.contains("did you mean \"GENRE\"?") == true)
            #expect(answers[5]["error"]?.string?.hasPrefix("filterValues.GENRE") == true)
            #expect(answers[3...5].allSatisfy { $0["output"] == .null })
        }
    }

    @Test func `what a user has done since the training counts`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            let campaign = try await test.serve("hot", recipe: "aws-user-personalization")
            let version = try await test.newestVersion()
            try await test.put(["i1", "i3", "i5"], by: "new", tracking: tracking)
            let answers = try await test.infer([#"{"userId":"new"}"#], version)
            #expect(answers[0].ids == (try test.recommend(campaign, ["userId": "new"])))
            #expect(!answers[0].ids.isEmpty)
            #expect(Set(answers[0].ids).isDisjoint(with: ["i1", "i3", "i5"]))
        }
    }

    @Test func `one line stands for all users, another for all items`() async throws {
        let test = try ServiceUnderTest { $0.batchPartSize = 7 }
        try await test.running {
            try await test.prepareFilms()
            let version = try await test.train("hot", recipe: "aws-user-personalization").arn
            let answers = try await test.infer(
                [#"{"userId":"nobody"}"#, #"{"allUsers":true}"#, #"{"userId":"u1","allUsers":false}"#],
                version,
                ["numResults": 2]
            )
            let users = (0..<40).map { "u\($0)" }.sorted()
            #expect(answers.compactMap { $0["input"]?["userId"]?.string } == ["nobody"] + users + ["u1"])
            #expect(answers.allSatisfy { $0.ids.count == 2 && $0["error"] == .null })
            let near = try await test.train("near", recipe: "aws-sims").arn
            let related = try await test.infer([#"{"allItems":true}"#], near, job: "near", file: "items.jsonl")
            #expect(related.compactMap { $0["input"]?["itemId"]?.string } == (0..<24).map { "i\($0)" }.sorted())
            let others = try test.answers("users.json")
            #expect(others.count == 3, "the folder is answered whole, and asks about users nobody knows of here")
            #expect(others.allSatisfy { $0["error"] == "'itemId' must be given for recipe aws-sims" })
        }
    }

    @Test func `the answers are the same for any size of parts and any number of threads`() async throws {
        var outputs: [[JSON]] = []
        for (part, threads) in [(65_536, 2), (1, 1), (3, 4)] {
            let test = try ServiceUnderTest {
                $0.batchPartSize = part
                $0.trainingThreads = threads
            }
            outputs.append(
                try await test.running {
                    try await test.prepareFilms()
                    let version = try await test.train("hot", recipe: "aws-user-personalization").arn
                    return try await test.infer([#"{"allUsers":true}"#, "", "x", #"{"userId":"u3"}"#], version)
                }
            )
        }
        #expect(outputs[0].count == 42)
        #expect(outputs[1] == outputs[0])
        #expect(outputs[2] == outputs[0])
    }
}
