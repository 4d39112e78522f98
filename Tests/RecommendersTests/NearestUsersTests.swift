import Kernels
import Recommenders
import Testing

@Suite struct NearestUsersTests {
    /// Two kinds of users: of items 0 to 4, and of items 5 to 9; item 10 is liked by the last user only.
    private func data(_ ratings: [Float] = [1]) throws -> Interactions {
        let likes = [
            [0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3, 4], [5, 6, 7], [5, 6, 8], [5, 7, 8], [6, 7, 8, 9, 10],
        ]
        let rows = likes.enumerated().flatMap { user, items in
            items.enumerated().map { index, item in
                (user: user, item: item, rating: ratings[(user + index) % ratings.count], time: index)
            }
        }
        return try RatedSamples.interactions(rows, userCount: 9, itemCount: 12)
    }

    private func fit(_ data: Interactions, _ configuration: NearestUsers.Configuration) throws -> NearestUsers {
        try .fit(data, configuration: configuration, context: TrainingContext(seed: 1))
    }

    @Test func `items are those the nearest users liked, with their share as score`() throws {
        let model = try fit(try data(), .init(neighbours: 3))
        // The three others of his kind all like item 3.
        let answer = model.recommend(Query(user: 0, excluded: [0, 1, 2], count: 2))
        #expect(answer == [ScoredItem(item: 3, score: 1), ScoredItem(item: 4, score: 1.0 / 3)])
        #expect(model.recommend(Query(user: 4, excluded: [5, 6, 7], count: 1)) == [ScoredItem(item: 8, score: 1)])
    }

    @Test func `any list of items has nearest users`() throws {
        let model = try fit(try data(), .init(neighbours: 4))
        let answer = model.recommend(Query(history: [2, 3, 99], excluded: [2, 3], count: 3))
        #expect(Set(answer.prefix(2).map(\.item)) == [0, 1])
        #expect(answer.last?.item == 4)
        #expect(
            model.recommend(Query(item: 9, excluded: [9], count: 9)).first.map { (5...10).contains($0.item) } == true
        )
        #expect(model.recommend(Query(user: 0, history: [9, 10], excluded: [9, 10], count: 1)).first?.item ?? 0 > 4)
    }

    @Test func `where the nearest users liked too little more are asked, then popular items follow`() throws {
        let model = try fit(try data(), .init(neighbours: 1))
        let answer = model.recommend(Query(user: 7, count: 99))
        #expect(Set(answer.map(\.item)) == Set(0...10))
        #expect(Set(answer.prefix(4).map(\.item)) == [5, 6, 7, 8])
        #expect(answer.dropFirst(4).allSatisfy { $0.score == 0 })
    }

    @Test func `those nothing is known of get popular items`() throws {
        let model = try fit(try data(), .init())
        let popular = try Popularity.fit(try data(), configuration: .init(), context: TrainingContext())
        for query in [Query(user: 8), Query(user: 800), Query(history: []), Query(history: [11, 700]), Query()] {
            #expect(model.recommend(query).map(\.item) == popular.recommend(query).map(\.item))
        }
        #expect(model.recommend(Query(candidates: [4, 11, 0])).map(\.item) == [0, 4, 11])
    }

    @Test func `candidates all come back, the most liked first`() throws {
        let model = try fit(try data(), .init(neighbours: 3))
        let answer = model.recommend(Query(user: 0, candidates: [700, 5, 4, 3]))
        #expect(answer.map(\.item) == [3, 4, 5, 700])
        #expect(answer.map(\.score) == [1, 1.0 / 3, 0, 0])
    }

    @Test func `only what weighs enough is liked`() throws {
        let model = try fit(try data([5, 2]), .init(neighbours: 3, likedThreshold: 4))
        #expect(model != (try fit(try data([5, 2]), .init(neighbours: 3))))
        // Of users 1 to 3, two like item 0 or 3 and not what they gave 2.
        let answer = model.recommend(Query(history: [0], excluded: [0], count: 3))
        #expect(!answer.prefix(1).contains { $0.item > 4 })
        let error = #expect(throws: RecommenderError.self) { try fit(try data(), .init(likedThreshold: 2)) }
        #expect(error?.code == .insufficientData)
        #expect(error?.message.contains("liked_threshold 2.0") == true)
    }

    @Test func `features bring users together who share no item`() throws {
        // Users 0 and 1 like comedies, users 2 and 3 westerns; no two like the same item.
        let rows = (0..<4).flatMap { user in
            (0..<3).map { (user: user, item: user * 3 + $0, rating: Float(1), time: $0) }
        }
        var data = try RatedSamples.interactions(rows, userCount: 4, itemCount: 12)
        var builder = ItemFeatures.Builder(itemCount: 12)
        for item in 0..<UInt32(12) {
            builder.add(item < 6 ? "Comedy" : "Western", field: "GENRES", to: item)
            builder.add(Float(item % 3) / 10, field: "LENGTH", to: item)
        }
        data.itemFeatures = builder.features()
        #expect(data.itemFeatures?.count == 3)
        let model = try fit(data, .init(neighbours: 1))
        let items = { (user: UInt32) in Set(model.recommend(Query(user: user, count: 3)).map(\.item)) }
        #expect(items(0) == [3, 4, 5])
        #expect(items(1) == [0, 1, 2])
        #expect(items(3) == [6, 7, 8])
        #expect(Set(model.recommend(Query(history: [11], excluded: [9, 10, 11], count: 3)).map(\.item)) == [6, 7, 8])
        // The split for the metrics keeps them.
        #expect(data.keepingUsers { $0 < 3 }.itemFeatures == data.itemFeatures)
    }

    @Test(arguments: [(1, 1), (1, 40), (40, 1)])
    func `one user or one item is enough`(users: Int, items: Int) throws {
        let rows = (0..<users).flatMap { user in
            (0..<items).map { (user: user, item: $0, rating: Float(1), time: $0) }
        }
        let model = try fit(try RatedSamples.interactions(rows, userCount: users, itemCount: items), .init())
        #expect(model.recommend(Query(user: 0, count: 99)).count == items)
    }

    @Test func `a user with 100,000 events is a neighbour like others`() throws {
        let rows = (0..<120_000).map { (user: $0 / 100_000, item: $0 % 100_000, rating: Float(1), time: $0) }
        let model = try fit(try RatedSamples.interactions(rows, userCount: 2, itemCount: 100_000), .init())
        let answer = model.recommend(Query(user: 1, excluded: ItemSet(0..<20_000), count: 10))
        #expect(answer.map(\.item) == Array(20_000..<20_010))
        #expect(answer.allSatisfy { $0.score == 1 })
    }

    @Test(arguments: [Recipe.ratingPrediction, .nearestUsers])
    func `a model file damaged in any byte is refused`(recipe: Recipe) throws {
        let small = recipe == .ratingPrediction ? ["n_factors": "2"] : [:]
        let model = try recipe.configuration(hyperparameters: small).fit(try data([5, 3]), context: TrainingContext())
        let bytes = model.encoded()
        let file = try TemporaryFile(bytes)
        #expect(try TrainedModel(path: file.path) == model)
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 1 << UInt8(index % 8)
            let file = try TemporaryFile(damaged)
            #expect(throws: RecommenderError.self, "byte \(index)") { try TrainedModel(path: file.path) }
        }
    }

    @Test(.enabled(if: Samples.movieLensPath != nil, "MovieLens small lies in MILLRACE_SHARED or ../shared"))
    func `on MovieLens small nearest users beat popularity`() throws {
        let data = try Samples.movieLens()
        func gain(_ configuration: ModelConfiguration, _ recipe: Recipe) throws -> Double {
            let each = try (0..<UInt64(3)).map { seed in
                let evaluation = Evaluation(data, seed: seed)
                let model = try configuration.fit(evaluation.training, context: TrainingContext(seed: seed))
                return evaluation.metrics(of: model, for: recipe, threads: 2).normalizedDiscountedCumulativeGain.at10
            }
            return each.reduce(0, +) / 3
        }
        let nearest = try gain(.nearestUsers(.init()), .nearestUsers)
        let popular = try gain(.popularity, .popularityCount)
        #expect(nearest > 1.3 * popular)
    }
}
