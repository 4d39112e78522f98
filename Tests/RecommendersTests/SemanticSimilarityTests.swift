import Kernels
import Testing

@testable import Recommenders

@Suite struct SemanticSimilarityTests {
    private static let texts = [
        "A war between the stars. Stars and ships, and ships!", "Starship captain at war among stars", "A love story",
        "The story of a love that ends", "Cooking: a love of herbs", "", "?!", "the the the the the",
    ]

    private func data(_ texts: [String], events: Events = Events()) throws -> Interactions {
        var data = try events.interactions(userCount: 3, itemCount: texts.count)
        var builder = ItemFeatures.Builder(itemCount: texts.count)
        for (item, text) in zip(UInt32(0)..., texts) {
            for term in TextTerms.of(text) { builder.add(term, field: "", to: item) }
        }
        data.itemTexts = builder.features()
        return data
    }

    private func fit(_ data: Interactions) throws -> TrainedModel {
        try Recipe.semanticSimilarity.configuration().fit(data, context: TrainingContext())
    }

    @Test func `items are related by what their texts are about, without any event`() throws {
        let model = try fit(try data(Self.texts))
        #expect(model.recommend(Query(item: 0, count: 1)).map(\.item) == [1])
        #expect(model.recommend(Query(item: 2, count: 2)).map(\.item) == [3, 4])
        #expect(model.recommend(Query(item: 4, count: 3)).allSatisfy { $0.score == nil })
        // A text without words is like no other, nor is an unknown item; nobody is there to make items popular.
        for item: UInt32 in [5, 6, 700] { #expect(model.recommend(Query(item: item, count: 3)).isEmpty) }
    }

    @Test func `popular items follow where no text is alike`() throws {
        var events = Events()
        events.append(0, 2, 0)
        events.append(1, 2, 0)
        events.append(1, 6, 0)
        let model = try fit(try data(Self.texts, events: events))
        #expect(model.recommend(Query(item: 5, count: 3)).map(\.item) == [2, 6])
        #expect(model.recommend(Query(item: 6, count: 3)).map(\.item) == [2])
    }

    @Test func `popularity and freshness count as much as they are to`() throws {
        // Of 0, item 1 is nearest, 2 the most popular, 3 the newest.
        var events = Events()
        for user in 0..<3 { for item in [0, 2] { events.append(user, item, 100) } }
        events.append(0, 3, 900)
        events.append(0, 1, 200)
        let texts = ["war star ship", "war star ship", "war star love", "war love song", "love song", "song"]
        let model = try fit(try data(texts, events: events))
        func related(_ popularity: Double, _ freshness: Double, count: Int = 3) -> [UInt32] {
            var query = Query(item: 0, count: count)
            query.influence = RankingInfluence(popularity: popularity, freshness: freshness)
            return model.recommend(query).map(\.item)
        }
        #expect(model.recommend(Query(item: 0, count: 3)).map(\.item) == [1, 2, 3])
        #expect(related(0, 0) == [1, 2, 3])
        #expect(related(1, 0) == [2, 1, 3])
        #expect(related(0, 1) == [3, 1, 2])
        #expect(related(0.01, 0.01) == [1, 2, 3])
        #expect(related(1, 1).first == 2 || related(1, 1).first == 3)
        #expect(related(0, 1, count: 1) == [3])
        let file = try TemporaryFile(model.encoded())
        #expect(try TrainedModel(path: file.path) == model)
    }

    @Test func `an item came to be when that is told, else when it was first met, else lately`() throws {
        var events = Events()
        events.append(0, 1, 500)
        events.append(1, 1, 300)
        events.append(1, 2, 700)
        var data = try events.interactions(userCount: 3, itemCount: 4)
        #expect(data.creations() == [700, 300, 700, 700])
        data.itemCreations = [nil, 5, nil]
        #expect(data.creations() == [700, 5, 700, 700])
        #expect(data.keepingUsers { $0 > 7 }.creations() == [5, 5, 5, 5])
    }

    @Test func `it is trained as a solution version without any event`() throws {
        let outcome = try Trainer(recipe: .semanticSimilarity).train(try data(Self.texts), context: TrainingContext())
        #expect(outcome.model == (try fit(try data(Self.texts))))
        #expect(outcome.metrics == Metrics())
    }

    @Test func `items without any text are refused with what is to be added`() throws {
        var events = Events()
        events.append(0, 0, 0)
        let plain = try events.interactions(userCount: 1, itemCount: 2)
        for (data, fact) in [
            (plain, "no item has a text to compare"), (try data(["", "?"]), "a word in common"),
            (try data(["one", "two"]), "a word in common"),
        ] {
            let error = #expect(throws: RecommenderError.self) { try fit(data) }
            #expect(error?.code == .insufficientData)
            #expect(error?.message.contains(fact) == true, "\(error?.message ?? "")")
            #expect(error?.message.contains("ITEM_NAME or TITLE") == true)
            #expect(error?.message.contains("\"textual\": true") == true)
        }
    }

    @Test func `a term counts the more the more often it is there, but by its logarithm`() throws {
        let terms = try data(["a a a a b", "a b", "c"])
        let rows = try #require(terms.itemTexts).directions(itemCount: 3, frequency: .logarithmic, limit: 1e9)
        let values = rows.values[rows.range(row: 0)].sorted()
        #expect(abs(Double(values[1] / values[0]) - Logarithm.of(5.0) / Logarithm.of(2.0)) < 1e-5)
        #expect(rows.range(row: 2).isEmpty)
    }

    @Test(arguments: [
        ("The War of the Worlds", ["the", "war", "of", "the", "world"]), ("", []), ("—?!—", []),
        ("Ünïcode's", ["ünïcode", "s"]),
        ("stories, heroes; glass buses bus gas lies", ["story", "heroes", "glass", "buse", "bus", "gas", "lie"]),
        ("2001: A SPACE", ["2001", "a", "space"]), ("東京物語", ["東京", "京物", "物語"]),
        ("春 (Spring)", ["春", "spring"]), ("X战警3部", ["x", "战警", "3", "部"]),
    ])
    func `terms are words without their plural, and pairs of characters of scripts without spaces`(
        text: String,
        terms: [String]
    ) {
        #expect(TextTerms.of(text) == terms)
    }
}
