import JSON
import TestSupport
import Testing

@testable import Personalize

@Suite struct ExplainTests {
    private func explain(_ test: ServiceUnderTest, _ campaign: String, _ more: JSONObject) throws -> JSON {
        var input: JSON = ["campaignArn": .string(campaign)]
        for (key, value) in more { input[key] = value }
        return try test.service.runtime.explain(input)
    }

    private func sum(_ answer: JSON) -> Double {
        (answer["parts"]?.array ?? []).reduce(0) { $0 + ($1["value"]?.double ?? .nan) }
    }

    @Test(arguments: [
        "aws-user-personalization", "aws-personalized-ranking", "aws-popularity-count", "aws-trending-now", "aws-hrnn",
        "millrace-neighbors", "millrace-svd",
    ])
    func `the parts add up to the total, of users the model knows, has not met, and that came later`(
        _ recipe: String
    ) async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            let campaign = try await test.serve("any", recipe: recipe)
            try await test.put(["i3", "i5", "i7"], by: "late", tracking: tracking)
            try await test.put(["i2", "i4"], by: "u3", tracking: tracking)
            for user in ["u1", "u3", "late", "nobody"] {
                for item in ["i1", "i2", "i9", "i23"] {
                    let answer = try explain(test, campaign, ["userId": .string(user), "itemId": .string(item)])
                    let total = try #require(answer["total"]?.double)
                    #expect(abs(sum(answer) - total) < 1e-4, "\(user) \(item): \(answer.text)")
                    #expect(answer["rank"]?.int != nil || answer["score"] == nil)
                    #expect(answer["statement"]?.string?.isEmpty == false)
                }
            }
        }
    }

    @Test(arguments: ["aws-sims", "aws-similar-items"])
    func `of related items the similarity is told`(_ recipe: String) async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let campaign = try await test.serve("near", recipe: recipe)
            let nearest = try test.recommend(campaign, ["itemId": "i8", "numResults": 3])
            var totals: [Double] = []
            for item in nearest {
                let answer = try explain(test, campaign, ["relatedItemId": "i8", "itemId": .string(item)])
                #expect(answer["measure"] == "similarity")
                #expect(answer["parts"]?[0]?["itemId"] == "i8")
                totals.append(try #require(answer["total"]?.double))
            }
            #expect(totals == totals.sorted(by: >))
            #expect(throws: PersonalizeError.self) { try explain(test, campaign, ["itemId": "i8"]) }
        }
    }

    @Test func `the total is what items are ranked by, and the score that of the answer`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let campaign = try await test.serve("own", recipe: "aws-user-personalization")
            let scores = try test.scores(campaign, user: "u1")
            let order = try test.recommend(campaign, ["userId": "u1", "numResults": 500])
            var totals: [Double] = []
            for item in order {
                let answer = try explain(test, campaign, ["userId": "u1", "itemId": .string(item)])
                #expect(answer["score"]?.double == scores[item])
                #expect(answer["removedBy"] == [])
                totals.append(try #require(answer["total"]?.double))
            }
            // Items of one camp may be as near as rounding.
            #expect(zip(totals, totals.dropFirst()).allSatisfy { $0 > $1 - 1e-5 })
            // What u1 met of his own camp speaks for the items of his camp.
            let mine = try explain(test, campaign, ["userId": "u1", "itemId": .string(order[0])])
            let first = try #require(mine["parts"]?.array?.first { $0["kind"] == "INTERACTION" })
            #expect((Int(first["itemId"]?.string?.dropFirst() ?? "") ?? 0) % 2 == 1)
            #expect((first["value"]?.double ?? 0) > 0)
        }
    }

    @Test func `what leaves an item out is named`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let campaign = try await test.serve("own", recipe: "aws-user-personalization")
            let cheap = try await test.filter("cheap", "INCLUDE ItemID WHERE Items.PRICE < $PRICE")
            let unseen = try #require(Films().unseen(1).sorted().first)
            let price = (Int(unseen.dropFirst()) ?? 0)
            func removed(_ item: String, _ price: Int) throws -> [JSON] {
                let input: JSONObject = [
                    "userId": "u1", "itemId": .string(item), "filterArn": cheap,
                    "filterValues": ["PRICE": .string("\(price)")],
                ]
                return try explain(test, campaign, input)["removedBy"]?.array ?? []
            }
            #expect(try removed(unseen, price + 1) == [])
            #expect(try removed(unseen, price) == [["kind": "FILTER", "filterArn": cheap]])
            let met = try #require(
                (0..<24).map { "i\($0)" }.first {
                    $0 != unseen && Int($0.dropFirst()).map { $0 % 2 == 1 } == true && !Films().unseen(1).contains($0)
                }
            )
            #expect(try removed(met, 100) == [["kind": "ALREADY_MET"]])
            // A model does not know an item that came later, a filter does.
            let more = "ITEM_ID,GENRES,PRICE\nnew,war,50\n"
            try test.directory.write(more, to: "bucket/More/b.csv")
            try await test.importFiles("items-2", "ITEMS", "s3://bucket/More/", mode: "INCREMENTAL")
            let new = try explain(
                test,
                campaign,
                ["userId": "u1", "itemId": "new", "filterArn": cheap, "filterValues": ["PRICE": "8"]]
            )
            #expect(new["isKnownItem"] == false && new["total"] == nil)
            #expect(new["removedBy"] == [["kind": "FILTER", "filterArn": cheap]])
        }
    }
}
