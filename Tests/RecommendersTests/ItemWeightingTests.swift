import Kernels
import Testing

@testable import Recommenders

@Suite struct ItemWeightingTests {
    static let weightings: [ItemSimilarity.Weighting] = [
        .popularityDiscount, .bm25(saturation: 1.2, lengthNormalization: 0.75), .tfIdf,
        .shallowAutoencoder(regularization: 3, ownShare: 0.3),
    ]

    private func fit(
        _ data: Interactions,
        _ weighting: ItemSimilarity.Weighting,
        recency: Recency = .none,
        threads: Int = 2
    ) throws -> ItemSimilarity {
        let configuration = ItemSimilarity.Configuration(
            weighting: weighting,
            minimumCointeractionCount: 1,
            recency: recency
        )
        return try .fit(data, configuration: configuration, context: TrainingContext(threads: threads))
    }

    @Test(arguments: weightings)
    func `on a checkerboard the withheld item of a history comes first`(weighting: ItemSimilarity.Weighting) throws {
        let data = try Samples.checkerboard()
        let model = try fit(data, weighting)
        for user in 0..<UInt32(data.userCount) {
            let history = Array(data.history(user: user))
            let answer = model.recommend(Query(history: history, excluded: ItemSet(history), count: 3))
            #expect(answer.first?.item == user)
        }
    }

    @Test(arguments: weightings)
    func `models have the same bytes for one thread and two, and come back from their files`(
        weighting: ItemSimilarity.Weighting
    ) throws {
        let data = try Samples.groups()
        let model = try fit(data, weighting, recency: Recency(halfLife: 3, floor: 0.25))
        let bytes = model.encoded()
        #expect(bytes == (try fit(data, weighting, recency: Recency(halfLife: 3, floor: 0.25), threads: 1).encoded()))
        let file = try TemporaryFile(bytes)
        #expect(try ItemSimilarity(mapped: MappedFile(path: file.path)) == model)
    }

    @Test func `users with short histories tell more, by relevance and by rarity`() throws {
        // Items 0 and 1 share a user who has met little else, 0 and 2 one who has met all there is.
        var events = Events()
        for item in [0, 1] { events.append(0, item, 0) }
        for item in [0] + Array(2..<40) { events.append(1, item, 0) }
        for user in 2..<6 { events.append(user, 1, 0); events.append(user, 2, 0) }
        let data = try events.interactions(userCount: 6, itemCount: 40)
        for weighting in [Self.weightings[1], Self.weightings[2]] {
            let answer = try fit(data, weighting).recommend(Query(item: 0, count: 40)).map(\.item)
            let places = try [#require(answer.firstIndex(of: 1)), #require(answer.firstIndex(of: 2))]
            #expect(places[0] < places[1])
        }
    }

    @Test func `what is new in a history counts more, but no less than the floor`() throws {
        let data = try Samples.groups()
        let history: [UInt32] = [0, 5, 10, 1]
        let group = { (recency: Recency) in
            let model = try self.fit(data, .popularityDiscount, recency: recency)
            return model.recommend(Query(history: history, excluded: ItemSet(history), count: 1)).first.map {
                $0.item % 5
            }
        }
        #expect(try group(.none) == 0)
        #expect(try group(Recency(halfLife: 0.25)) == 1)
        #expect(try group(Recency(halfLife: 0.25, floor: 1)) == 0)
        #expect(Recency(halfLife: 1, floor: 0.5).weights(count: 3) == [0.625, 0.75, 1])
        #expect(Recency(halfLife: 1).weights(count: 0).isEmpty)
    }

    @Test func `EASE says when data is too large for it, and AutoML then goes without`() throws {
        let data = try Samples.groups()
        let configuration = ItemSimilarity.Configuration(weighting: Self.weightings[3], maximumMatrixSize: 20)
        let error = #expect(throws: RecommenderError.self) {
            try ItemSimilarity.fit(data, configuration: configuration, context: TrainingContext())
        }
        #expect(error?.code == .tooLarge)
        #expect(error?.message.contains("200 users and 100 items") == true)
        #expect(error?.message.contains("20 rows") == true)
    }

    @Test func `weights of EASE bring items to who met others, and keep items apart that exclude one another`() throws {
        // Who has met 0 has met 1 too, and never 2.
        var events = Events()
        for user in 0..<40 {
            for item in user % 2 == 0 ? [0, 1, 3] : [2, 4, 3] { events.append(user, item, Int64(item)) }
        }
        let model = try fit(try events.interactions(userCount: 40, itemCount: 5), Self.weightings[3])
        #expect(model.recommend(Query(item: 0, count: 1)).map(\.item) == [1])
        let negative = model.offsets[0]..<model.offsets[1]
        #expect(negative.contains { model.neighbours[$0] == 2 && model.similarities[$0] < 0 })
        let scores = model.recommend(Query(history: [0], excluded: [0], count: 4)).compactMap(\.score)
        #expect(scores.allSatisfy { $0 >= 0 } && scores == scores.sorted(by: >))
    }
}
