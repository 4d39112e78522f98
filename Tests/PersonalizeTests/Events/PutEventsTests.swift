import JSON
import Personalize
import TestSupport
import Testing

@Suite struct PutEventsTests {
    @Test func `the next recommendation leaves out what was just seen`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            let campaign = try await test.serve("own", recipe: "aws-user-personalization")
            let before = try test.recommend(campaign, ["userId": "u2", "numResults": 24])
            let seen = Array(before.prefix(3))
            // As old as can be: what counts is when it came to us.
            try await test.put(seen, by: "u2", tracking: tracking, at: 1)
            let after = try test.recommend(campaign, ["userId": "u2", "numResults": 24])
            #expect(Set(after) == Set(before).subtracting(seen))
        }
    }

    @Test func `a user nobody knew is recommended what is like the items he looks at`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            for recipe in ["aws-user-personalization", "aws-hrnn"] {
                let campaign = try await test.serve("own-\(recipe)", recipe: recipe)
                for (user, parity) in [("even-\(recipe)", 0), ("odd-\(recipe)", 1)] {
                    let items = stride(from: parity, to: 16, by: 2).map { "i\($0)" }
                    try await test.put(items, by: user, tracking: tracking, session: user)
                    let ids = try test.recommend(campaign, ["userId": .string(user), "numResults": 4])
                    #expect(ids.count == 4)
                    let numbers = ids.compactMap { Int($0.dropFirst()) }
                    #expect(numbers.allSatisfy { $0 % 2 == parity }, "\(recipe) \(user): \(ids)")
                    #expect(Set(ids).isDisjoint(with: items))
                }
            }
        }
    }

    @Test func `a session without a user is one, and its events are his once he has a name`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            let campaign = try await test.serve("hot")
            let met = try await test.filmFilter("met", #"INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")"#)
            try await test.put(["i1", "i3"], by: nil, tracking: tracking, session: "s7")
            let items = { (user: String) in
                Set(try test.recommend(campaign, ["userId": .string(user), "filterArn": met]))
            }
            #expect(try items("s7") == ["i1", "i3"])
            #expect(try items("new") == [])
            try await test.put(["i5"], by: "new", tracking: tracking, session: "s7")
            #expect(try items("new") == ["i1", "i3", "i5"])
        }
    }

    @Test func `filters know of events by their types, in any case`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            let campaign = try await test.serve("hot")
            let bought = try await test.filmFilter(
                "bought",
                #"INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("BUY")"#
            )
            let unseen = try await test.filmFilter("unseen", #"EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")"#)
            try await test.put(["i1"], by: "nobody", tracking: tracking, type: "Buy")
            try await test.put(["i2"], by: "nobody", tracking: tracking)
            #expect(try test.recommend(campaign, ["userId": "nobody", "filterArn": bought]) == ["i1"])
            let left = try test.recommend(campaign, ["userId": "nobody", "filterArn": unseen, "numResults": 24])
            #expect(left.count == 22)
            #expect(Set(left).isDisjoint(with: ["i1", "i2"]))
        }
    }

    @Test func `the latest hundred events of a type count, wherever they are kept`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            let campaign = try await test.serve("hot")
            let met = try await test.filmFilter("met", #"INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch")"#)
            try await test.put(["i0", "i2"], by: "busy", tracking: tracking, at: 1_790_000_000)
            let many = (0..<99).map { "i\(3 + $0 % 2 * 2)" }
            try await test.put(many, by: "busy", tracking: tracking)
            #expect(
                Set(try test.recommend(campaign, ["userId": "busy", "filterArn": met])) == ["i2", "i3", "i5"]
            )
        }
    }

    @Test func `an event of the same id is taken once, also after a restart`() async throws {
        let test = try ServiceUnderTest()
        let tracking = try await test.running {
            let tracking = try await test.prepareLiveFilms()
            try await test.put(["i1", "i2", "i1"], by: "u", tracking: tracking, ids: ["a", "b", "a"])
            try await test.put(["i1", "i3"], by: "u", tracking: tracking, ids: ["a", "c"])
            return tracking
        }
        let again = try test.restarted()
        try await again.running {
            try await again.put(["i1", "i4"], by: "u", tracking: tracking, ids: ["b", "d"])
            _ = try await again.train("hot")
            let counts = try await again.rowCounts("INTERACTIONS")
            #expect(counts[.put] == 4)
        }
    }

    /// What a request for events is refused with; `nil` when it is taken.
    private func refusal(_ test: ServiceUnderTest, _ input: JSON) async -> String? {
        let error = await test.putError { () async throws(PersonalizeError) in
            try await test.service.putEvents(input)
        }
        #expect(error == nil || error?.code == .invalidInput, "\(error?.description ?? "")")
        return error?.message
    }

    @Test func `all that is wrong with a request is told at once`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = JSON.string(try await test.prepareLiveFilms())
            let event: JSON = ["eventType": "watch", "sentAt": 1_800_000_000, "itemId": "i1"]
            let input: JSON = ["trackingId": tracking, "sessionId": "s", "eventList": [event]]
            #expect(await refusal(test, input) == nil)
            let missing = await refusal(test, ["trackingId": tracking, "eventList": [["sentAt": 1]]])
            #expect(missing?.hasPrefix("2 validation errors detected: Value null at 'sessionId'") == true)
            #expect(missing?.contains("'eventList.1.member.eventType'") == true)
            let many: JSON = [
                "trackingId": tracking, "sessionId": "s", "eventList": .array(Array(repeating: event, count: 11)),
            ]
            let tooMany = await refusal(test, many)
            #expect(tooMany?.contains("less than or equal to 10") == true)
            #expect(tooMany?.contains("i1") == false)
            let hundreds: JSON = [
                "trackingId": tracking, "sessionId": "s", "eventList": .array(Array(repeating: event, count: 500)),
            ]
            #expect(await refusal(test, hundreds).map { $0.utf8.count < 20_000 } == true)
            let unknown: JSON = ["trackingId": "none", "sessionId": "s", "eventList": [event]]
            #expect(await refusal(test, unknown)?.contains("is of no event tracker") == true)
        }
    }

    @Test func `what does not fit the schema is told with its place`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = JSON.string(try await test.prepareLiveFilms())
            let wrong = await refusal(
                test,
                [
                    "trackingId": tracking, "sessionId": "s",
                    "eventList": [
                        ["eventType": "watch", "sentAt": 1, "properties": "{"],
                        ["eventType": "watch", "sentAt": 1, "itemId": "i", "properties": #"{"eventValue":"much"}"#],
                    ],
                ]
            )
            #expect(wrong?.contains("'eventList.1.member.properties' must be a JSON object") == true)
            #expect(wrong?.contains("'eventList.1.member.itemId' must be given") == true)
            #expect(wrong?.contains("\"much\" is not a number") == true)
            let milliseconds: JSON = [
                "trackingId": tracking, "sessionId": "s",
                "eventList": [["eventType": "watch", "sentAt": 1_800_000_000_000, "itemId": "i"]],
            ]
            #expect(await refusal(test, milliseconds)?.contains("sentAt") == true)
        }
    }

    @Test func `the item and the value may be among the properties`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            let campaign = try await test.serve("hot")
            let met = try await test.filmFilter("met", #"INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")"#)
            let event: JSON = [
                "eventType": "watch", "sentAt": 1_800_000_000.75,
                "properties": #"{"itemId":"i7","eventValue":4,"page":"start"}"#,
            ]
            _ = try await test.service.putEvents([
                "trackingId": .string(tracking), "sessionId": "s", "eventList": [event],
            ])
            #expect(try test.recommend(campaign, ["userId": "s", "filterArn": met]) == ["i7"])
        }
    }

    @Test func `a tracker that is deleted takes no more events, and those it took stay`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            try await test.put(["i1"], by: "u", tracking: tracking)
            let tracker = arn("event-tracker/clicks")
            try await test.call("DeleteEventTracker", ["eventTrackerArn": .string(tracker)])
            _ = try await test.service.waitUntilSettled(tracker)
            await #expect(throws: PersonalizeError.self) { try await test.put(["i2"], by: "u", tracking: tracking) }
            _ = try await test.train("hot")
            #expect(try await test.rowCounts("INTERACTIONS")[.put] == 1)
        }
    }
}
