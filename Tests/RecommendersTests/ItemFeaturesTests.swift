import Kernels
import Testing

@testable import Recommenders

@Suite struct ItemFeaturesTests {
    private func features(_ items: [UInt32]) -> ItemFeatures {
        var builder = ItemFeatures.Builder(itemCount: 1000)
        for item in items {
            builder.add("word \(item)", field: "TITLE", to: item)
            builder.add("word \(item % 7)", field: "TITLE", to: item, weight: 0.1)
            builder.add("word \(item % 7)", field: "TITLE", to: item, weight: 0.7)
            builder.add(Float(item) - 500, field: "PRICE", to: item)
            builder.add(.nan, field: "LENGTH", to: item)
        }
        return builder.features()
    }

    @Test func `features do not depend on the order they come in; those of no item are none`() {
        let items = Array(UInt32(0)..<1200)
        #expect(features(items) == features(items.reversed()))
        #expect(features(items).count == 1001)
        #expect(features(items).itemCount == 1000)
        #expect(features([]).codes(of: 5).isEmpty)
    }

    @Test func `categories and words are codes that ascend and differ; numbers are none`() {
        let features = features([3, 4, 10])
        #expect(features.count == 4)
        for (item, count) in [(3, 1), (4, 1), (10, 2), (5, 0), (7777, 0)] {
            let codes = features.codes(of: item)
            #expect(codes.count == count)
            #expect(zip(codes, codes.dropFirst()).allSatisfy { $0 < $1 })
        }
        #expect(features.codes(of: 10).contains(features.codes(of: 3)[0]))
        #expect(features.rows.range(row: 10).count == 3)
    }

    @Test func `equal values of two fields differ, and a number from all categories`() {
        var builder = ItemFeatures.Builder(itemCount: 1)
        for field in ["A", "B"] { builder.add("x", field: field, to: 0) }
        builder.add(2, field: "A", to: 0)
        builder.add("", field: "A", to: 0)
        #expect(builder.features().count == 4)
    }

    @Test func `few features have a column each, many share columns and keep inner products on average`() {
        let features = features(Array(0..<1000))
        #expect(features.vectors(columns: 2000) == features.rows)
        let shared = features.vectors(columns: 64)
        #expect(shared.columnCount == 64)
        #expect(shared.rowCount == 1000)
        #expect(features.vectors(columns: 0).columnCount == 1)
        var builder = ItemFeatures.Builder(itemCount: 400)
        for item in 0..<UInt32(400) {
            for word in 0..<10 { builder.add("\(item) \(word)", field: "T", to: item) }
        }
        let words = builder.features().vectors(columns: 256)
        var rows = Matrix(rows: 400, columns: 256)
        for item in 0..<400 {
            for position in words.range(row: item) {
                rows[item, Int(words.columns[position])] += words.values[position]
            }
        }
        let products = (0..<399).map { item in zip(rows.row(item), rows.row(item + 1)).reduce(0) { $0 + $1.0 * $1.1 } }
        let squares = (0..<400).map { item in rows.row(item).reduce(0) { $0 + $1 * $1 } }
        #expect(abs(products.reduce(0, +) / 399) < 0.1)
        #expect(abs(squares.reduce(0, +) / 400 - 10) < 0.5)
    }

    /// Sessions over five topics; ten items more that nobody has met. Each item's topic is a feature of it.
    private func sample() throws -> Interactions {
        let sessions = try Samples.sessions(users: 300, items: 100, topics: 5)
        var data = Interactions(
            userCount: sessions.userCount,
            itemCount: 110,
            offsets: sessions.offsets,
            items: sessions.items,
            timestamps: sessions.timestamps,
            weights: sessions.weights
        )
        var builder = ItemFeatures.Builder(itemCount: 110)
        for item in 0..<UInt32(109) {
            builder.add("\(item % 5)", field: "TOPIC", to: item)
            builder.add("\(item)", field: "NAME", to: item)
        }
        data.itemFeatures = builder.features()
        return data
    }

    private func fit(_ recipe: Recipe, _ more: [String: String] = [:]) throws -> RecurrentNetwork {
        let settings = ["hidden_dimension": "32", "epochs": "4"].merging(more) { $1 }
        let model = try recipe.configuration(hyperparameters: settings)
            .fit(try sample(), context: TrainingContext(seed: 1))
        guard case .recurrentNetwork(let network) = model else { throw CancellationError() }
        return network
    }

    @Test func `new items are told by their features, those of a user's topic first`() throws {
        let data = try sample()
        let model = try fit(.hrnnColdstart)
        var first = 0
        for user in 0..<UInt32(100) {
            let topic = try #require(data.history(user: user).last) % 5
            let answer = model.recommend(Query(user: user, excluded: ItemSet(allBelow: 100), count: 20))
            #expect(answer.count == 9)
            #expect(!answer.map(\.item).contains(109))
            if let item = answer.first?.item, item % 5 == topic { first += 1 }
        }
        #expect(first > 80)
        // A session that begins with a new item goes on in its topic.
        let next = model.recommend(Query(history: [101, 106], count: 5)).map(\.item)
        #expect(next.filter { $0 % 5 == 1 }.count >= 4)
    }

    @Test func `without cold start new items are not told`() throws {
        for recipe in [Recipe.hrnn, .hrnnMetadata] {
            let model = try fit(recipe)
            #expect(model.recommend(Query(user: 0, count: 200)).map(\.item).max() ?? 0 < 100)
            #expect(model.recommend(Query(history: [101], count: 3)).allSatisfy { $0.item < 100 })
        }
    }

    @Test func `features change what is learnt, where the recipe uses them`() throws {
        let data = try sample()
        var plain = data
        plain.itemFeatures = nil
        let context = TrainingContext(seed: 1)
        for (recipe, isUsed) in [(Recipe.hrnn, false), (.hrnnMetadata, true), (.hrnnColdstart, true)] {
            let configuration = try recipe.configuration(hyperparameters: ["hidden_dimension": "32", "epochs": "1"])
            let without = try configuration.fit(plain, context: context).encoded()
            let with = try configuration.fit(data, context: context).encoded()
            #expect((without != with) == isUsed)
            var one = context
            one.threads = 1
            #expect(with == (try configuration.fit(data, context: one).encoded()))
        }
    }

    @Test func `items are cold with few events, all of them of late`() throws {
        var events = Events()
        for item in 0..<4 {
            for user in 0..<[20, 3, 3, 20][item] {
                events.append(user, item, Int64(86_400 * [9, 9, 1, 1][item] + user * 40 + item))
            }
        }
        var data = try events.interactions(userCount: 20, itemCount: 5)
        var builder = ItemFeatures.Builder(itemCount: 5)
        for item in 0..<UInt32(5) { builder.add("film", field: "KIND", to: item) }
        data.itemFeatures = builder.features()
        let cold = { [data] (start: RecurrentNetwork.ColdStart) in
            let bags = ItemBags(data, use: .coldstart(start))
            return (0..<UInt32(5)).filter { bags.finalCode(of: $0) != $0 }
        }
        #expect(cold(.init()) == [1, 4])
        #expect(cold(.init(maximumInteractions: 20)) == [0, 1, 4])
        #expect(cold(.init(maximumDays: 30)) == [1, 2, 4])
        #expect(cold(.init(maximumInteractions: 0)) == [4])
        #expect(cold(.init(maximumDays: 7.9, isRelativeToLatestItem: true)) == [1, 4])
        #expect(cold(.init(maximumDays: 8, isRelativeToLatestItem: true)) == [1, 2, 4])
    }

    @Test func `the rows of features and the rest make up the vectors they begin with`() throws {
        let data = try sample()
        let vectors = Matrix(rows: 110, columns: 6, deviation: 1, random: CounterRandom(seed: 1, stream: 1))
        let bags = ItemBags(data, use: .metadata)
        let sums = bags.rows.weightedSums(of: bags.table(summingTo: vectors))
        for item in 0..<110 {
            for (left, right) in zip(sums.row(item), vectors.row(item)) { #expect(abs(left - right) < 1e-5) }
        }
        // An item's only telling feature is its topic, so alone it is the mean of its topic.
        let topic = (0..<110).filter { $0 % 5 == 2 && $0 != 109 }
        for column in 0..<6 {
            let mean = topic.reduce(0) { $0 + vectors[$1, column] } / Float(topic.count)
            #expect(abs(sums[110 + 7, column] - mean) < 1e-5)
        }
    }
}
