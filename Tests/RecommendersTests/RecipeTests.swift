import Kernels
import Recommenders
import Synchronization
import Testing

@Suite struct RecipeTests {
    private func fit(_ recipe: Recipe, _ data: Interactions, threads: Int = 2) throws -> TrainedModel {
        try recipe.configuration(hyperparameters: Self.small(recipe))
            .fit(data, context: TrainingContext(threads: threads, seed: 3))
    }

    /// Settings for little data and a short test.
    private static func small(_ recipe: Recipe?) -> [String: String] {
        switch recipe {
        case .userPersonalization, .personalizedRanking, .itemAffinity, .itemAttributeAffinity:
            ["hidden_dimension": "4", "epochs": "10"]
        case .sims: ["min_cointeraction_count": "1"]
        case .hrnn, .hrnnMetadata, .hrnnColdstart: ["hidden_dimension": "32", "epochs": "6"]
        case .popularityCount, .trendingNow, .similarItems, .semanticSimilarity, nil: [:]
        case .ratingPrediction: ["n_factors": "8", "n_epochs": "200", "lr_all": "0.02"]
        case .nearestUsers: ["neighbors": "10"]
        case .nextBestAction: [:]
        }
    }

    @Test(arguments: Recipe.ofItems, 0..<UInt64(6))
    func `on a checkerboard the withheld item comes first`(recipe: Recipe, seed: UInt64) throws {
        let data = try recipe == .ratingPrediction ? RatedSamples.checkerboard() : Samples.checkerboard()
        let model = try recipe.configuration(hyperparameters: Self.small(recipe))
            .fit(data, context: TrainingContext(seed: seed))
        for user in 0..<UInt32(data.userCount) {
            let met = ItemSet(data.history(user: user))
            let answer: [ScoredItem]
            switch recipe.kind {
            case .userSegmentation:
                let users = model.segments([SegmentQuery(items: [user], count: 15)], threads: 1)?[0]
                #expect(users?.contains(user) == true, "among those of its colour")
                continue
            case .userPersonalization: answer = model.recommend(Query(user: user, excluded: met, count: 3))
            case .personalizedRanking:
                let withheld = [user ^ 1, user, (user ^ 1 + 2) % 30]
                answer = model.recommend(Query(user: user, candidates: withheld))
            case .relatedItems:
                // Of an item the user has met, every other met item is nearer than the rest; the withheld one is left.
                let item = try #require(data.history(user: user).first)
                answer = model.recommend(Query(item: item, excluded: met, count: 3))
            case .personalizedActions: continue
            case .popularItems:
                // All items have equally many users, so the withheld one is first only among those of its own code.
                answer = model.recommend(Query(excluded: ItemSet([user]).complement(below: 30), count: 3))
            }
            #expect(answer.first?.item == user, "user \(user)")
        }
    }

    @Test(arguments: Recipe.ofItems)
    func `the model has the same bytes for one thread and two, and others for other data`(recipe: Recipe) throws {
        let data = try Samples.groups()
        let one = try fit(recipe, data, threads: 1).encoded()
        #expect(one == (try fit(recipe, data, threads: 2).encoded()))
        #expect(one != (try fit(recipe, try Samples.groups(users: 199), threads: 2).encoded()))
    }

    @Test(arguments: Recipe.ofItems)
    func `a model read from its file answers the same`(recipe: Recipe) throws {
        let data = try Samples.groups()
        let model = try fit(recipe, data)
        let bytes = model.encoded()
        let file = try TemporaryFile(bytes)
        let loaded = try TrainedModel(path: file.path)
        #expect(loaded == model)
        #expect(loaded.encoded() == bytes)
        let queries = [
            Query(user: 3), Query(user: 999), Query(history: [1, 6, 11]), Query(item: 4), Query(item: 4000),
            Query(user: 2, candidates: [9, 3, 4000, 7]), Query(user: 5, excluded: [0, 1, 2], count: 7), Query(count: 0),
        ]
        for query in queries { #expect(loaded.recommend(query) == model.recommend(query)) }
        #expect(loaded.recommend(queries, threads: 2) == queries.map { model.recommend($0) })
    }

    @Test(arguments: Recipe.ofItems)
    func `a damaged model file is refused with a clear error`(recipe: Recipe) throws {
        let bytes = try fit(recipe, try Samples.groups(users: 40, items: 20)).encoded()
        var damaged = bytes
        damaged[bytes.count / 2] ^= 1
        var renamed = bytes
        renamed[0] = 0
        var newer = bytes
        newer[8] = 9
        let cases = [
            (damaged, "is damaged: its checksum"), (Array(bytes.dropLast(1)), "its header says \(bytes.count)"),
            (Array(bytes.prefix(40)), "is cut short"), ([], "is cut short"), (renamed, "does not begin with"),
            (newer, "has format version 9"), (bytes + [0], "its header says \(bytes.count)"),
        ]
        for (bytes, fact) in cases {
            let file = try TemporaryFile(bytes)
            let error = #expect(throws: RecommenderError.self) { try TrainedModel(path: file.path) }
            #expect(error?.code == .invalidModel)
            #expect(error?.message.contains(fact) == true, "\(error?.message ?? "") lacks \(fact)")
            #expect(error?.message.contains(file.path) == true)
        }
    }

    @Test(arguments: Recipe.ofItems)
    func `a model file of another kind is refused`(recipe: Recipe) throws {
        let file = try TemporaryFile(try fit(recipe, try Samples.groups(users: 40, items: 20)).encoded())
        let mapped = try MappedFile(path: file.path)
        if recipe != .popularityCount {
            #expect(throws: RecommenderError.self) { try Popularity(mapped: mapped) }
        } else {
            #expect(throws: RecommenderError.self) { try AlternatingLeastSquares(mapped: mapped) }
            #expect(throws: RecommenderError.self) { try ItemSimilarity(mapped: mapped) }
        }
    }

    @Test(arguments: Recipe.ofItems)
    func `a cancelled training ends with CancellationError`(recipe: Recipe) throws {
        let data = try Samples.groups()
        let context = TrainingContext(isCancelled: { true })
        #expect(throws: CancellationError.self) { try Trainer(recipe: recipe).train(data, context: context) }
    }

    @Test func `a training cancelled in its midst stops within its epoch`() throws {
        let epochs = Mutex(0)
        let context = TrainingContext(
            progress: { report in epochs.withLock { $0 = report.epoch } },
            isCancelled: { epochs.withLock { $0 >= 2 } }
        )
        #expect(throws: CancellationError.self) {
            try AlternatingLeastSquares.fit(
                try Samples.groups(),
                configuration: .init(factors: 10, epochs: 50),
                context: context
            )
        }
        #expect(epochs.withLock { $0 } == 2)
    }

    @Test(arguments: Recipe.ofItems.map { Optional($0) } + [nil])
    func `progress never falls and ends at the whole`(recipe: Recipe?) throws {
        let reports = Mutex<[TrainingProgress]>([])
        let context = TrainingContext(progress: { report in reports.withLock { $0.append(report) } })
        let data = try recipe == nil ? Samples.groups(users: 40, items: 20) : Samples.groups()
        _ = try Trainer(recipe: recipe, hyperparameters: Self.small(recipe)).train(data, context: context)
        let fractions = reports.withLock { $0.map(\.fraction) }
        #expect(fractions == fractions.sorted())
        #expect(fractions.last == 1)
        #expect(reports.withLock { Set($0.map(\.stage)) } == ["evaluating", "training"])
    }

    @Test(arguments: Recipe.ofItems)
    func `data without events is refused`(recipe: Recipe) throws {
        let empty = try Events().interactions(userCount: 3, itemCount: 3)
        let error = #expect(throws: RecommenderError.self) {
            try Trainer(recipe: recipe).train(empty, context: TrainingContext())
        }
        #expect(error?.code == .insufficientData)
    }

    @Test(arguments: Recipe.ofItems)
    func `a recipe is found by its name and its ARN`(recipe: Recipe) {
        #expect(Recipe(name: recipe.name) == recipe)
        #expect(Recipe(name: "arn:aws:personalize:::recipe/\(recipe.name)") == recipe)
        #expect(Recipe(name: recipe.name + "x") == nil)
        #expect(!recipe.description.isEmpty)
    }

    @Test(arguments: Recipe.ofItems)
    func `default hyperparameters make the default configuration`(recipe: Recipe) throws {
        let defaults = recipe.hyperparameters.map { ($0.name, $0.defaultValue) }
        let spelt = try recipe.configuration(hyperparameters: Dictionary(uniqueKeysWithValues: defaults))
        #expect(spelt == (try recipe.configuration()))
    }

    @Test(arguments: [
        (Recipe.sims, "popularity_discount_factor", "1.5", "must be a number in 0.0...1.0"),
        (.sims, "min_cointeraction_count", "many", "must be a whole number in 0...10"),
        (.userPersonalization, "hidden_dimension", "0", "must be a whole number in 1...1024"),
        (.personalizedRanking, "recency_mask", "maybe", "must be true or false"),
        (.ratingPrediction, "lr_all", "2", "must be a number in 1e-09...1.0"),
        (.nearestUsers, "neighbors", "0", "must be a whole number in 1...1000"),
        (.popularityCount, "anything", "1", "it has none"), (.sims, "hidden_dimension", "64", "it knows popularity"),
    ])
    func `a wrong hyperparameter is refused with its name, value and remedy`(
        recipe: Recipe,
        name: String,
        value: String,
        fact: String
    ) {
        let error = #expect(throws: RecommenderError.self) {
            try recipe.configuration(hyperparameters: [name: value])
        }
        #expect(error?.code == .invalidHyperparameter)
        #expect(error?.message.contains(fact) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("\"\(recipe.name)\"") == true)
    }
}
