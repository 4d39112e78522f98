import JSON
import Personalize
import TestSupport
import Testing

@Suite struct PutEntitiesTests {
    private static let items = JSON.string(arn("dataset/films/ITEMS"))

    private static func item(_ id: String, _ properties: String) -> JSON {
        ["datasetArn": items, "items": [["itemId": .string(id), "properties": .string(properties)]]]
    }

    @Test func `an item that is put is filtered and shown by what it is now`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let campaign = try await test.serve(
                "hot",
                campaignConfig: ["enableMetadataWithRecommendations": true]
            )
            let comedies = try await test.filmFilter("comedies", #"INCLUDE ItemID WHERE Items.GENRES IN ("comedy")"#)
            let cheap = try await test.filmFilter("cheap", "EXCLUDE ItemID WHERE Items.PRICE >= 3")
            let ids = { (filter: JSON) in
                Set(try test.recommend(campaign, ["numResults": 24, "filterArn": filter]))
            }
            let before = try ids(comedies)
            #expect(!before.contains("i2"))
            #expect(try ids(cheap) == ["i0", "i1", "i2"])
            _ = try await test.service.putItems(Self.item("i2", #"{"genres":"comedy|noir","price":9.25}"#))
            _ = try await test.service.putItems(Self.item("i9", #"{"genres":["drama","war"],"price":"1"}"#))
            _ = try await test.service.putItems(Self.item("new", #"{"genres":"comedy"}"#))
            #expect(try ids(comedies) == before.union(["i2"]).subtracting(["i9"]))
            #expect(try ids(cheap) == ["i0", "i1", "i9"])
            _ = try await test.service.putItems(Self.item("i2", #"{"price":1}"#))
            #expect(try ids(comedies) == before.subtracting(["i9"]))
            let answer = try test.service.runtime.getRecommendations([
                "campaignArn": .string(campaign), "numResults": 24, "metadataColumns": ["ITEMS": ["GENRES", "PRICE"]],
            ])
            let shown = answer["itemList"]?.array?.first { $0["itemId"] == "i9" }
            #expect(shown?["metadata"] == ["GENRES": "drama|war", "PRICE": "1.0"])
        }
    }

    @Test func `a user that is put decides the filters about the current user`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            try await test.prepareUsers()
            let campaign = try await test.serve("hot")
            let adult = try await test.filmFilter(
                "adult",
                #"INCLUDE ItemID WHERE Items.GENRES IN ("war") IF CurrentUser.AGE > 17"#
            )
            let count = { try test.recommend(campaign, ["userId": "u1", "numResults": 24, "filterArn": adult]).count }
            #expect(try count() == 24)
            _ = try await test.service.putUsers([
                "datasetArn": .string(arn("dataset/films/USERS")),
                "users": [["userId": "u1", "properties": #"{"age":30}"#]],
            ])
            #expect(try count() == 12)
        }
    }

    @Test func `a dataset that is made, or made again, after the campaign is seen by it`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let campaign = try await test.serve("hot")
            var changes = test.service.changes(of: campaign).makeAsyncIterator()
            try await test.prepareUsers()
            await changes.next()
            let adult = try await test.filmFilter(
                "adult",
                #"INCLUDE ItemID WHERE Items.GENRES IN ("war") IF CurrentUser.AGE > 17"#
            )
            let users = JSON.string(arn("dataset/films/USERS"))
            let input: JSON = ["datasetArn": users, "users": [["userId": "u1", "properties": #"{"age":30}"#]]]
            let count = { try test.recommend(campaign, ["userId": "u1", "numResults": 24, "filterArn": adult]).count }
            _ = try await test.service.putUsers(input)
            #expect(try count() == 12)
            try await test.call("DeleteDataset", ["datasetArn": users])
            _ = try await test.service.waitUntilSettled(users.string ?? "")
            #expect(try count() == 24)
            let dataset: JSON = [
                "name": "people", "schemaArn": .string(arn("schema/people")), "datasetType": "Users",
                "datasetGroupArn": .string(arn("dataset-group/films")),
            ]
            try await test.create("CreateDataset", dataset)
            _ = try await test.service.putUsers(input)
            #expect(try count() == 12)
        }
    }

    @Test func `two ways of writing an accent are two items and two users`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            let (one, other) = ("caf\u{e9}", "cafe\u{301}")
            try await test.put([one], by: "x", tracking: tracking)
            let campaign = try await test.serve("hot")
            let noir = try await test.filmFilter("noir", #"INCLUDE ItemID WHERE Items.GENRES IN ("noir")"#)
            let met = try await test.filmFilter("met", #"INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")"#)
            _ = try await test.service.putItems(Self.item(one, #"{"genres":"noir"}"#))
            _ = try await test.service.putItems(Self.item(other, #"{"genres":"war"}"#))
            #expect(try test.recommend(campaign, ["filterArn": noir]).map { Array($0.utf8) } == [Array(one.utf8)])
            try await test.put(["i1"], by: one, tracking: tracking)
            #expect(try test.recommend(campaign, ["userId": .string(other), "filterArn": met]) == [])
            #expect(try test.recommend(campaign, ["userId": .string(one), "filterArn": met]) == ["i1"])
        }
    }

    @Test func `a record that does not fit the schema is refused with its place`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            let cases: [(JSON, PersonalizeError.Code, String)] = [
                (Self.item("a", #"{"genre":"x"}"#), .invalidInput, "properties.genre' is no column"),
                (Self.item("a", #"{"price":"dear"}"#), .invalidInput, "PRICE \"dear\" is not a number"),
                (Self.item("a", #"{"price":{}}"#), .invalidInput, "no plain value for PRICE"),
                (Self.item("a", "[]"), .invalidInput, "must be a JSON object"),
                (Self.item("", "{}"), .invalidInput, "'items.1.member.itemId'"),
                (["datasetArn": Self.items], .invalidInput, "Value null at 'items'"),
                (["datasetArn": Self.items, "items": []], .invalidInput, "greater than or equal to 1"),
                (
                    ["datasetArn": .string(arn("dataset/films/INTERACTIONS")), "items": [["itemId": "a"]]],
                    .invalidInput, "of type Interactions"
                ),
                (
                    ["datasetArn": .string(arn("dataset/none/ITEMS")), "items": [["itemId": "a"]]],
                    .resourceNotFound, "does not exist"
                ),
            ]
            for (input, code, fact) in cases {
                let error = await test.putError { () async throws(PersonalizeError) in
                    try await test.service.putItems(input)
                }
                #expect(error?.code == code, "\(input)")
                #expect(error?.message.contains(fact) == true, "\(error?.message ?? "")")
            }
            #expect(tracking.count == 36)
        }
    }

    @Test func `actions and what users do with them are kept`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = JSON.string(try await test.prepareLiveFilms())
            let event: JSON = ["actionId": "a", "sessionId": "s", "timestamp": 1, "eventType": "taken", "eventId": "e"]
            let input: JSON = ["trackingId": tracking, "actionInteractions": [event]]
            let early = await test.putError { () async throws(PersonalizeError) in
                try await test.service.putActionInteractions(input)
            }
            #expect(early?.message.contains("no ACTIVE dataset of type Action_Interactions") == true)
            try await test.prepareActions()
            _ = try await test.service.putActionInteractions(input)
            _ = try await test.service.putActionInteractions(input)
            let action: JSON = ["actionId": "a", "properties": #"{"value":3}"#]
            let actions = JSON.string(arn("dataset/films/ACTIONS"))
            _ = try await test.service.putActions(["datasetArn": actions, "actions": [action]])
            _ = try await test.train("sealing")
            #expect(try await test.rowCounts("ACTIONS") == [.put: 1])
            #expect(try await test.rowCounts("ACTION_INTERACTIONS") == [.put: 1])
        }
    }
}
