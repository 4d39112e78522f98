import Kernels
import Testing

@testable import Recommenders

@Suite struct SimilarItemsTests {
    /// Users of two camps met the even or the odd ones of 40 items; 8 items more are new. Each item has its camp as a
    /// category and a name of its own; three of four items have a category that tells nothing.
    private func sample(users: Int = 60, isDescribed: Bool = true) throws -> Interactions {
        let random = CounterRandom(seed: 1, stream: 3)
        var events = Events()
        for user in 0..<users {
            for item in 0..<40
            where item % 2 == user % 2 && random.uniform(at: UInt64(user * 40 + item)) < 0.5 {
                events.append(user, item, Int64(item))
            }
        }
        var data = try events.interactions(userCount: users, itemCount: 48)
        guard isDescribed else { return data }
        var builder = ItemFeatures.Builder(itemCount: 48)
        for item in 0..<UInt32(48) {
            builder.add(item % 2 == 0 ? "even" : "odd", field: "CAMP", to: item)
            builder.add("\(item)", field: "NAME", to: item)
            if item % 4 != 3 { builder.add("film", field: "KIND", to: item) }
            builder.add(Float(item), field: "PRICE", to: item)
        }
        data.itemFeatures = builder.features()
        return data
    }

    private func model(_ data: Interactions, _ settings: [String: String] = [:], threads: Int = 2) throws
        -> TrainedModel
    {
        try Recipe.similarItems.configuration(hyperparameters: settings)
            .fit(data, context: TrainingContext(threads: threads, seed: 1))
    }

    @Test func `a new item is related to items of its kind, and they to it, by what they are like`() throws {
        let model = try model(try sample())
        for item in UInt32(40)..<48 {
            let answer = model.recommend(Query(item: item, count: 10))
            #expect(answer.allSatisfy { $0.item % 2 == item % 2 && $0.score == nil }, "item \(item)")
            #expect(!answer.contains { $0.item == item })
        }
        let new = model.recommend(Query(item: 3, excluded: ItemSet(allBelow: 40), count: 9)).map(\.item)
        #expect(Set(new.prefix(4)) == [41, 43, 45, 47])
    }

    @Test func `new items that are recommended count among all items, so that coverage is a share`() throws {
        let data = try sample()
        let evaluation = Evaluation(data, holdOut: .leaveLastOut, seed: 1, excludesMetItems: false)
        let trained = try model(evaluation.training)
        var distinct = ItemSet()
        for test in evaluation.tests {
            let answer = trained.recommend(Query(item: test.input.last, count: 25))
            distinct.formUnion(ItemSet(answer.map(\.item)))
        }
        #expect((UInt32(40)..<48).contains { distinct.contains($0) })
        let metrics = evaluation.metrics(of: trained, for: .similarItems)
        let new = (UInt32(40)..<48).count { distinct.contains($0) }
        #expect(metrics.coverage == Double(distinct.count) / Double(40 + new))
    }

    @Test func `items without metadata are related by their users, new ones to popular items`() throws {
        let data = try sample(isDescribed: false)
        let model = try model(data)
        for item in UInt32(0)..<40 {
            #expect(model.recommend(Query(item: item, count: 12)).allSatisfy { $0.item % 2 == item % 2 })
        }
        let popular = try Popularity.fit(data, configuration: .init(), context: TrainingContext())
        for item: UInt32 in [44, 4_000_000] {
            #expect(model.recommend(Query(item: item, count: 9)) == popular.recommend(Query(count: 9)))
        }
    }

    @Test func `users outweigh contents where they are many, and contents users where they are few`() throws {
        // 0 and 1 are met by the same, 0 and 2 are alike.
        func nearest(users: Int, strength: String) throws -> UInt32? {
            var events = Events()
            for user in 0..<users { for item in [0, 1] { events.append(user, item, 0) } }
            // A third of those who met one of two that are alike met the other: contents are worth that much.
            for user in users..<users + 120 { events.append(user, 3, 0) }
            for user in users + 80..<users + 200 { events.append(user, 4, 0) }
            var data = try events.interactions(userCount: users + 200, itemCount: 5)
            var builder = ItemFeatures.Builder(itemCount: 5)
            for (item, kind) in [(0, "war"), (2, "war"), (3, "love"), (4, "love"), (1, "farce")] {
                builder.add(kind, field: "GENRE", to: UInt32(item))
            }
            data.itemFeatures = builder.features()
            return try model(data, ["prior_strength": strength]).recommend(Query(item: 0, count: 1)).first?.item
        }
        #expect(try nearest(users: 2, strength: "5") == 2)
        #expect(try nearest(users: 50, strength: "5") == 1)
        #expect(try nearest(users: 2, strength: "0.1") == 1)
        #expect(try nearest(users: 50, strength: "1000") == 2)
    }

    @Test func `the model has the same bytes for any number of threads and order of features`() throws {
        let data = try sample()
        let bytes = try model(data, threads: 1).encoded()
        #expect(bytes == (try model(data, threads: 2).encoded()))
        var shuffled = data
        var builder = ItemFeatures.Builder(itemCount: 48)
        for item in (UInt32(0)..<48).reversed() {
            builder.add(Float(item), field: "PRICE", to: item)
            if item % 4 != 3 { builder.add("film", field: "KIND", to: item) }
            builder.add("\(item)", field: "NAME", to: item)
            builder.add(item % 2 == 0 ? "even" : "odd", field: "CAMP", to: item)
        }
        shuffled.itemFeatures = builder.features()
        #expect(bytes == (try model(shuffled).encoded()))
        #expect(bytes != (try model(try sample(isDescribed: false)).encoded()))
    }

    @Test func `directions are of unit length, rare features weigh more, and what one item has is left out`() throws {
        let features = try #require(try sample().itemFeatures)
        let rows = features.directions(itemCount: 50, frequency: .linear, limit: 1e9)
        #expect(rows.rowCount == 50)
        for item in 0..<48 {
            let values = rows.values[rows.range(row: item)]
            #expect(values.count == (item % 4 != 3 ? 2 : 1))
            #expect(abs(values.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
        }
        #expect(rows.range(row: 48).isEmpty && rows.range(row: 49).isEmpty)
        let (camp, kind) = (Double(1 + 50.0 / 24), Double(1 + 50.0 / 36))
        let ratio = Logarithm.of(camp) / Logarithm.of(kind)
        let values = rows.values[rows.range(row: 0)].sorted()
        #expect(abs(Double(values[1] / values[0]) - ratio) < 1e-5)
        // The category of 36 items is too much work, then those of 24.
        #expect(features.directions(itemCount: 48, frequency: .linear, limit: 24 * 24 * 2).count == 48)
        #expect(features.directions(itemCount: 48, frequency: .linear, limit: 24 * 24).count == 24)
        #expect(features.directions(itemCount: 48, frequency: .linear, limit: 1).count == 0)
    }

    @Test func `categories of 100,000 values, and one that all items have, make a model`() throws {
        var events = Events()
        for user in 0..<200 { for step in 0..<4 { events.append(user, (user * 7 + step) % 500, Int64(step)) } }
        var data = try events.interactions(userCount: 200, itemCount: 2000)
        var builder = ItemFeatures.Builder(itemCount: 2000)
        for item in 0..<UInt32(2000) {
            for value in 0..<50 { builder.add("\(item * 50 + UInt32(value))", field: "TAG", to: item) }
            builder.add("all", field: "KIND", to: item)
            builder.add("\(item / 2)", field: "PAIR", to: item)
        }
        data.itemFeatures = builder.features()
        #expect(data.itemFeatures?.count == 101_001)
        let model = try model(data)
        for item: UInt32 in [600, 1001, 1998] {
            #expect(model.recommend(Query(item: item, count: 1)).map(\.item) == [item ^ 1])
        }
    }

    @Test func `one user, one item, and items that are all alike make a model of numbers`() throws {
        for (users, items) in [(1, 1), (1, 40), (40, 1), (30, 20)] {
            var events = Events()
            for user in 0..<users { for item in 0..<items { events.append(user, item, 0) } }
            var data = try events.interactions(userCount: users, itemCount: items + 1)
            var builder = ItemFeatures.Builder(itemCount: items)
            for item in 0..<UInt32(items) { builder.add("same", field: "KIND", to: item, weight: 1e30) }
            data.itemFeatures = builder.features()
            guard case .itemSimilarity(let model) = try model(data) else { throw CancellationError() }
            #expect(model.similarities.allSatisfy { $0.isFinite && $0 > 0 })
            #expect(model.recommend(Query(item: 0, count: 99)).count == items - 1)
        }
    }
}
