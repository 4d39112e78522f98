import JSON
import Personalize
import TestSupport
import Testing

@Suite struct UseCaseTests {
    private static let shop = Shop(domain: .ecommerce)
    private static let cinema = Shop(domain: .videoOnDemand)

    private static func camp(_ ids: some Sequence<String>) -> Set<Int> {
        Set(ids.compactMap { Int($0.dropFirst()).map { $0 % 2 } })
    }

    /// Makes a recommender and answers its ARN.
    private static func make(_ test: ServiceUnderTest, _ recipe: String) async throws -> String {
        let made = try await test.create("CreateRecommender", ServiceUnderTest.recommender(recipe))
        let reason = try await test.describeRecommender(made.arn)["failureReason"]
        #expect(made.status == .active, "\(recipe): \(reason ?? "")")
        return made.arn
    }

    @Test func `what is popular by views is not what is popular by purchases`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareShop(Self.shop)
            let viewed = try await Self.make(test, "aws-ecomm-popular-items-by-views")
            let purchased = try await Self.make(test, "aws-ecomm-popular-items-by-purchases")
            #expect(try test.ask(viewed, "u1").first == "i2")
            #expect(try test.ask(viewed, "nobody").count == 24)
            let bought = try test.ask(purchased, "u1")
            #expect(bought.first == "i7")
            #expect(Set(bought) == Set((0..<40).flatMap { Self.shop.taken($0) }), "only purchases count")
            #expect(throws: PersonalizeError.self) { try test.ask(viewed, nil) }
        }
    }

    @Test func `what is bought together comes of purchases alone`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareShop(Self.shop)
            let together = try await Self.make(test, "aws-ecomm-frequently-bought-together")
            let items = try test.ask(together, nil, item: "i0")
            #expect(Set(items.prefix(4)) == ["i6", "i12", "i18", "i7"])
            #expect(!items.contains("i0") && !items.contains("i2"))
            #expect(throws: PersonalizeError.self) { try test.ask(together, "u0") }
        }
    }

    @Test func `customers who viewed an item viewed others, and what one has purchased is left out`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareShop(Self.shop)
            let also = try await Self.make(test, "aws-ecomm-customers-who-viewed-x-also-viewed")
            let items = try test.ask(also, "u0", item: "i4", ["numResults": 6])
            #expect(items.count == 6)
            #expect(Self.camp(items) == [0])
            #expect(Self.shop.taken(0).isDisjoint(with: items))
            #expect(!Self.shop.taken(2).isDisjoint(with: try test.ask(also, "u0", item: "i4")), "others' are not")
            #expect(throws: PersonalizeError.self) { try test.ask(also, nil, item: "i4") }
        }
    }

    @Test func `what is recommended for a customer is of his taste and not what he has purchased, from then on`()
        async throws
    {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareShop(Self.shop)
            let tracker = try await test.call(
                "CreateEventTracker",
                ["name": "clicks", "datasetGroupArn": ServiceUnderTest.shopGroup]
            )
            _ = try await test.service.waitUntilSettled(tracker["eventTrackerArn"]?.string ?? "")
            let mine = try await Self.make(test, "aws-ecomm-recommended-for-you")
            let items = try test.ask(mine, "u0", item: nil, ["numResults": 6])
            #expect(Self.camp(items) == [0])
            #expect(Self.shop.taken(0).isDisjoint(with: try test.ask(mine, "u0")))
            #expect(items.contains { Self.shop.hasMet(0, Int($0.dropFirst()) ?? 1) }, "what he has viewed stays")
            let tracking = tracker["trackingId"]?.string ?? ""
            let bought = try #require(items.first)
            try await test.put([bought], by: "u0", tracking: tracking, type: "View")
            #expect(try test.ask(mine, "u0").contains(bought))
            try await test.put([bought], by: "u0", tracking: tracking, type: "Purchase")
            #expect(try !test.ask(mine, "u0").contains(bought))
            let exploration = try await test.describeRecommender(mine)["recommenderConfig"]?["itemExplorationConfig"]
            #expect(exploration == ["explorationItemAgeCutOff": "30.0", "explorationWeight": "0.3"])
        }
    }

    @Test func `videos are popular by who watched them, and trend by who turns to them now`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareShop(Self.cinema)
            let popular = try await Self.make(test, "aws-vod-most-popular")
            #expect(try test.ask(popular, "u0").first == "i7")
            #expect(try !test.ask(popular, "u0").contains("i2"), "only what is watched counts")
            let trending = try await Self.make(test, "aws-vod-trending-now")
            #expect(try test.ask(trending, nil).first == "i5")
            #expect(throws: PersonalizeError.self) { try test.ask(popular, nil) }
        }
    }

    @Test func `because he watched one video he is shown others, but not those he watched`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareShop(Self.cinema)
            let because = try await Self.make(test, "aws-vod-because-you-watched-x")
            let items = try test.ask(because, "u2", item: "i0")
            #expect(Self.cinema.taken(2).isDisjoint(with: items))
            #expect(items.first == "i6", "of the four videos of his camp that are watched he has watched three")
            #expect(try test.ask(because, "nobody", item: "i0").prefix(4).contains("i6"))
        }
    }

    @Test func `more like a video are those of its genre, new ones too`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareShop(Self.cinema)
            let like = try await Self.make(test, "aws-vod-more-like-x")
            #expect(Self.camp(try test.ask(like, "u1", item: "i4", ["numResults": 5]).filter { $0 != "new" }) == [0])
            let new = try test.ask(like, "u1", item: "new", ["numResults": 5])
            #expect(Self.camp(new) == [0])
            #expect(Self.cinema.taken(1).isDisjoint(with: try test.ask(like, "u1", item: "i4")))
        }
    }

    @Test func `top picks are of a user's taste and not what he watched`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareShop(Self.cinema)
            let top = try await Self.make(test, "aws-vod-top-picks")
            #expect(Self.camp(try test.ask(top, "u1", item: nil, ["numResults": 6])) == [1])
            #expect(Self.cinema.taken(1).isDisjoint(with: try test.ask(top, "u1")))
            let metrics = try await test.describeRecommender(top)["modelMetrics"]
            #expect(metrics?["precision_at_5"]?.double ?? 0 > 0)
        }
    }

    @Test(arguments: [
        "aws-ecomm-frequently-bought-together", "aws-ecomm-popular-items-by-purchases",
    ])
    func `without the events it counts a recommender fails and says which`(_ recipe: String) async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareShop(Self.shop, isTaken: false)
            let made = try await test.create("CreateRecommender", ServiceUnderTest.recommender(recipe))
            #expect(made.status == .createFailed)
            let reason = try await test.describeRecommender(made.arn)["failureReason"]
            #expect(reason == "Dataset has fewer than 100 interactions after filtering by event type: Purchase")
            #expect(throws: PersonalizeError.self) { try test.ask(made.arn, "u0", item: "i0") }
            try await test.call("DeleteRecommender", ["recommenderArn": .string(made.arn)])
            #expect(try await test.service.waitUntilSettled(made.arn) == nil)
            #expect(try await test.modelFiles(count: 0) == [])
        }
    }

    @Test func `without items nothing is more like another`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareShop(Self.cinema, hasItems: false)
            let made = try await test.create("CreateRecommender", ServiceUnderTest.recommender("aws-vod-more-like-x"))
            #expect(made.status == .createFailed)
            let reason = try await test.describeRecommender(made.arn)["failureReason"]?.string
            #expect(reason?.contains("import an Items dataset first") == true)
        }
    }

    @Test func `recipes are listed by domain, and described`() async throws {
        let test = try ServiceUnderTest()
        for domain in Domain.allCases {
            let list = try await test.call("ListRecipes", ["domain": .string(domain.rawValue)])["recipes"]?.array ?? []
            #expect(list.count == 5)
            for recipe in list {
                #expect(recipe["domain"]?.string == domain.rawValue)
                let arn = recipe["recipeArn"] ?? ""
                let described = try await test.call("DescribeRecipe", ["recipeArn": arn])["recipe"]
                #expect(described?["name"] == recipe["name"])
                #expect(described?["description"]?.string?.isEmpty == false)
            }
        }
        let all = try await test.call("ListRecipes", ["recipeProvider": "SERVICE"])["recipes"]?.array ?? []
        #expect(all.count { $0["domain"] != nil } == 10)
        #expect(all.contains { $0["name"] == "aws-sims" && $0["domain"] == nil })
    }
}
