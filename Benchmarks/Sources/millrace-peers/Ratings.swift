import ArgumentParser
import Recommenders

/// Trains the prediction of ratings, and predicts those that are asked for.
struct Rate: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Train the prediction of ratings (SVD).")

    @Argument(help: "The folder of the ratings.")
    var folder: String
    @OptionGroup var options: WorkOptions

    func run() throws {
        let folder = try EventFolder(folder, isRated: true)
        let context = TrainingContext(threads: options.threads, seed: options.seed)
        let (runs, model) = try measured(options.count) {
            try BiasedFactorization.fit(folder.interactions, configuration: .init(), context: context)
        }
        let predictions = try folder.askedPairs().map { model.rating(user: $0.user, item: $0.item) }
        try WorkReport(runs: runs, predictions: predictions).print()
    }
}

/// Searches the settings of the prediction of ratings, by three-fold cross-validation.
struct Search: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Search the settings of the prediction of ratings.")

    @Argument(help: "The folder of the ratings.")
    var folder: String
    @OptionGroup var options: WorkOptions

    func run() throws {
        let data = try EventFolder(folder, isRated: true).interactions
        let rates = [0.002, 0.005]
        let grid = BiasedFactorization.Grid(epochs: [10, 20], learningRates: rates, regularizations: [0.4, 0.6])
        let context = TrainingContext(threads: options.threads, seed: options.seed)
        let (runs, points) = try measured(options.count) {
            try BiasedFactorization.gridSearch(data, grid: grid, context: context)
        }
        let best = points.min { $0.rootMeanSquareError < $1.rootMeanSquareError }
        try WorkReport(runs: runs, rmse: best?.rootMeanSquareError, mae: best?.meanAbsoluteError).print()
    }
}
