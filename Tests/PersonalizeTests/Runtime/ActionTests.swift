import FoundationEssentials
import JSON
import TestSupport
import Testing

@testable import Personalize

@Suite struct ActionTests {
    private static let actionsSchema = """
        {"type":"record","name":"Actions","namespace":"com.amazonaws.personalize.schema","fields":[
        {"name":"ACTION_ID","type":"string"},{"name":"VALUE","type":["null","long"]},
        {"name":"KIND","type":["null","string"],"categorical":true},
        {"name":"CREATION_TIMESTAMP","type":["null","long"]},
        {"name":"ACTION_EXPIRATION_TIMESTAMP","type":["null","long"]},{"name":"REPEAT_FREQUENCY","type":["null","long"]}],
        "version":"1.0"}
        """
    private static let eventsSchema = """
        {"type":"record","name":"ActionInteractions","namespace":"com.amazonaws.personalize.schema","fields":[
        {"name":"USER_ID","type":"string"},{"name":"ACTION_ID","type":"string"},
        {"name":"EVENT_TYPE","type":"string"},{"name":"TIMESTAMP","type":"long"}],"version":"1.0"}
        """
    private static let start = 1_700_000_000

    /// Five actions: `even` is taken by the even camp and `odd` by the odd one, `rare` by hardly anybody; `gone` has
    /// expired, and `once` is not offered again for 30 days to who took it.
    private func withActions(
        events: Bool = true,
        _ body: @Sendable (ServiceUnderTest) async throws -> Void
    ) async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            for (name, type, schema) in [
                ("deeds", "Actions", Self.actionsSchema), ("done", "Action_Interactions", Self.eventsSchema),
            ] {
                try await test.call("CreateSchema", ["name": .string(name), "schema": .string(schema)])
                try await test.create(
                    "CreateDataset",
                    [
                        "name": .string(name), "schemaArn": .string(arn("schema/\(name)")),
                        "datasetGroupArn": .string(arn("dataset-group/films")), "datasetType": .string(type),
                    ]
                )
            }
            let actions = """
                ACTION_ID,VALUE,KIND,CREATION_TIMESTAMP,ACTION_EXPIRATION_TIMESTAMP,REPEAT_FREQUENCY
                even,5,club,,,
                odd,5,club,,,
                rare,9,shop,,,
                gone,9,shop,,1000,
                once,1,shop,,,30

                """
            try test.directory.write(actions, to: "bucket/Actions/a.csv")
            #expect(try await test.importFiles("deeds-1", "ACTIONS", "s3://bucket/Actions/").status == .active)
            if events {
                try test.directory.write(Self.events, to: "bucket/Done/a.csv")
                let location = "s3://bucket/Done/"
                #expect(try await test.importFiles("done-1", "ACTION_INTERACTIONS", location).status == .active)
            }
            try await body(test)
        }
    }

    private static var events: String {
        var lines = ["USER_ID,ACTION_ID,EVENT_TYPE,TIMESTAMP"]
        for user in 0..<40 {
            for choice in 0..<5 {
                let time = start + choice * 100
                for (action, isTaken) in [
                    ("even", user % 2 == 0 && choice > 0), ("odd", user % 2 == 1 && choice > 0),
                    ("rare", (user + choice) % 20 == 0), ("once", (user + choice) % 2 == 0),
                ] { lines.append("u\(user),\(action),\(isTaken ? "Taken" : "Not Taken"),\(time)") }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func ask(_ test: ServiceUnderTest, _ campaign: String, _ more: JSONObject) throws -> [(String, Double)] {
        var input: JSON = ["campaignArn": .string(campaign)]
        for (key, value) in more { input[key] = value }
        let answer = try test.service.runtime.getActionRecommendations(input)
        #expect(answer["recommendationId"]?.string?.isEmpty == false)
        return (answer["actionList"]?.array ?? []).map { ($0["actionId"]?.string ?? "", $0["score"]?.double ?? -1) }
    }

    private func serve(_ test: ServiceUnderTest, config: JSON = [:]) async throws -> String {
        try await test.serve("next", recipe: "aws-next-best-action", campaignConfig: config)
    }

    @Test func `a file of actions is refused when any of its bytes is another, and one without a checksum is read`()
        async throws
    {
        try await withActions { test in
            _ = try await serve(test)
            let path = try #require(
                DataFiles.names(in: test.directory.file("home/models")).first { $0.hasSuffix(".actions") }
            )
            let file = test.directory.file("home/models/\(path)")
            let whole = try Data(contentsOf: URL(filePath: file))
            let ids = try ActionData.ids(path: file)
            #expect((0..<UInt32(ids.count)).map { ids[$0] } == ["even", "gone", "odd", "once", "rare"])
            let other = test.directory.file("home/other.actions")
            for index in whole.indices {
                var bytes = whole
                bytes[index] ^= 0x40
                try bytes.write(to: URL(filePath: other))
                #expect(throws: (any Error).self, "byte \(index)") { try ActionData.ids(path: other) }
            }
            try whole.dropFirst(16).write(to: URL(filePath: other))
            #expect(try ActionData.ids(path: other).count == ids.count)
        }
    }

    @Test func `actions come by the chance that the user takes them`() async throws {
        try await withActions { test in
            let campaign = try await serve(test)
            let even = try ask(test, campaign, ["userId": "u2"])
            let odd = try ask(test, campaign, ["userId": "u3"])
            #expect(even.first?.0 == "even" && odd.first?.0 == "odd")
            #expect(!even.contains { $0.0 == "gone" })
            for answer in [even, odd] {
                #expect(answer.map(\.1) == answer.map(\.1).sorted(by: >))
                #expect(answer.allSatisfy { (0.0...1).contains($0.1) })
            }
            #expect(even[0].1 > 0.6)
            #expect(try ask(test, campaign, ["userId": "u2", "numResults": 2]).count == 2)
            #expect(try !ask(test, campaign, ["userId": "nobody"]).isEmpty)
            let version = try #require(test.service.runtime.servedVersion(campaign))
            let metrics = try await test.call("GetSolutionMetrics", ["solutionVersionArn": .string(version)])["metrics"]
            #expect(metrics?["area_under_the_curve"]?.double != nil)
            #expect(metrics?["precision"]?.double != nil && metrics?["recall"]?.double != nil)
        }
    }

    @Test func `what a user does with an action changes his next answer`() async throws {
        try await withActions { test in
            let campaign = try await serve(test)
            let tracking = try await test.track()
            let user = "u1"
            // u1 took it long before the clock's time.
            #expect(try ask(test, campaign, ["userId": .string(user)]).contains { $0.0 == "once" })
            func put(_ action: String, _ type: String, times: Int) async throws {
                let now = Int(test.clock.date.timeIntervalSince1970)
                for time in 0..<times {
                    let interaction: JSON = [
                        "actionId": .string(action), "userId": .string(user), "sessionId": "s",
                        "timestamp": JSON(now - time), "eventType": .string(type),
                    ]
                    let input: JSON = ["trackingId": .string(tracking), "actionInteractions": [interaction]]
                    _ = try await test.service.putActionInteractions(input)
                }
            }
            let before = try ask(test, campaign, ["userId": .string(user)])
            try await put("once", "TAKEN", times: 1)
            let after = try ask(test, campaign, ["userId": .string(user)])
            #expect(!after.contains { $0.0 == "once" })
            #expect(try ask(test, campaign, ["userId": "u5"]).contains { $0.0 == "once" })
            try await put("odd", "NOT_TAKEN", times: 20)
            let declined = try ask(test, campaign, ["userId": .string(user)])
            let chance = { (answer: [(String, Double)]) in answer.first { $0.0 == "odd" }?.1 ?? 0 }
            #expect(chance(declined) < chance(before) - 0.1)
        }
    }

    @Test func `filters hold for actions`() async throws {
        try await withActions { test in
            let campaign = try await serve(test)
            let shop = try await test.filter("shop", #"INCLUDE ActionID WHERE Actions.KIND IN ("shop")"#)
            #expect(Set(try ask(test, campaign, ["userId": "u2", "filterArn": shop]).map(\.0)) == ["rare", "once"])
            let taken = try await test.filter(
                "taken",
                #"EXCLUDE ActionID WHERE Action_Interactions.EVENT_TYPE IN ("Taken")"#
            )
            let left = try ask(test, campaign, ["userId": "u2", "filterArn": taken]).map(\.0)
            #expect(!left.contains("even") && left.contains("odd"))
            let items = try await test.filter("items", #"EXCLUDE ItemID WHERE Items.GENRES IN ("war")"#)
            #expect(throws: PersonalizeError.self) { try ask(test, campaign, ["userId": "u2", "filterArn": items]) }
        }
    }

    @Test func `without what users did every score is zero`() async throws {
        try await withActions(events: false) { test in
            let answer = try ask(test, try await serve(test), ["userId": "u2"])
            #expect(Set(answer.map(\.0)) == ["even", "odd", "rare", "once"])
            #expect(answer.allSatisfy { $0.1 == 0 })
        }
    }

    @Test func `an action that is put after the training is explored, with score zero`() async throws {
        try await withActions { test in
            let campaign = try await serve(test, config: ["itemExplorationConfig": ["explorationWeight": "0.5"]])
            let put: JSON = [
                "datasetArn": .string(arn("dataset/films/ACTIONS")),
                "actions": [
                    ["actionId": "new", "properties": #"{"kind":"club"}"#],
                    ["actionId": "old", "properties": #"{"actionExpirationTimestamp":1000}"#],
                ],
            ]
            _ = try await test.service.putActions(put)
            for _ in 0..<50 {
                let answer = try ask(test, campaign, ["userId": "u2", "numResults": 4])
                #expect(answer.count == 4, "\(answer)")
                #expect(answer.last?.0 == "new", "\(answer)")
                #expect(answer.last?.1 == 0, "\(answer)")
                #expect(!answer.map(\.0).contains("old"), "\(answer)")
            }
        }
    }

    @Test func `wrong requests are refused by name`() async throws {
        try await withActions { test in
            let campaign = try await serve(test)
            let hot = try await test.serve("hot")
            func message(_ input: JSON) -> String {
                do throws(PersonalizeError) {
                    _ = try test.service.runtime.getActionRecommendations(input)
                    return ""
                } catch {
                    return error.message
                }
            }
            #expect(message(["campaignArn": .string(hot), "userId": "u1"]).contains("recommends no actions"))
            #expect(message(["campaignArn": .string(campaign)]).contains("'userId'"))
            #expect(message(["userId": "u1"]).contains("'campaignArn'"))
            let many: JSON = ["campaignArn": .string(campaign), "userId": "u1", "numResults": 101]
            #expect(message(many).contains("100 or less"))
            #expect(throws: PersonalizeError.self) { try test.recommend(campaign, ["userId": "u1"]) }
            let ranking: JSON = ["campaignArn": .string(campaign), "userId": "u1", "inputList": ["i1"]]
            #expect(throws: PersonalizeError.self) { try test.service.runtime.getPersonalizedRanking(ranking) }
        }
    }

    @Test func `a group without actions cannot be trained`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let version = try await test.train("next", recipe: "aws-next-best-action")
            #expect(version.status == .createFailed)
            let reason = try await test.failureReason("SolutionVersion", version.arn)
            #expect(reason == "The dataset group has no actions; import an Actions dataset first.")
        }
    }
}
