import Kernels
import Testing

@testable import Personalize
@testable import Recommenders

@Suite struct ItemFeatureTests {
    private static let fields = ImportFixture.Fields(
        "Items",
        [
            "ITEM_ID string", "GENRES string? categorical", "TEXT string? textual", "NOTE string?", "PRICE double?",
            "YEAR int?", "NEW boolean?", "CREATION_TIMESTAMP long?",
        ]
    )

    private func features(_ rows: [String], ids: [String]) throws -> ItemFeatures? {
        let fixture = try ImportFixture(Self.fields)
        let header = "ITEM_ID,GENRES,TEXT,NOTE,PRICE,YEAR,NEW,CREATION_TIMESTAMP\n"
        let outcome = try fixture.run(header + rows.joined(separator: "\n") + "\n")
        let table = try #require(EntityTable(.items, [fixture.snapshot(outcome)]))
        let fields = fixture.schema.columns.compactMap { column in ItemField(column).map { (column.name, $0) } }
        return .of(table, ids: ids, fields: Dictionary(uniqueKeysWithValues: fields))
    }

    /// The weights of an item's features, descending.
    private func weights(_ features: ItemFeatures, _ item: Int) -> [Float] {
        features.rows.values[features.rows.range(row: item)].sorted(by: >)
    }

    @Test func `categories are split, text is taken by the word, and numbers by their deviations`() throws {
        let features = try #require(
            try features(
                [
                    "a,drama|war|drama,,unlike,2,,,7", "b,war,The war of the worlds: THE end,,4,,true,8",
                    "c,,,,,,false,9", "d,drama,,,,,,",
                ],
                ids: ["a", "b", "unknown", "c", "d"]
            )
        )
        // drama, war; the, war, of, worlds, end; the price; true, false.
        #expect(features.count == 10)
        #expect(features.itemCount == 5)
        #expect(weights(features, 0) == [1, 1, -1])
        let word = 1 / Float(5).squareRoot()
        #expect(weights(features, 1) == [1, 1, 1] + [Float](repeating: word, count: 5))
        #expect(weights(features, 2) == [])
        #expect(weights(features, 3) == [1])
        #expect(weights(features, 4) == [1])
        #expect(features.codes(of: 0).count == 2)
        #expect(features.codes(of: 1).count == 7)
        #expect(Set(features.codes(of: 0)).intersection(features.codes(of: 1)).count == 1)
    }

    @Test func `names and descriptions are texts, a term in a name counting for two`() throws {
        let fields = ImportFixture.Fields(
            "Items",
            ["ITEM_ID string", "TITLE string?", "TEXT string? textual", "GENRES string? categorical", "NOTE string?"]
        )
        let fixture = try ImportFixture(fields)
        let rows =
            "ITEM_ID,TITLE,TEXT,GENRES,NOTE\na,War,wars of war,drama,unlike\nb,Wars,,drama,unlike\nc,,,drama,unlike\n"
        let table = try #require(EntityTable(.items, [fixture.snapshot(try fixture.run(rows))]))
        let all = ItemField.all(of: fixture.schema)
        #expect(all == ["TITLE": .name, "TEXT": .words, "GENRES": .categories])
        let texts = try #require(ItemFeatures.texts(of: table, ids: ["a", "b", "c", "x"], fields: all))
        // war, of.
        #expect(texts.count == 2)
        #expect(weights(texts, 0) == [4, 1])
        #expect(weights(texts, 1) == [2])
        #expect(weights(texts, 2) == [] && weights(texts, 3) == [])
        #expect(ItemFeatures.texts(of: table, ids: ["a"], fields: ["GENRES": .categories]) == nil)
        #expect(ItemFeatures.texts(of: table, ids: ["c"], fields: all) == nil)
        // A name takes part in nothing else; a category called TITLE is a name too.
        #expect(ItemFeatures.of(table, ids: ["a"], fields: ["TITLE": .name]) == nil)
        #expect(ItemFeatures.texts(of: table, ids: ["b"], fields: ["TITLE": .categories])?.count == 1)
    }

    @Test func `numbers that are all equal say nothing, and nothing at all is no features`() throws {
        let rows = ["a,,,note,3,1999,,7", "b,,?!,,3,1999,,8"]
        #expect(try features(rows, ids: ["a", "b"]) == nil)
        #expect(try features(rows, ids: ["c"]) == nil)
        #expect(try features(rows + ["c,,,,,2000,,"], ids: ["a", "b", "c"])?.count == 1)
    }

    @Test func `an event is as good as its value where values are ratings`() {
        let table = EventTable(
            users: MappedArray([0, 0, 0, 0, 0]),
            items: MappedArray([0, 1, 2, 3, 4]),
            timestamps: MappedArray([1, 2, 3, 4, 5]),
            types: MappedArray([0, 0, 0, 0, 1]),
            values: MappedArray([4.5, .nan, 0, -1, 3]),
            userIDs: ["u"],
            itemIDs: ["a", "b", "c", "d", "e"],
            typeNames: ["rate", "view"]
        )
        var rules = EventRules(byType: nil, minimumValue: nil)
        #expect(rules.weights(of: table) == nil)
        rules.areRatings = true
        #expect(rules.weights(of: table) == [4.5, 0, 0, 0, 3])
        var rated = EventRules(byType: ["RATE": .init(minimumValue: 1, weight: 7)], minimumValue: nil)
        rated.areRatings = true
        #expect(rated.weights(of: table) == [4.5, 0, 0, 0, 0])
    }
}
