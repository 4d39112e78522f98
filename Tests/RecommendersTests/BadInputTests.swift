import Kernels
import Testing

@testable import Recommenders

/// Every recipe on data that is extreme or wrong: a model, or an error that says what to change.
@Suite struct BadInputTests {
    @Test(arguments: Recipe.ofItems, BadInput.small)
    func `extreme data makes a model of numbers, or an error with a remedy`(recipe: Recipe, input: BadInput) throws {
        try examine(try input.interactions()) { data in
            let outcome = try Trainer(recipe: recipe, hyperparameters: recipe.brisk)
                .train(data, context: TrainingContext(seed: 1))
            #expect(outcome.metrics.values.values.allSatisfy { $0.isFinite })
            return outcome.model
        }
    }

    @Test(arguments: Recipe.ofItems, BadInput.large)
    func `data that is large in one way makes a model of numbers, or an error with a remedy`(
        recipe: Recipe,
        input: BadInput
    ) throws {
        try examine(try input.interactions()) { data in
            try recipe.configuration(hyperparameters: recipe.brisk).fit(data, context: TrainingContext(seed: 1))
        }
    }

    @Test(arguments: Recipe.ofItems, BadInput.small.prefix(7))
    func `a search over extreme data ends with a model of numbers, or an error with a remedy`(
        recipe: Recipe,
        input: BadInput
    ) throws {
        try examine(try input.interactions()) { data in
            var trainer = Trainer(recipe: recipe, hyperparameters: recipe.brisk)
            trainer.tuning = Tuning(maximumTrials: 2)
            let outcome = try trainer.train(data, context: TrainingContext(seed: 1))
            #expect(outcome.trials.allSatisfy { !$0.objective.isNaN })
            return outcome.model
        }
    }

    @Test(arguments: BadInput.small)
    func `the metrics choose a model from extreme data too`(input: BadInput) throws {
        try examine(try input.interactions()) { data in
            try Trainer(recipe: nil).train(data, context: TrainingContext(seed: 1)).model
        }
    }

    @Test(arguments: Recipe.ofItems, [Float.nan, .infinity, -.infinity, -1])
    func `a weight that is no number is refused with the number`(recipe: Recipe, weight: Float) throws {
        var columns = Events(users: [0, 0, 1], items: [0, 1, 0], timestamps: [0, 1, 2]).columns
        columns.weights = MappedArray([1, weight, 1])
        let error = #expect(throws: RecommenderError.self) { try Interactions(columns, userCount: 2, itemCount: 2) }
        #expect(error?.code == .invalidData)
        #expect(error?.message.contains("\(weight)") == true)
        columns.weights = MappedArray([1, 1, 1])
        columns.types = MappedArray([0, 1, 0])
        columns.typeWeights = [1, weight]
        let typed = #expect(throws: RecommenderError.self) { try Interactions(columns, userCount: 2, itemCount: 2) }
        #expect(typed?.code == .invalidData)
        #expect(typed?.message.contains("\(weight)") == true)
    }

    @Test func `weights whose product is beyond all numbers count as the greatest`() throws {
        var columns = Events(users: [0, 0, 1], items: [0, 1, 0], timestamps: [0, 1, 2]).columns
        columns.weights = MappedArray([.greatestFiniteMagnitude, 1, 1])
        columns.types = MappedArray([0, 0, 0])
        columns.typeWeights = [10]
        let data = try Interactions(columns, userCount: 2, itemCount: 2)
        #expect(data.weights == [.greatestFiniteMagnitude, 10, 10])
    }

    @Test(arguments: Recipe.ofItems)
    func `a mistyped hyperparameter is named with the nearest known one`(recipe: Recipe) {
        for known in recipe.hyperparameters.map(\.name) {
            for typed in [String(known.dropFirst()), known + "s", known.uppercased()] where typed != known {
                let error = #expect(throws: RecommenderError.self) {
                    try recipe.configuration(hyperparameters: [typed: "1"])
                }
                #expect(error?.code == .invalidHyperparameter)
                #expect(error?.message.contains("\"\(typed)\"") == true)
                #expect(error?.message.contains("did you mean \"\(known)\"") == true, "\(error?.message ?? "")")
            }
        }
    }

    @Test(arguments: Recipe.ofItems)
    func `values that are no numbers, or beyond the range, are refused`(recipe: Recipe) {
        for known in recipe.hyperparameters {
            for value in ["nan", "inf", "-inf", "1e400", "", " ", "99999999999999999999", "-1e300", "١"] {
                let error = #expect(throws: RecommenderError.self) {
                    try recipe.configuration(hyperparameters: [known.name: value])
                }
                #expect(error?.message.contains("hyperparameter \(known.name) \"\(value)\"") == true)
                #expect(error?.message.contains("must be") == true)
            }
        }
    }

    @Test(arguments: Recipe.ofItems)
    func `an empty range is refused with its bounds`(recipe: Recipe) throws {
        let data = try Samples.groups(users: 40, items: 20)
        for known in recipe.hyperparameters where known.isTunable {
            for (values, fact) in [
                (Tuning.Range.Values.integer(5, 4), "4"), (.continuous(0.5, 0.25), "0.25"),
                (.continuous(.nan, 1), "nan"), (.continuous(0, .infinity), "inf"), (.categorical([]), "no values"),
            ] {
                var trainer = Trainer(recipe: recipe)
                trainer.tuning = Tuning(ranges: [.init(known.name, values)], maximumTrials: 2)
                let error = #expect(throws: RecommenderError.self) {
                    try trainer.train(data, context: TrainingContext())
                }
                #expect(error?.code == .invalidHyperparameter)
                #expect(error?.message.contains("\"\(known.name)\"") == true, "\(error?.message ?? "")")
                #expect(error?.message.contains(fact) == true, "\(error?.message ?? "")")
            }
        }
    }

    // MARK: Examination

    /// Trains, reads back and asks everything that can be asked.
    private func examine(_ data: Interactions, _ train: (Interactions) throws -> TrainedModel) throws {
        let model: TrainedModel
        do {
            model = try train(data)
        } catch let error as RecommenderError {
            #expect(error.message.contains(";"), "no remedy: \(error.message)")
            return
        }
        #expect(Self.areNumbers(model))
        let file = try TemporaryFile(model.encoded())
        let opened = try TrainedModel(path: file.path)
        #expect(opened == model)
        let queries = queries(data)
        let answers = queries.map { opened.recommend($0) }
        #expect(model.recommend(queries, threads: 2) == answers)
        for (query, answer) in zip(queries, answers) { check(answer, to: query, itemCount: data.itemCount) }
    }

    private func queries(_ data: Interactions) -> [Query] {
        let users = Array((0..<UInt32(data.userCount)).filter { !data.range(user: $0).isEmpty }.prefix(3))
        return users.flatMap { user in
            let history = Array(data.history(user: user))
            return [
                Query(user: user), Query(history: history), Query(history: history, excluded: ItemSet(history)),
                Query(user: user, history: history, count: 3, isScored: false), Query(item: history.first),
                Query(user: user, candidates: [0, 1, 99, .max]), Query(history: history, candidates: []),
            ]
        } + [
            Query(), Query(user: .max), Query(user: UInt32(data.userCount)), Query(history: []),
            Query(history: [.max, UInt32(data.itemCount)]), Query(item: .max), Query(user: 0, count: 0),
            Query(user: 0, count: -7), Query(user: 0, count: .max), Query(item: 0, count: .max),
            Query(history: [0], count: .max), Query(user: 0, excluded: ItemSet(allBelow: data.itemCount)),
        ]
    }

    private func check(_ answer: [ScoredItem], to query: Query, itemCount: Int) {
        #expect(answer.allSatisfy { $0.score?.isFinite ?? true }, "\(query)")
        #expect(Set(answer.map(\.item)).count == answer.count, "\(query)")
        if let candidates = query.candidates {
            #expect(Set(answer.map(\.item)) == Set(candidates))
        } else {
            #expect(answer.count <= max(query.count, 0))
            #expect(answer.allSatisfy { Int($0.item) < itemCount && !query.excluded.contains($0.item) }, "\(query)")
        }
    }

    /// Whether all numbers of a model are finite, wherever they are.
    private static func areNumbers(_ value: Any) -> Bool {
        switch value {
        case let number as Float: number.isFinite
        case let number as Double: number.isFinite
        case let numbers as MappedArray<Float>: numbers.allSatisfy { $0.isFinite }
        case let numbers as [Float]: numbers.allSatisfy { $0.isFinite }
        case let numbers as [Double]: numbers.allSatisfy { $0.isFinite }
        case is [UInt32], is [UInt64], is [Int], is MappedArray<UInt32>, is MappedArray<Int>, is MappedArray<Int16>:
            true
        default: Mirror(reflecting: value).children.allSatisfy { areNumbers($0.value) }
        }
    }
}
