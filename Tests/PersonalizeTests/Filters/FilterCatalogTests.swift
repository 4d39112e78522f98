import JSON
import Kernels
import Recommenders
import Testing

@testable import Personalize

@Suite struct FilterCatalogTests {
    private static func request(
        _ text: String,
        _ values: [String: String] = [:],
        user: String? = nil,
        item: String? = nil
    ) throws -> FilterRequest {
        let expression = try FilterParser.parse(text)
        let given = JSON.object(JSONObject(values.map { ($0.key, .string($0.value)) }))
        return FilterRequest(
            filter: RuntimeFilter(arn: "f", groupArn: "g", expression: expression),
            values: try FilterValues(given, for: expression, "f"),
            user: user,
            item: item
        )
    }

    @Test(arguments: 1...4)
    func `a compiled filter leaves what the naive evaluation of it leaves`(_ seed: Int) throws {
        let data = try FilterData(seed: seed)
        var random = SeededNumbers(seed + 1000)
        var names = 0
        var outcomes: Set<Bool> = []
        for _ in 0..<150 {
            let filter = RandomFilter(&random, names: &names)
            let expression = try FilterParser.parse(filter.text)
            try expression.check(data.schemas)
            // Twice, for the second time is answered from what the first has found.
            for _ in 0..<2 {
                let user = "u\(Int.random(in: 0..<12, using: &random))"
                let current = random.pick(data.ids)
                let request = try Self.request(filter.text, filter.filterValues, user: user, item: current)
                let excluded = try data.catalog.restriction(request).excluded
                for (code, id) in zip(UInt32(0)..., data.ids) {
                    let isKept = filter.keeps(id, user: user, current: current, in: data)
                    outcomes.insert(isKept)
                    guard isKept == excluded.contains(code) else { continue }
                    Issue.record("\(id) for \(user) at \(current): \(filter.text) with \(filter.filterValues)")
                    return
                }
            }
        }
        #expect(outcomes == [true, false])
    }

    @Test func `a number is found among many, whatever lies around it`() {
        let numbers: [Double?] = (0..<5000).map { $0 % 7 == 0 ? nil : Double($0 * 7919 % 500) }
        let index = NumberIndex(numbers)
        for comparison in Comparison.allCases {
            for bound in [-1.0, 0, 0.5, 77, 250, 499, 500] {
                let wanted = numbers.map { number -> Bool in
                    guard let number else { return false }
                    switch comparison {
                    case .isIn, .equal: return number == bound
                    case .isNotIn, .notEqual: return number != bound
                    case .less: return number < bound
                    case .lessOrEqual: return number <= bound
                    case .greater: return number > bound
                    case .greaterOrEqual: return number >= bound
                    }
                }
                let found = index.items(comparison, [bound])
                #expect((0..<5000).map { found.contains(UInt32($0)) } == wanted, "\(comparison.rawValue) \(bound)")
            }
        }
    }

    @Test func `the cache keeps what is asked for and stays within its room`() {
        var cache = FilterCache(setSize: 1 << 30)
        func key(_ number: Int) -> [[BoundCondition]] {
            [[BoundCondition(field: Self.price, comparison: .less, literals: [.number(Double(number))])]]
        }
        for number in 0..<100 {
            cache[key(number)] = ItemSet([UInt32(number)])
            #expect(cache[key(0)] == ItemSet([0]))
        }
        #expect(cache[key(99)] == ItemSet([99]))
        #expect((1..<99).filter { cache[key($0)] != nil }.count < 16)
    }

    private static var price: FilterColumn {
        let fields = ImportFixture.Fields("Items", ["ITEM_ID string", "PRICE float"])
        guard let schema = try? Schema(parsing: fields.text), let column = FilterColumn("PRICE", in: schema) else {
            preconditionFailure("the schema is one")
        }
        return column
    }

    @Test(arguments: [
        ("drama", "drama at character 1"),
        ("\"drama\" \"war\"", "\"war\" at character 9"),
        ("\"drama\",", "end of text at character 9"),
        ("\"drama", "\" at character 1"),
        ("", "end of text at character 1"),
    ])
    func `a value without its quotes is refused with its place`(_ value: String, _ place: String) throws {
        let error = #expect(throws: PersonalizeError.self) {
            try Self.request("INCLUDE ItemID WHERE Items.GENRES IN ($GENRES)", ["GENRES": value])
        }
        #expect(error?.message.hasPrefix("filterValues.GENRES: \(place)") == true, "\(error?.message ?? "")")
    }

    @Test func `parameters are matched by name and type`() throws {
        let data = try FilterData(seed: 9)
        let text = "INCLUDE ItemID WHERE Items.GENRES IN ($GENRES) AND Items.PRICE < $PRICE"
        let wrong: [([String: String], String)] = [
            (["GENRES": "\"war\""], "must have a value for \"PRICE\""),
            (["GENRES": "\"war\"", "PRICE": "3", "genre": "1"], "\"genre\" is no parameter"),
            (["GENRES": "\"war\"", "PRICE": "\"x\""], "must be a number"),
            (["GENRES": "\"war\"", "PRICE": "3,4"], "has 2 values"),
            (["GENRES": "3", "PRICE": "3"], "must be a text"),
        ]
        for (values, fact) in wrong {
            let error = #expect(throws: PersonalizeError.self) {
                try data.catalog.restriction(Self.request(text, values))
            }
            #expect(error?.code == .invalidInput)
            #expect(error?.message.contains(fact) == true, "\(error?.message ?? "")")
        }
        let bare = try data.catalog.restriction(Self.request(text, ["GENRES": "\"war\"", "PRICE": "3"]))
        let quoted = try data.catalog.restriction(Self.request(text, ["GENRES": "\"war\"", "PRICE": "\"3\""]))
        #expect(bare.excluded == quoted.excluded)
    }

    @Test func `without its values a condition of an EXCLUDE takes nothing out`() throws {
        let data = try FilterData(seed: 9)
        let text = "EXCLUDE ItemID WHERE Items.GENRES IN ($A) OR Items.GENRES IN (\"war\")"
        let plain = try data.catalog.restriction(Self.request("EXCLUDE ItemID WHERE Items.GENRES IN (\"war\")"))
        #expect(try data.catalog.restriction(Self.request(text)).excluded == plain.excluded)
        #expect(!plain.excluded.isEmpty)
    }

    @Test func `the use cases of the domains leave out what the user has had`() throws {
        let data = try FilterData(seed: 9)
        #expect(AutomaticFilter.filter(ofRecipe: "aws-user-personalization", group: "g") == nil)
        for (recipe, type) in [("aws-ecomm-recommended-for-you", "Purchase"), ("aws-vod-top-picks", "Watch")] {
            let filter = try #require(AutomaticFilter.filter(ofRecipe: recipe, group: "g"))
            let written = try Self.request("EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"\(type)\")", user: "u1")
            let automatic = FilterRequest(filter: filter, values: FilterValues(), user: "u1")
            #expect(
                try data.catalog.restriction(automatic).excluded == data.catalog.restriction(written).excluded
            )
        }
    }

    @Test func `two lists are mixed at random, each in its order`() {
        let first = (0..<3).map { AnsweredItem(item: ScoredItem(item: $0, score: nil), promotionName: "p") }
        let second = (10..<15).map { AnsweredItem(item: ScoredItem(item: $0, score: nil)) }
        var places = [Int](repeating: 0, count: 8)
        for seed in 0..<4000 {
            let mixed = ServedCampaign.mix(first, second, seed: UInt64(seed))
            #expect(mixed.filter { $0.promotionName != nil }.map(\.item.item) == [0, 1, 2])
            #expect(mixed.filter { $0.promotionName == nil }.map(\.item.item) == [10, 11, 12, 13, 14])
            for (place, item) in mixed.enumerated() where item.promotionName != nil { places[place] += 1 }
        }
        // Each place is a promoted item's in 3 of 8 cases, 1500 of 4000; five standard deviations are 153.
        #expect(places.allSatisfy { abs($0 - 1500) < 153 }, "\(places)")
    }
}
