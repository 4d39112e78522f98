import ArgumentParser
import Recommenders

/// Trains a model, and recommends items to the test users, where there are any.
struct Fit: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Train a model.")

    @Argument(help: "Which: \(PeerModel.allCases.map(\.rawValue).joined(separator: ", ")).")
    var model: PeerModel
    @Argument(help: "The folder of the events.")
    var folder: String
    @OptionGroup var options: WorkOptions

    func run() throws {
        let folder = try EventFolder(folder)
        let context = TrainingContext(threads: options.threads, seed: options.seed)
        let (runs, trained) = try measured(options.count) { try model.fit(folder.interactions, context) }
        var report = WorkReport(runs: runs, settings: trained.settings)
        let questions = try folder.questions()
        if !questions.isEmpty {
            report.lists = trained.model.recommend(questions, threads: options.threads).map { $0.map(\.item) }
        }
        try report.print()
    }
}

/// The models that peers have too.
enum PeerModel: String, CaseIterable, ExpressibleByArgument {
    case als
    case cosine
    case bm25
    case ease
    case gru
    /// Alternating least squares by the paper's letter: events count alike, whatever their order.
    case plainALS = "plain-als"
    /// EASE by the paper's letter.
    case plainEASE = "plain-ease"
    /// The best of the recipes, as `performAutoML` finds it.
    case automl

    func fit(_ data: Interactions, _ context: TrainingContext) throws -> (model: TrainedModel, settings: String?) {
        if let configuration { return (try configuration.fit(data, context: context), nil) }
        let outcome = try Trainer(recipe: nil).train(data, context: context)
        let settings = outcome.configuration.hyperparameters.sorted { $0.key < $1.key }
        return (outcome.model, "\(outcome.configuration.algorithm) \(settings.map { "\($0)=\($1)" })")
    }

    private var configuration: ModelConfiguration? {
        switch self {
        case .als: .alternatingLeastSquares(.init())
        case .cosine: .itemSimilarity(.init(minimumCointeractionCount: 1))
        case .bm25:
            .itemSimilarity(
                .init(
                    weighting: .bm25(saturation: 1.2, lengthNormalization: 0.75),
                    minimumCointeractionCount: 1,
                    recency: Recency(halfLife: 4, floor: 0.1)
                )
            )
        case .ease:
            .itemSimilarity(
                .init(
                    weighting: .shallowAutoencoder(regularization: 100, ownShare: 0.3),
                    neighbours: 500,
                    recency: Recency(halfLife: 4, floor: 0.1)
                )
            )
        case .gru: .recurrentNetwork(.init())
        case .plainALS: .alternatingLeastSquares(.init(recency: .none))
        case .plainEASE:
            .itemSimilarity(
                .init(
                    weighting: .shallowAutoencoder(regularization: 300, ownShare: 0),
                    neighbours: 5000,
                    recency: .none
                )
            )
        case .automl: nil
        }
    }
}
