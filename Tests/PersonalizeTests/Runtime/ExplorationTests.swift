import JSON
import TestSupport
import Testing

@testable import Personalize

@Suite struct ExplorationTests {
    private static let schema = """
        {"type":"record","name":"Items","namespace":"com.amazonaws.personalize.schema","fields":[
        {"name":"ITEM_ID","type":"string"},{"name":"GENRES","type":["null","string"],"categorical":true},
        {"name":"PRICE","type":["null","float"]},{"name":"CREATION_TIMESTAMP","type":["null","long"]}],"version":"1.0"}
        """

    /// A service with the films, of which `i4` and `i5` came to be shortly before the newest interaction, and with eight
    /// films that nobody has seen: `new0` to `new7`, the even ones war films.
    private func withFilms(_ body: @Sendable (ServiceUnderTest) async throws -> Void) async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            try await test.call("CreateSchema", ["name": "dated", "schema": .string(Self.schema)])
            _ = try await test.call("DeleteDataset", ["datasetArn": .string(arn("dataset/films/ITEMS"))])
            _ = try await test.service.waitUntilSettled(arn("dataset/films/ITEMS"))
            try await test.create(
                "CreateDataset",
                [
                    "name": "things", "schemaArn": .string(arn("schema/dated")), "datasetType": "Items",
                    "datasetGroupArn": .string(arn("dataset-group/films")),
                ]
            )
            let old = (0..<24).map { item in
                "i\(item),\(item % 2 == 0 ? "drama|war" : "comedy"),1,"
                    + "\(item == 4 || item == 5 ? 1_699_000_000 : 1_500_000_000)"
            }
            let new = (0..<8).map { "new\($0),\($0 % 2 == 0 ? "war" : "comedy"),1," }
            let file = (["ITEM_ID,GENRES,PRICE,CREATION_TIMESTAMP"] + old + new).joined(separator: "\n") + "\n"
            try test.directory.write(file, to: "bucket/Dated/a.csv")
            #expect(try await test.importFiles("items-2", "ITEMS", "s3://bucket/Dated/").status == .active)
            try await body(test)
        }
    }

    private static func config(_ weight: String, days: String = "30") -> JSON {
        ["itemExplorationConfig": ["explorationWeight": .string(weight), "explorationItemAgeCutOff": .string(days)]]
    }

    private func serve(_ test: ServiceUnderTest, _ weight: String, days: String = "30") async throws -> String {
        try await test.serve("own", recipe: "aws-user-personalization", campaignConfig: Self.config(weight, days: days))
    }

    /// How many of the items of many answers match.
    private func count(
        _ test: ServiceUnderTest,
        _ campaign: String,
        answers: Int,
        _ more: JSONObject,
        _ isCounted: (String) -> Bool
    ) throws -> Int {
        try (0..<answers).reduce(0) { count, _ in try count + test.recommend(campaign, more).count(where: isCounted) }
    }

    @Test func `the share of explored places is the weight, and an answer differs from it by less than one`()
        async throws
    {
        try await withFilms { test in
            let campaign = try await serve(test, "0.3", days: "0")
            let more: JSONObject = ["userId": "u1", "numResults": 5]
            for _ in 0..<50 {
                let ids = try test.recommend(campaign, more)
                #expect(ids.count == 5)
                #expect(Set(ids).count == 5)
                #expect((1...2).contains(ids.count { $0.hasPrefix("new") }))
            }
            // Each answer explores one place or two, each half of the time: 1.5 ± 0.5, over 2000 answers ± 0.011.
            let explored = try count(test, campaign, answers: 2000, more) { $0.hasPrefix("new") }
            #expect(abs(Double(explored) / 10_000 - 0.3) < 0.012)
        }
    }

    @Test func `a batch job explores where it says how much, the same for the same question`() async throws {
        try await withFilms { test in
            let version = try await test.train("own", recipe: "aws-user-personalization").arn
            let users = (0..<40).map { #"{"userId":"u\#($0 % 20)"}"# }
            let plain = try await test.infer(users, version, ["numResults": 5], job: "plain")
            #expect(!plain.flatMap(\.ids).contains { $0.hasPrefix("new") })
            let config = Self.config("0.3", days: "0")
            let more: JSONObject = ["numResults": 5, "batchInferenceJobConfig": config]
            let answers = try await test.infer(users, version, more, job: "exploring")
            for answer in answers {
                #expect(Set(answer.ids).count == 5 && answer.scores.count == 5)
                #expect((1...2).contains(answer.ids.count { $0.hasPrefix("new") }))
            }
            #expect(answers[..<20] == answers[20...])
            #expect(Set(answers.map(\.ids)).count > 10)
            await #expect(throws: PersonalizeError.self) {
                try await test.infer(users, version, ["batchInferenceJobConfig": Self.config("2")], job: "wrong")
            }
        }
    }

    @Test func `one place in answers of one is explored as often as the weight says`() {
        let exploration = Exploration(weight: 0.3, cutOffDays: 30)
        let counts = (0..<1000).map { exploration.count(of: 1, draw: (Double($0) + 0.5) / 1000) }
        #expect(counts.reduce(0, +) == 300)
        for total in 1...500 {
            #expect(exploration.count(of: total, draw: 0) == Int(Double(total) * 0.3))
            #expect(Exploration(weight: 1, cutOffDays: 30).count(of: total, draw: 0.999) == total)
        }
    }

    @Test func `without weight nothing is explored, with all of it everything that is new`() async throws {
        try await withFilms { test in
            let none = try await serve(test, "0")
            #expect(try count(test, none, answers: 50, ["userId": "u1"]) { $0.hasPrefix("new") } == 0)
            try await test.call("UpdateCampaign", ["campaignArn": .string(none), "campaignConfig": Self.config("1")])
            #expect(try await test.service.waitUntilSettled(none) == .active)
            let new = Set((0..<8).map { "new\($0)" }).union(["i4", "i5"])
            let all = try test.recommend(none, ["userId": "nobody", "numResults": 10])
            #expect(Set(all) == new)
            // There are no more new ones: what the model knows fills the answer.
            let more = try test.recommend(none, ["userId": "nobody", "numResults": 20])
            #expect(more.count == 20)
            #expect(new.isSubset(of: more))
        }
    }

    @Test func `each new item has its turn`() async throws {
        try await withFilms { test in
            let campaign = try await serve(test, "1")
            var counts: [String: Int] = [:]
            for _ in 0..<2000 {
                for id in try test.recommend(campaign, ["userId": "nobody", "numResults": 2]) {
                    counts[id, default: 0] += 1
                }
            }
            #expect(counts.count == 10)
            // 4000 places for ten items: 400 each, ± 18 or so.
            #expect(counts.values.allSatisfy { (300...500).contains($0) })
        }
    }

    @Test func `an item that is put is explored, with filters and promotions held to`() async throws {
        try await withFilms { test in
            let campaign = try await serve(test, "1", days: "0")
            let put: JSON = [
                "datasetArn": .string(arn("dataset/films/ITEMS")),
                "items": [
                    ["itemId": "fresh", "properties": #"{"genres":"war"}"#],
                    ["itemId": "stale", "properties": #"{"genres":"comedy"}"#],
                ],
            ]
            _ = try await test.service.putItems(put)
            let all = try test.recommend(campaign, ["userId": "u1", "numResults": 10])
            #expect(Set(all) == Set((0..<8).map { "new\($0)" }).union(["fresh", "stale"]))

            let war = try await test.filter("war", #"INCLUDE ItemID WHERE Items.GENRES IN ("war")"#)
            let wars: Set = ["new0", "new2", "new4", "new6", "fresh"]
            let some = try test.recommend(campaign, ["userId": "u1", "numResults": 5, "filterArn": war])
            #expect(Set(some) == wars)

            let peace = try await test.filter("peace", #"EXCLUDE ItemID WHERE Items.GENRES IN ("war")"#)
            for _ in 0..<20 {
                let answer = try test.service.runtime.getRecommendations([
                    "campaignArn": .string(campaign), "userId": "u1", "numResults": 4, "filterArn": peace,
                    "promotions": [["name": "wars", "percentPromotedItems": 50, "filterArn": war]],
                ])
                let items = answer["itemList"]?.array ?? []
                let promoted = items.filter { $0["promotionName"] == "wars" }.compactMap { $0["itemId"]?.string }
                let others = items.filter { $0["promotionName"] == nil }.compactMap { $0["itemId"]?.string }
                #expect(promoted.count == 2 && others.count == 2)
                #expect(wars.isSuperset(of: promoted))
                #expect(wars.isDisjoint(with: others))
            }
        }
    }

    @Test func `a new item that the user has met is not explored again`() async throws {
        try await withFilms { test in
            let campaign = try await serve(test, "1", days: "0")
            let tracker = try await test.call(
                "CreateEventTracker",
                ["name": "films", "datasetGroupArn": .string(arn("dataset-group/films"))]
            )
            _ = try await test.service.waitUntilSettled(tracker["eventTrackerArn"]?.string ?? "")
            _ = try await test.service.putEvents([
                "trackingId": tracker["trackingId"] ?? "", "userId": "u1", "sessionId": "s",
                "eventList": [["eventType": "watch", "itemId": "new3", "sentAt": 1_800_000_000]],
            ])
            let mine = try test.recommend(campaign, ["userId": "u1", "numResults": 24])
            #expect(!mine.contains("new3"))
            #expect(mine.count { $0.hasPrefix("new") } == 7)
            #expect(try test.recommend(campaign, ["userId": "u2", "numResults": 24]).contains("new3"))
        }
    }

    @Test func `who says nothing gets the documented weight and cut-off, in what is described and in answers`()
        async throws
    {
        try await withFilms { test in
            func config(_ campaign: String) async throws -> JSON? {
                let found = try await test.call("DescribeCampaign", ["campaignArn": .string(campaign)])["campaign"]
                return found?["campaignConfig"]?["itemExplorationConfig"]
            }
            let version = try await test.train("plain", recipe: "aws-user-personalization").arn
            let plain = try await test.create(
                "CreateCampaign",
                ["name": "plain", "solutionVersionArn": .string(version)]
            ).arn
            #expect(try await config(plain) == ["explorationItemAgeCutOff": "30.0", "explorationWeight": "0.3"])
            let more: JSONObject = ["userId": "nobody", "numResults": 10]
            let new = Set((0..<8).map { "new\($0)" }).union(["i4", "i5"])
            // Three places of ten; i4 and i5 may have others by what the model says of them.
            for _ in 0..<20 { #expect(try (3...5).contains(test.recommend(plain, more).count(where: new.contains))) }

            // What an update names is completed too, and what it does not name stays.
            try await test.call("UpdateCampaign", ["campaignArn": .string(plain), "campaignConfig": Self.config("0")])
            #expect(try await test.service.waitUntilSettled(plain) == .active)
            try await test.call("UpdateCampaign", ["campaignArn": .string(plain), "minProvisionedTPS": 2])
            #expect(try await test.service.waitUntilSettled(plain) == .active)
            #expect(try await config(plain) == ["explorationItemAgeCutOff": "30", "explorationWeight": "0"])
            #expect(try count(test, plain, answers: 20, more) { $0.hasPrefix("new") } == 0)
            let cutOff: JSON = ["itemExplorationConfig": ["explorationItemAgeCutOff": "7"]]
            try await test.call("UpdateCampaign", ["campaignArn": .string(plain), "campaignConfig": cutOff])
            #expect(try await test.service.waitUntilSettled(plain) == .active)
            #expect(try await config(plain) == ["explorationItemAgeCutOff": "7", "explorationWeight": "0.3"])

            // A recipe that does not explore says nothing of it.
            for recipe in ["aws-popularity-count", "aws-personalized-ranking"] {
                let version = try await test.train(recipe, recipe: recipe).arn
                let input: JSON = ["name": .string(recipe), "solutionVersionArn": .string(version)]
                let name: JSON = ["campaignArn": .string(try await test.create("CreateCampaign", input).arn)]
                #expect(try await test.call("DescribeCampaign", name)["campaign"]?["campaignConfig"] == nil)
            }
        }
    }

    @Test func `an answer follows from its id`() async throws {
        try await withFilms { test in
            let campaign = try #require(try await test.served(serve(test, "0.5")))
            for seed in [UInt64(1), 2, 3] {
                let query = campaign.query(user: "u1", count: 10)
                let first = try campaign.recommend(query, for: "u1", AnswerFilters(), nil, seed: seed)
                let second = try campaign.recommend(query, for: "u1", AnswerFilters(), nil, seed: seed)
                #expect(first.map(\.unknownID) == second.map(\.unknownID))
                #expect(first.map(\.item) == second.map(\.item))
            }
        }
    }

    @Test func `what is no exploration is refused`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let own = try await test.train("own", recipe: "aws-user-personalization")
            let hot = try await test.train("hot")
            func message(_ version: String, _ config: JSON) async -> String {
                let input: JSON = [
                    "name": "any", "solutionVersionArn": .string(version),
                    "campaignConfig": ["itemExplorationConfig": config],
                ]
                let error = await test.error("CreateCampaign", input)
                return error?.code == .invalidInput ? error?.message ?? "" : ""
            }
            #expect(await message(own.arn, ["explorationWeight": "1.1"]).contains("0 to 1"))
            #expect(await message(own.arn, ["explorationWeight": "much"]).contains(#""much""#))
            #expect(await message(own.arn, ["explorationItemAgeCutOff": "-1"]).contains("zero or more"))
            #expect(await message(own.arn, ["explorationItemAgeCutOff": "nan"]).contains("zero or more"))
            #expect(
                await message(own.arn, ["explorationWieght": "1"]).contains(#"did you mean "explorationWeight"?"#)
            )
            #expect(await message(hot.arn, ["explorationWeight": "0.3"]).contains("aws-popularity-count"))
        }
    }

    @Test func `reasons are given by the recipe that has them`() async throws {
        try await withFilms { test in
            let campaign = try await test.serve(
                "new",
                recipe: "aws-user-personalization-v2",
                campaignConfig: Self.config("0.5", days: "0")
            )
            let war = try await test.filter("war", #"INCLUDE ItemID WHERE Items.GENRES IN ("war")"#)
            let answer = try test.service.runtime.getRecommendations([
                "campaignArn": .string(campaign), "userId": "u1", "numResults": 4,
                "promotions": [["name": "wars", "percentPromotedItems": 50, "filterArn": war]],
            ])
            for item in answer["itemList"]?.array ?? [] {
                let reasons = item["reason"]?.array?.compactMap(\.string) ?? []
                let isNew = item["itemId"]?.string?.hasPrefix("new") == true
                #expect(reasons.contains("Promoted item") == (item["promotionName"] != nil))
                #expect(reasons.contains("Exploration") == isNew)
                #expect(!reasons.contains("Popular item"))
            }
            let unknown: JSON = ["campaignArn": .string(campaign), "userId": "nobody", "numResults": 4]
            let items = try test.service.runtime.getRecommendations(unknown)["itemList"]?.array ?? []
            let popular = items.filter { $0["reason"]?[0] == "Popular item" }
            #expect(popular.count == 2)
            #expect(popular.allSatisfy { $0["itemId"]?.string?.hasPrefix("i") == true })

            let plain = try await test.serve(
                "old",
                recipe: "aws-user-personalization",
                campaignConfig: Self.config("1")
            )
            let others: JSON = ["campaignArn": .string(plain), "userId": "u1"]
            let without = try test.service.runtime.getRecommendations(others)["itemList"]?.array ?? []
            #expect(without.allSatisfy { $0["reason"] == nil })
        }
    }
}

extension ServiceUnderTest {
    /// What a campaign serves.
    func served(_ campaign: String) -> ServedCampaign? { service.runtime.served.first { $0.arn == campaign } }
}
