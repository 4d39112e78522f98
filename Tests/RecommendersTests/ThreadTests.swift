import Kernels
import Recommenders
import Synchronization
import Testing

/// What two threads do at once, on data so small that ThreadSanitizer can look on: `make tsan`.
@Suite struct ThreadTests {
    private static let threads = 2

    private static func data() throws -> Interactions {
        var data = try Samples.groups(users: 60, items: 30)
        var features = ItemFeatures.Builder(itemCount: 30)
        for item in 0..<UInt32(30) {
            features.add("\(item % 5)", field: "GENRE", to: item)
            features.add(Float(item), field: "YEAR", to: item)
        }
        data.itemFeatures = features.features()
        return data
    }

    private static func queries(_ data: Interactions) -> [Query] {
        (0..<UInt32(data.userCount)).map { user in
            switch user % 4 {
            case 0: Query(user: user, count: 5)
            case 1: Query(history: Array(data.history(user: user)), count: 5)
            case 2: Query(item: user % 30, count: 5)
            default: Query(user: user, candidates: [1, 2, 3, user])
            }
        }
    }

    @Test(arguments: Recipe.ofItems)
    func `a training, its measurement and its answers on two threads are those on one`(recipe: Recipe) throws {
        let data = try Self.data()
        let reports = Mutex(0)
        func train(_ threads: Int) throws -> Trainer.Outcome {
            let context = TrainingContext(
                threads: threads,
                seed: 5,
                progress: { _ in reports.withLock { $0 += 1 } },
                isCancelled: { reports.withLock { $0 < 0 } }
            )
            return try Trainer(recipe: recipe, hyperparameters: recipe.brisk).train(data, context: context)
        }
        let (two, one) = (try train(Self.threads), try train(1))
        #expect(two.model.encoded() == one.model.encoded())
        #expect(two.metrics == one.metrics)
        let queries = Self.queries(data)
        #expect(two.model.recommend(queries, threads: Self.threads) == queries.map { one.model.recommend($0) })
        #expect(reports.withLock { $0 } > 0)
    }

    @Test(arguments: Recipe.ofItems)
    func `trials at once come to what one after another do`(recipe: Recipe) throws {
        let data = try Self.data()
        func tune(_ parallel: Int) throws -> Trainer.Outcome {
            var trainer = Trainer(recipe: recipe, hyperparameters: recipe.brisk)
            trainer.tuning = Tuning(maximumTrials: 3, maximumParallelTrials: parallel)
            return try trainer.train(data, context: TrainingContext(threads: Self.threads, seed: 5))
        }
        let (two, one) = (try tune(2), try tune(1))
        #expect(two.trials == one.trials)
        #expect(two.model == one.model)
    }

    @Test(arguments: Recipe.ofItems)
    func `several threads ask one model that lies in a file`(recipe: Recipe) throws {
        let data = try Self.data()
        let trained = try recipe.configuration(hyperparameters: recipe.brisk)
            .fit(data, context: TrainingContext(threads: Self.threads, seed: 5))
        let file = try TemporaryFile(trained.encoded())
        let model = try TrainedModel(path: file.path)
        let queries = Self.queries(data)
        let expected = queries.map { trained.recommend($0) }
        let answers = try Parallel.mapBlocks(count: 4, blockSize: 1, threads: 4) { block in
            block.lowerBound % 2 == 0
                ? model.recommend(queries, threads: Self.threads) : queries.map { model.recommend($0) }
        }
        #expect(answers.allSatisfy { $0 == expected })
    }

    @Test func `the grid of ratings is searched by two threads as by one`() throws {
        let data = try RatedSamples.tastes(users: 30, items: 20)
        let grid = BiasedFactorization.Grid(
            epochs: [1, 3],
            learningRates: [0.005, 0.01],
            regularizations: [0.02, 0.1]
        )
        let points = try [1, 2].map { threads in
            try BiasedFactorization.gridSearch(data, grid: grid, context: TrainingContext(threads: threads, seed: 1))
        }
        #expect(points[0] == points[1])
    }

    @Test(arguments: Recipe.ofItems)
    func `a training that one thread cancels ends on the other too`(recipe: Recipe) throws {
        let data = try Self.data()
        let calls = Atomic(0)
        let context = TrainingContext(
            threads: Self.threads,
            isCancelled: { calls.wrappingAdd(1, ordering: .relaxed).newValue > 3 }
        )
        #expect(throws: CancellationError.self) {
            var trainer = Trainer(recipe: recipe, hyperparameters: recipe.brisk)
            trainer.tuning = Tuning(maximumTrials: 3)
            _ = try trainer.train(data, context: context)
        }
    }
}
