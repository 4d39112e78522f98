import JSON
import Personalize
import SQLiteStore
import TestSupport
import Testing

@Suite struct SealingTests {
    private static let itemsArn = JSON.string(arn("dataset/films/ITEMS"))

    @Test func `a training learns from what was put, and full imports leave it`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            for user in 0..<20 {
                try await test.put(["new", "i\(user)"], by: "p\(user)", tracking: tracking, session: "s\(user)")
            }
            let campaign = try await test.serve("hot")
            #expect(try test.recommend(campaign, ["numResults": 25]).contains("new"))
            #expect(try await test.rowCounts("INTERACTIONS")[.put] == 40)
            #expect(try await test.store.liveBatches(of: arn("dataset/films/INTERACTIONS"), after: 0, limit: 9) == [])

            try await test.put(["newer", "i1"], by: "p1", tracking: tracking)
            try await test.importFiles("seen-2", "INTERACTIONS", "s3://bucket/Interactions/")
            let counts = try await test.rowCounts("INTERACTIONS")
            #expect(counts[.put] == 42)
            let bulk = Films().interactions().split(separator: "\n").count - 1
            #expect(counts[.bulk] == bulk)
            let later = try await test.serve("later")
            #expect(try test.recommend(later, ["numResults": 26]).contains("newer"))
        }
    }

    @Test func `what is put before an import is older than it, what is put after it newer`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let campaign = try await test.serve("hot")
            let noir = try await test.filmFilter("noir", #"INCLUDE ItemID WHERE Items.GENRES IN ("noir")"#)
            let ids = { Set(try test.recommend(campaign, ["filterArn": noir])) }
            let put = { (id: String) in
                _ = try await test.service.putItems([
                    "datasetArn": Self.itemsArn,
                    "items": [["itemId": .string(id), "properties": #"{"genres":"noir"}"#]],
                ])
            }
            try await put("i3")
            #expect(try ids() == ["i3"])
            try await test.importFiles("items-2", "ITEMS", "s3://bucket/Items/")
            _ = try await test.serve("again")
            #expect(try ids() == [])
            try await put("i4")
            #expect(try ids() == ["i4"])
        }
    }

    @Test func `much that was put becomes a snapshot by itself, and answers stay the same`() async throws {
        let test = try ServiceUnderTest { $0.maximumLiveEvents = 20 }
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            let campaign = try await test.serve("own", recipe: "aws-user-personalization")
            let met = try await test.filmFilter("met", #"INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")"#)
            var changes = test.service.changes(of: arn("dataset/films/INTERACTIONS")).makeAsyncIterator()
            for item in 0..<24 {
                try await test.put(["i\(item)"], by: "all", tracking: tracking, at: 1000 + item)
                let ids = try test.recommend(campaign, ["userId": "all", "numResults": 24])
                #expect(Set(ids).isDisjoint(with: (0...item).map { "i\($0)" }))
                #expect(try test.recommend(campaign, ["userId": "all", "filterArn": met]).count == item + 1)
            }
            await changes.next()
            #expect(try await (test.rowCounts("INTERACTIONS")[.put] ?? 0) >= 20)
            #expect(try test.recommend(campaign, ["userId": "all", "numResults": 24]) == [])
        }
    }

    @Test func `after a restart all is as it was`() async throws {
        let test = try ServiceUnderTest()
        let (campaign, met) = try await test.running {
            let tracking = try await test.prepareLiveFilms()
            let campaign = try await test.serve("hot")
            let met = try await test.filmFilter("met", #"INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")"#)
            try await test.put(["i1"], by: "u", tracking: tracking)
            _ = try await test.train("sealing")
            try await test.put(["i2"], by: "u", tracking: tracking)
            return (campaign, met)
        }
        let again = try test.restarted()
        try await again.service.recover()
        #expect(Set(try again.recommend(campaign, ["userId": "u", "filterArn": met])) == ["i1", "i2"])
    }

    @Test func `a session that ends with a name is that user's in the training`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            try await test.put(["i1", "i3"], by: nil, tracking: tracking, session: "s7")
            try await test.put(["i5"], by: "named", tracking: tracking, session: "s7")
            let campaign = try await test.serve("own", recipe: "aws-user-personalization")
            let met = try await test.filmFilter("met", #"INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")"#)
            let items = { (user: String) in
                Set(try test.recommend(campaign, ["userId": .string(user), "filterArn": met]))
            }
            #expect(try items("named") == ["i1", "i3", "i5"])
            #expect(try items("s7") == [])
        }
    }

    @Test func `a training from what was put can be repeated, whatever has come since`() async throws {
        let test = try ServiceUnderTest { $0.minimumInteractions = 50 }
        try await test.running {
            let tracking = try await test.prepareLiveFilms(Films(users: 16, items: 12))
            try await test.put(["i1", "new"], by: "p", tracking: tracking)
            let version = try await test.train("own", recipe: "aws-user-personalization")
            try await test.put(["i2", "newer"], by: "q", tracking: tracking)
            try await test.importFiles("seen-2", "INTERACTIONS", "s3://bucket/Interactions/")
            #expect(try await test.service.replay(version.arn)["isIdentical"] == true)
        }
    }

    @Test func `putting, sealing, training and asking at one time, everyone sees what he has put`() async throws {
        let test = try ServiceUnderTest { $0.maximumLiveEvents = 15 }
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            let campaign = try await test.serve("hot")
            let met = try await test.filmFilter("met", #"INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")"#)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for user in (0..<6).map({ "p\($0)" }) {
                    group.addTask {
                        for number in 0..<40 {
                            try await test.put(["i\(number % 24)"], by: user, tracking: tracking, session: user)
                            let ids = try test.recommend(campaign, ["userId": .string(user), "filterArn": met])
                            #expect(ids.count == min(number + 1, 24), "\(user), event \(number)")
                        }
                    }
                }
                group.addTask { _ = try await test.train("other") }
                try await group.waitForAll()
            }
            _ = try await test.train("last")
            #expect(try await test.rowCounts("INTERACTIONS")[.put] == 240)
        }
    }

    @Test func `events that have come are new data for an update`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            _ = try await test.train("own", recipe: "aws-user-personalization")
            let input: JSON = ["solutionArn": .string(arn("solution/own")), "trainingMode": "UPDATE"]
            let refused = await test.error("CreateSolutionVersion", input)
            #expect(refused?.message.hasPrefix("There should be updates") == true)
            try await test.put(["i1", "new"], by: "p", tracking: tracking)
            #expect(try await test.create("CreateSolutionVersion", input).status == .active)
        }
    }
}
