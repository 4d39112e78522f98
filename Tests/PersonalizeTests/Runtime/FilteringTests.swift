import JSON
import Personalize
import TestSupport
import Testing

@Suite struct FilteringTests {
    private static let usersSchema = """
        {"type":"record","name":"Users","namespace":"com.amazonaws.personalize.schema","fields":[
        {"name":"USER_ID","type":"string"},{"name":"AGE","type":["null","int"]}],"version":"1.0"}
        """

    /// A service with the films, where user `u3` is 13 years old and all others 43.
    private func withFilms(_ body: @Sendable (ServiceUnderTest) async throws -> Void) async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            try await test.call("CreateSchema", ["name": "people", "schema": .string(Self.usersSchema)])
            let dataset: JSON = [
                "name": "people", "schemaArn": .string(arn("schema/people")), "datasetType": "Users",
                "datasetGroupArn": .string(arn("dataset-group/films")),
            ]
            try await test.create("CreateDataset", dataset)
            let people = (0..<40).map { "u\($0),\($0 == 3 ? 13 : 43)" }.joined(separator: "\n")
            try test.directory.write("USER_ID,AGE\n\(people)\n", to: "bucket/Users/a.csv")
            #expect(try await test.importFiles("people-1", "USERS", "s3://bucket/Users/").status == .active)
            try await body(test)
        }
    }

    /// What a request throws.
    private func error(_ test: ServiceUnderTest, _ campaign: String, _ more: JSONObject) -> PersonalizeError? {
        do {
            _ = try test.recommend(campaign, more)
            return nil
        } catch {
            return error as? PersonalizeError
        }
    }

    @Test func `a filter decides before the best are chosen, so that the answer is full`() async throws {
        try await withFilms { test in
            let campaign = try await test.serve("hot")
            let cheap = try await test.filter("cheap", "INCLUDE ItemID WHERE Items.PRICE < $PRICE")
            let values: JSON = ["PRICE": "8"]
            let all = try test.recommend(campaign, ["numResults": 24])
            let few = try test.recommend(campaign, ["numResults": 5, "filterArn": cheap, "filterValues": values])
            #expect(few == Array(all.filter { (Int($0.dropFirst()) ?? 99) < 8 }.prefix(5)))
            let drama = try await test.filter("drama", #"EXCLUDE ItemID WHERE Items.GENRES IN ("war", "x")"#)
            let comedies = try test.recommend(campaign, ["numResults": 24, "filterArn": drama])
            #expect(comedies == all.filter { Int($0.dropFirst()).map { $0 % 2 == 1 } == true })
        }
    }

    @Test(arguments: [
        "aws-popularity-count", "aws-trending-now", "aws-sims", "aws-similar-items", "aws-user-personalization",
        "aws-hrnn", "millrace-neighbors", "millrace-svd",
    ])
    func `no recipe recommends what a filter takes out, and each fills the answer from what is left`(
        _ recipe: String
    ) async throws {
        try await withFilms { test in
            let campaign = try await test.serve("any", recipe: recipe)
            let filter = try await test.filter(
                "narrow",
                #"INCLUDE ItemID WHERE Items.PRICE < 14 | EXCLUDE ItemID WHERE Items.GENRES IN ("comedy")"#
            )
            let left = Set((0..<14).filter { $0 % 2 == 0 }.map { "i\($0)" })
            // Of the odd camp, so that what is left is what each would recommend last.
            for (user, item) in [("u1", "i21"), ("u3", "i23"), ("nobody", "nothing")] {
                let who: JSONObject = ["userId": .string(user), "itemId": .string(item), "filterArn": filter]
                let all = try test.recommend(campaign, who.merging(["numResults": 24]))
                #expect(Set(all) == left, "\(user)")
                let some = try test.recommend(campaign, who.merging(["numResults": 3]))
                #expect(some == Array(all.prefix(3)), "\(user)")
            }
        }
    }

    @Test func `what a user has done decides, also after the training`() async throws {
        try await withFilms { test in
            let campaign = try await test.serve("hot")
            let unseen = try await test.filter("unseen", #"EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")"#)
            let bought = try await test.filter("bought", #"INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("BUY")"#)
            let seen = Set((0..<24).map { "i\($0)" }).subtracting(
                try test.recommend(campaign, ["userId": "u2", "numResults": 24, "filterArn": unseen])
            )
            #expect(seen == Set((0..<24).filter { $0 % 2 == 0 }.map { "i\($0)" }).subtracting(Films().unseen(2)))
            let before = try test.recommend(campaign, ["userId": "u2", "numResults": 24, "filterArn": bought])
            #expect(Set(before) == seen.filter { (Int($0.dropFirst()) ?? 1) % 3 == 0 })

            let new = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\nu2,i1,1800000000,Buy,1\n"
            try test.directory.write(new, to: "bucket/New/b.csv")
            var changes = test.service.changes(of: campaign).makeAsyncIterator()
            try await test.importFiles("seen-2", "INTERACTIONS", "s3://bucket/New/", mode: "INCREMENTAL")
            await changes.next()
            let after = try test.recommend(campaign, ["userId": "u2", "numResults": 24, "filterArn": bought])
            #expect(Set(after) == Set(before).union(["i1"]))
            #expect(try test.recommend(campaign, ["userId": "nobody", "filterArn": bought]) == [])
            #expect(error(test, campaign, ["filterArn": bought])?.message.contains("'userId'") == true)
        }
    }

    @Test func `an INCLUDE of what was met brings it back where it is left out else`() async throws {
        try await withFilms { test in
            let campaign = try await test.serve("own", recipe: "aws-user-personalization")
            let bought = try await test.filter("bought", #"INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("buy")"#)
            let films = Films()
            let plain = try test.recommend(campaign, ["userId": "u2", "numResults": 24])
            let met = try test.recommend(campaign, ["userId": "u2", "numResults": 24, "filterArn": bought])
            #expect(!met.isEmpty)
            #expect(Set(plain).isDisjoint(with: met))
            #expect(met.allSatisfy { id in Int(id.dropFirst()).map { $0 % 3 == 0 } == true })
            #expect(films.unseen(2).isDisjoint(with: met))
        }
    }

    @Test func `the current user decides whether a filter counts`() async throws {
        try await withFilms { test in
            let campaign = try await test.serve("hot")
            let young = try await test.filter(
                "young",
                #"EXCLUDE ItemID WHERE Items.GENRES IN ("war") IF CurrentUser.AGE < 18"#
            )
            #expect(try test.recommend(campaign, ["userId": "u3", "numResults": 24, "filterArn": young]).count == 12)
            #expect(try test.recommend(campaign, ["userId": "u4", "numResults": 24, "filterArn": young]).count == 24)
            #expect(
                try test.recommend(campaign, ["userId": "nobody", "numResults": 24, "filterArn": young]).count == 24
            )
        }
    }

    @Test func `the current item is compared with, by recipes for related items only`() async throws {
        try await withFilms { test in
            let cheaper = try await test.filter(
                "cheaper",
                "INCLUDE ItemID WHERE Items.PRICE < CurrentItem.PRICE AND Items.GENRES IN CurrentItem.GENRES"
            )
            let similar = try await test.serve("similar", recipe: "aws-sims")
            let ids = try test.recommend(similar, ["itemId": "i8", "numResults": 24, "filterArn": cheaper])
            #expect(Set(ids) == ["i0", "i2", "i4", "i6"])
            let hot = try await test.serve("hot")
            #expect(error(test, hot, ["filterArn": cheaper])?.message.contains("CurrentItem") == true)
        }
    }

    @Test func `a ranking drops what a filter takes out, also what the model does not know`() async throws {
        try await withFilms { test in
            let more = "ITEM_ID,GENRES,PRICE\nnew1,war,1\nnew2,comedy,1\n"
            try test.directory.write(more, to: "bucket/More/b.csv")
            try await test.importFiles("items-2", "ITEMS", "s3://bucket/More/", mode: "INCREMENTAL")
            let campaign = try await test.serve("ranking", recipe: "aws-personalized-ranking")
            let list: JSON = ["i0", "new1", "i1", "nothing", "i3", "new2"]
            func ranked(_ filter: JSON) throws -> [String] {
                let input: JSON = [
                    "campaignArn": .string(campaign), "userId": "u1", "inputList": list, "filterArn": filter,
                ]
                let answer = try test.service.runtime.getPersonalizedRanking(input)
                return answer["personalizedRanking"]?.array?.compactMap { $0["itemId"]?.string } ?? []
            }
            let peace = try await test.filter("peace", #"EXCLUDE ItemID WHERE Items.GENRES IN ("war")"#)
            #expect(try ranked(peace).sorted() == ["i1", "i3", "new2", "nothing"])
            #expect(try ranked(peace).suffix(2) == ["nothing", "new2"])
            let comedy = try await test.filter("comedy", #"INCLUDE ItemID WHERE Items.GENRES IN ("comedy")"#)
            #expect(try ranked(comedy).sorted() == ["i1", "i3", "new2"])
        }
    }

    @Test func `a promotion has its share of the answer and its own filter`() async throws {
        try await withFilms { test in
            let campaign = try await test.serve("hot")
            let comedy = try await test.filter("comedy", #"INCLUDE ItemID WHERE Items.GENRES IN ($GENRE)"#)
            let peace = try await test.filter("peace", #"INCLUDE ItemID WHERE Items.GENRES IN ("war")"#)
            func items(_ percent: Int, _ more: JSONObject = [:], genre: String = "comedy") throws -> [JSON] {
                let promotion: JSON = [
                    "name": "funny", "percentPromotedItems": JSON(percent), "filterArn": comedy,
                    "filterValues": ["GENRE": .string("\"\(genre)\"")],
                ]
                var input: JSON = ["campaignArn": .string(campaign), "numResults": 10, "promotions": [promotion]]
                for (key, value) in more { input[key] = value }
                return try test.service.runtime.getRecommendations(input)["itemList"]?.array ?? []
            }
            let list = try items(30, ["filterArn": peace])
            #expect(list.count == 10)
            let promoted = list.filter { $0["promotionName"] == "funny" }.compactMap { $0["itemId"]?.string }
            let others = list.filter { $0["promotionName"] == nil }.compactMap { $0["itemId"]?.string }
            let order = try test.recommend(campaign, ["numResults": 24])
            #expect(promoted == Array(order.filter { Int($0.dropFirst()).map { $0 % 2 == 1 } == true }.prefix(3)))
            #expect(others == Array(order.filter { Int($0.dropFirst()).map { $0 % 2 == 0 } == true }.prefix(7)))
            #expect(try items(100, ["numResults": 20]).count { $0["promotionName"] == "funny" } == 12)
            #expect(try items(100, ["numResults": 20]).count == 20)
            #expect(try items(50, genre: "none").count { $0["promotionName"] != nil } == 0)
            #expect(Set(try items(50).compactMap { $0["itemId"]?.string }).count == 10)
            let faulty: JSON = [["name": "funny", "percentPromotedItems": 50]]
            #expect(error(test, campaign, ["promotions": faulty])?.code == .invalidInput)
        }
    }

    @Test func `a filter that cannot be used is refused by name`() async throws {
        try await withFilms { test in
            let campaign = try await test.serve("hot")
            try await test.create("CreateDatasetGroup", ["name": "other"])
            let foreign = try await test.filter(
                "foreign",
                #"EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("x")"#,
                group: "other"
            )
            let people = try await test.filter("people", "INCLUDE UserID WHERE Users.AGE > 3")
            let genre = try await test.filter("genre", "INCLUDE ItemID WHERE Items.GENRES IN ($GENRE)")
            let cases: [(JSONObject, PersonalizeError.Code, String)] = [
                (["filterArn": .string(arn("filter/none"))], .resourceNotFound, "does not exist"),
                (["filterArn": foreign], .invalidInput, "dataset-group/other"),
                (["filterArn": people], .invalidInput, "UserID"),
                (["filterArn": genre], .invalidInput, "\"GENRE\""),
                (["filterArn": genre, "filterValues": ["GENRE": "war"]], .invalidInput, "character 1"),
                (["filterArn": genre, "filterValues": ["genre": "\"war\""]], .invalidInput, "\"genre\""),
                (["filterValues": ["GENRE": "\"war\""]], .invalidInput, "filterArn"),
            ]
            for (more, code, fact) in cases {
                let error = error(test, campaign, more)
                #expect(error?.code == code, "\(more)")
                #expect(error?.message.contains(fact) == true, "\(error?.message ?? "")")
            }
            try await test.call("DeleteFilter", ["filterArn": genre])
            #expect(try await test.service.waitUntilSettled(genre.string ?? "") == nil)
            #expect(error(test, campaign, ["filterArn": genre])?.code == .resourceNotFound)
        }
    }

    @Test func `filters work again after a restart`() async throws {
        let test = try ServiceUnderTest()
        let (campaign, filter) = try await test.running {
            try await test.prepareFilms()
            let filter = try await test.filter("comedy", #"INCLUDE ItemID WHERE Items.GENRES IN ("comedy")"#)
            return (try await test.serve("hot"), filter)
        }
        let before = try test.recommend(campaign, ["filterArn": filter])
        #expect(before.count == 12)
        let again = try test.restarted()
        try await again.service.recover()
        #expect(try again.recommend(campaign, ["filterArn": filter]) == before)
    }

    @Test func `a filter is checked against the schemas of its group`() async throws {
        try await withFilms { test in
            for (expression, fact) in [
                (#"INCLUDE ItemID WHERE Items.GENRE IN ("a")"#, "did you mean GENRES? (character 22)"),
                ("INCLUDE ItemID WHERE Items.PRICE < \"cheap\"", "(character 36)"),
                ("INCLUDE ActionID WHERE Actions.VALUE < 1", "no Actions dataset"),
            ] {
                let input: JSON = [
                    "name": "wrong", "datasetGroupArn": .string(arn("dataset-group/films")),
                    "filterExpression": .string(expression),
                ]
                let error = await test.error("CreateFilter", input)
                #expect(error?.code == .invalidInput)
                #expect(error?.message.contains(fact) == true, "\(error?.message ?? "")")
            }
        }
    }
}

extension JSONObject {
    fileprivate func merging(_ other: JSONObject) -> JSONObject {
        var merged = self
        for (key, value) in other { merged[key] = value }
        return merged
    }
}

extension ServiceUnderTest {
    /// Makes a filter and waits until it is ACTIVE.
    func filter(_ name: String, _ expression: String, group: String = "films") async throws -> JSON {
        let filter = try await create(
            "CreateFilter",
            [
                "name": .string(name), "datasetGroupArn": .string(arn("dataset-group/\(group)")),
                "filterExpression": .string(expression),
            ]
        )
        #expect(filter.status == .active)
        return .string(filter.arn)
    }
}
