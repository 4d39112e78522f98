import JSON
import Personalize
import TestSupport
import Testing

/// Whatever comes, no recommendation after it has an item that a filter takes out.
@Suite struct EventFilterTests {
    /// What is known of the items and of who did what, kept as naively as can be.
    private struct Truth {
        var genres: [String: Set<String>] = [:]
        var prices: [String: Double] = [:]
        var events: [String: [String: Set<String>]] = [:]

        init(_ films: Films) {
            for line in films.itemsFile.split(separator: "\n").dropFirst() {
                let fields = line.split(separator: ",").map(String.init)
                genres[fields[0]] = Set(fields[1].split(separator: "|").map(String.init))
                prices[fields[0]] = Double(fields[2])
            }
            for line in films.interactions().split(separator: "\n").dropFirst() {
                let fields = line.split(separator: ",").map(String.init)
                events[fields[0], default: [:]][fields[3], default: []].insert(fields[1])
            }
        }

        func has(_ user: String, _ type: String, _ item: String) -> Bool {
            events[user]?[type]?.contains(item) == true
        }

        func hasAny(_ user: String, _ item: String) -> Bool {
            events[user]?.values.contains { $0.contains(item) } == true
        }
    }

    private struct Rule {
        let expression: String
        let allows: @Sendable (Truth, _ user: String, _ item: String) -> Bool

        /// The items that are left; those a user has met only where the filter asks for them.
        func answer(_ truth: Truth, _ user: String, _ films: Films) -> Set<String> {
            let wantsMet = expression.hasPrefix("INCLUDE ItemID WHERE Interactions")
            return Set((0..<films.items).map { "i\($0)" }).filter { item in
                allows(truth, user, item) && (wantsMet || !truth.hasAny(user, item))
            }
        }
    }

    private static let rules = [
        Rule(expression: #"EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")"#) { !$0.hasAny($1, $2) },
        Rule(expression: #"EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("Watch")"#) { !$0.has($1, "watch", $2) },
        Rule(expression: #"INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("buy")"#) { $0.has($1, "buy", $2) },
        Rule(expression: #"EXCLUDE ItemID WHERE Items.GENRES IN ("war", "noir")"#) { truth, _, item in
            truth.genres[item]?.isDisjoint(with: ["war", "noir"]) ?? true
        },
        Rule(expression: "INCLUDE ItemID WHERE Items.PRICE < 9") { truth, _, item in
            (truth.prices[item] ?? .infinity) < 9
        },
        Rule(
            expression: #"INCLUDE ItemID WHERE Items.GENRES IN ("comedy") | "#
                + #"EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("buy")"#
        ) { truth, user, item in truth.genres[item]?.contains("comedy") == true && !truth.has(user, "buy", item) },
    ]

    @Test(arguments: [1, 2, 3])
    func `a recommendation after an event has what its filter leaves, and nothing else`(seed: Int) async throws {
        var random = SeededNumbers(seed)
        let films = Films()
        let test = try ServiceUnderTest { configuration in
            configuration.maximumLiveEvents = 40
            configuration.maximumLiveRecords = 8
        }
        let rules = Self.rules
        let plan = (0..<150).map { _ in Step(&random, rules.count, films) }
        try await test.running {
            let tracking = try await test.prepareLiveFilms(films)
            // An item that is put and unknown to the model would be explored.
            let config: JSON = ["itemExplorationConfig": ["explorationWeight": "0"]]
            let campaign = try await test.serve(
                "own",
                recipe: "aws-user-personalization",
                campaignConfig: config
            )
            var truth = Truth(films)
            var filters: [JSON] = []
            for (index, rule) in rules.enumerated() {
                filters.append(try await test.filmFilter("f\(index)", rule.expression))
            }
            for step in plan {
                try await step.put(to: test, tracking)
                step.note(in: &truth)
                let input: JSONObject = [
                    "userId": .string(step.user), "numResults": 24, "filterArn": filters[step.rule],
                ]
                let ids = try test.recommend(campaign, input)
                let expected = rules[step.rule].answer(truth, step.user, films)
                #expect(Set(ids) == expected, "seed \(seed), \(rules[step.rule].expression), \(step)")
            }
        }
    }

    /// Something that comes, and what is asked after it.
    private struct Step: Sendable {
        let user: String
        let item: String
        /// An event's type; `nil` where an item is put.
        let type: String?
        let genres: [String]
        let price: Int
        let rule: Int

        init(_ random: inout SeededNumbers, _ ruleCount: Int, _ films: Films) {
            user = random.pick(["u1", "u2", "u3", "new1", "new2"])
            item = "i\(Int.random(in: 0..<films.items + 2, using: &random))"
            type = random.isTrue(0.7) ? random.pick(["watch", "buy"]) : nil
            genres = ["comedy", "war", "noir"].filter { _ in random.isTrue(0.4) }
            price = Int.random(in: 0..<20, using: &random)
            rule = Int.random(in: 0..<ruleCount, using: &random)
        }

        func put(to test: ServiceUnderTest, _ tracking: String) async throws {
            if let type {
                return try await test.put([item], by: user, tracking: tracking, session: "s-\(user)", type: type)
            }
            let joined = genres.joined(separator: "|")
            let properties: JSON = ["genres": .string(joined), "price": JSON(price)]
            _ = try await test.service.putItems([
                "datasetArn": .string(arn("dataset/films/ITEMS")),
                "items": [["itemId": .string(item), "properties": .string(properties.text)]],
            ])
        }

        func note(in truth: inout Truth) {
            if let type {
                truth.events[user, default: [:]][type, default: []].insert(item)
            } else {
                truth.genres[item] = Set(genres)
                truth.prices[item] = Double(price)
            }
        }
    }
}
