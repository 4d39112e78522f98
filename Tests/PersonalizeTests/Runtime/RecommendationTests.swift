import JSON
import Personalize
import TestSupport
import Testing

@Suite struct RecommendationTests {
    @Test func `data becomes recommendations`() async throws {
        let test = try ServiceUnderTest()
        let films = Films()
        try await test.running {
            try await test.prepareFilms(films)
            let campaign = try await test.serve("hot", recipe: "aws-user-personalization")
            for user in 0..<4 {
                let wanted = films.unseen(user)
                let ids = try test.recommend(
                    campaign,
                    ["userId": .string("u\(user)"), "numResults": JSON(wanted.count)]
                )
                #expect(Set(ids) == wanted, "u\(user)")
            }
        }
    }

    @Test func `an answer has the members of the service`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let campaign = JSON.string(try await test.serve("hot", recipe: "aws-user-personalization"))
            let answer = try test.service.runtime.getRecommendations(["campaignArn": campaign, "userId": "u1"])
            #expect(answer.object?.keys == ["itemList", "recommendationId"])
            #expect(answer["recommendationId"]?.string?.hasPrefix("RID-") == true)
            let scores = (answer["itemList"]?.array ?? []).compactMap { $0["score"]?.double }
            #expect(!scores.isEmpty)
            #expect(scores == scores.sorted(by: >))
            #expect(scores.reduce(0, +) <= 1.000001)
        }
    }

    @Test func `every kind of recipe answers what it is for`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let similar = try await test.serve("similar", recipe: "aws-sims")
            let related = try test.recommend(similar, ["itemId": "i4", "numResults": 5])
            #expect(related.count == 5)
            #expect(related.allSatisfy { Int($0.dropFirst()).map { $0 % 2 == 0 } == true })
            #expect(throws: PersonalizeError.self) { try test.recommend(similar, ["userId": "u1"]) }

            let popular = try await test.serve("popular", recipe: "aws-popularity-count")
            #expect(try test.recommend(popular, ["numResults": 3]).count == 3)

            let ranking = try await test.serve("ranking", recipe: "aws-personalized-ranking")
            let input: JSON = [
                "campaignArn": .string(ranking), "userId": "u1", "inputList": ["i0", "nothing", "i1", "i2", "i3"],
            ]
            let ranked = try test.service.runtime.getPersonalizedRanking(input)["personalizedRanking"]?.array ?? []
            #expect(ranked.compactMap { $0["itemId"]?.string }.prefix(2).sorted() == ["i1", "i3"])
            #expect(ranked.last == ["itemId": "nothing"])
            #expect(ranked.count == 5)
            #expect(throws: PersonalizeError.self) { try test.recommend(ranking, ["userId": "u1"]) }
        }
    }

    @Test func `scores of predicted ratings are on the scale of EVENT_VALUE, after new events too`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let campaign = try await test.serve("rated", recipe: "millrace-svd")
            let before = try test.scores(campaign, user: "u1")
            #expect(before.count == 12 + 3)
            #expect(before.values.allSatisfy { (1...5).contains($0) })
            // What is rated 5 by all is predicted above what is rated 1 by all.
            #expect((before["i14"] ?? 0) > (before["i10"] ?? 5))

            let new = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\nu1,i0,1800000000,watch,5\n"
            try test.directory.write(new, to: "bucket/New/b.csv")
            var changes = test.service.changes(of: campaign).makeAsyncIterator()
            try await test.importFiles("seen-2", "INTERACTIONS", "s3://bucket/New/", mode: "INCREMENTAL")
            await changes.next()
            let after = try test.scores(campaign, user: "u1")
            #expect(after["i0"] == nil)
            for (item, score) in after { #expect(score == before[item]) }
        }
    }

    @Test func `users of the same taste are found by what items are like`() async throws {
        let test = try ServiceUnderTest()
        let films = Films()
        try await test.running {
            try await test.prepareFilms(films)
            let campaign = try await test.serve("near", recipe: "millrace-neighbors")
            for user in 0..<4 {
                let wanted = films.unseen(user)
                let ids = try test.recommend(
                    campaign,
                    ["userId": .string("u\(user)"), "numResults": JSON(wanted.count)]
                )
                #expect(Set(ids) == wanted, "u\(user)")
            }
        }
    }

    @Test func `what nobody has met is recommended by its metadata alone, by the recipe for that`() async throws {
        let test = try ServiceUnderTest()
        let films = Films()
        try await test.running {
            try await test.prepareFilms(films)
            let rows = (0..<8).map { "new\($0),\($0 % 2 == 0 ? "drama|war" : "comedy"),1.5" }
            let file = "ITEM_ID,GENRES,PRICE\n" + rows.joined(separator: "\n") + "\n"
            try test.directory.write(file, to: "bucket/More/b.csv")
            try await test.importFiles("items-2", "ITEMS", "s3://bucket/More/", mode: "INCREMENTAL")
            let cold = try await test.serve("cold", recipe: "aws-hrnn-coldstart")
            for user in ["u2", "u3"] {
                let ids = try test.recommend(cold, ["userId": .string(user), "numResults": 100])
                let new = ids.filter { $0.hasPrefix("new") }
                #expect(new.count == 8)
                let isEven = user == "u2"
                #expect(new.prefix(4).allSatisfy { Int($0.dropFirst(3)).map { $0 % 2 == 0 } == isEven }, "\(ids)")
            }
            let plain = try await test.serve("plain", recipe: "aws-hrnn")
            let ids = try test.recommend(plain, ["userId": "u2", "numResults": 100])
            #expect(!ids.isEmpty)
            #expect(!ids.contains { $0.hasPrefix("new") })
        }
    }

    @Test func `an unknown user gets popular items, an unknown item too`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let campaign = try await test.serve("hot", recipe: "aws-user-personalization")
            #expect(try test.recommend(campaign, ["userId": "nobody", "numResults": 7]).count == 7)
            let similar = try await test.serve("similar", recipe: "aws-sims")
            #expect(try test.recommend(similar, ["itemId": "nothing", "numResults": 7]).count == 7)
        }
    }

    @Test func `users who came after the training are folded in`() async throws {
        let test = try ServiceUnderTest()
        let films = Films()
        try await test.running {
            try await test.prepareFilms(films)
            let campaign = try await test.serve("hot", recipe: "aws-user-personalization")
            let new =
                "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\n"
                + [1, 3, 5, 7].map { "new,i\($0),\(1_800_000_000 + $0),watch,3" }.joined(separator: "\n") + "\n"
            try test.directory.write(new, to: "bucket/New/b.csv")
            var changes = test.service.changes(of: campaign).makeAsyncIterator()
            let job = try await test.importFiles("seen-2", "INTERACTIONS", "s3://bucket/New/", mode: "INCREMENTAL")
            #expect(job.status == .active)
            await changes.next()
            let ids = try test.recommend(campaign, ["userId": "new", "numResults": 5])
            #expect(ids.allSatisfy { Int($0.dropFirst()).map { $0 % 2 == 1 } == true })
            #expect(Set(ids).isDisjoint(with: ["i1", "i3", "i5", "i7"]))
        }
    }

    @Test func `metadata comes when the campaign gives it`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let plain = JSON.string(try await test.serve("plain"))
            let columns: JSON = ["ITEMS": ["GENRES"]]
            #expect(throws: PersonalizeError.self) {
                try test.service.runtime.getRecommendations(["campaignArn": plain, "metadataColumns": columns])
            }
            let config: JSON = ["enableMetadataWithRecommendations": true]
            let campaign = JSON.string(try await test.serve("rich", campaignConfig: config))
            let answer = try test.service.runtime.getRecommendations([
                "campaignArn": campaign, "metadataColumns": columns, "numResults": 50,
            ])
            let items = answer["itemList"]?.array ?? []
            #expect(items.count == 24)
            for item in items {
                let isEven = item["itemId"]?.string?.dropFirst().last.map { "02468".contains($0) } == true
                #expect(item["metadata"] == ["GENRES": isEven ? "drama|war" : "comedy"])
            }
            for (column, count) in [("TITLE", 5), ("GENRES", 51)] {
                #expect(throws: PersonalizeError.self) {
                    try test.service.runtime.getRecommendations([
                        "campaignArn": campaign, "metadataColumns": ["ITEMS": [.string(column)]],
                        "numResults": JSON(count),
                    ])
                }
            }
            let titles = try test.service.runtime.itemMetadata(campaign.string ?? "", ids: ["i3", "nothing"])
            #expect(titles.object?.keys == ["i3"])
            #expect(titles["i3"]?["GENRES"] == "comedy")
        }
    }

    @Test func `wrong requests are refused by name`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let campaign = JSON.string(try await test.serve("hot", recipe: "aws-user-personalization"))
            let cases: [(JSON, PersonalizeError.Code)] = [
                (["campaignArn": .string(arn("campaign/none")), "userId": "u1"], .resourceNotFound),
                (["recommenderArn": .string(arn("recommender/none")), "userId": "u1"], .resourceNotFound),
                (["campaignArn": campaign], .invalidInput),
                (["campaignArn": campaign, "userId": "u1", "numResults": 501], .invalidInput),
                (["campaignArn": campaign, "userId": "u1", "numResults": -1], .invalidInput),
                (["campaignArn": campaign, "userId": "u1", "filterArn": .string(arn("filter/f"))], .resourceNotFound),
                (["campaignArn": campaign, "userId": 7], .serialization),
                (["userId": "u1"], .invalidInput),
            ]
            for (input, code) in cases {
                let error = #expect(throws: PersonalizeError.self) {
                    try test.service.runtime.getRecommendations(input)
                }
                #expect(error?.code == code, "\(input.text)")
            }
        }
    }

    @Test func `a campaign that is not ACTIVE does not answer`() async throws {
        let test = try ServiceUnderTest()
        let version = try await test.running {
            try await test.prepareFilms()
            return try await test.train("hot").arn
        }
        let input: JSON = ["name": "hot", "solutionVersionArn": .string(version)]
        try await test.call("CreateCampaign", input)
        let error = #expect(throws: PersonalizeError.self) { try test.recommend(arn("campaign/hot")) }
        #expect(error?.message.contains("CREATE PENDING") == true)
    }
}
