import ArgumentParser
import Recommenders

/// Recommends ten items to every user, by a matrix factorisation that is trained first.
struct Answer: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Recommend ten items, with scores, to every user.")

    @Argument(help: "The folder of the events.")
    var folder: String
    @OptionGroup var options: WorkOptions

    /// How many users are asked for at a time, so that all answers need not fit in memory.
    private static let blockSize = 2048

    func run() throws {
        let data = try EventFolder(folder).interactions
        let context = TrainingContext(threads: options.threads, seed: options.seed)
        let model = try AlternatingLeastSquares.fit(data, configuration: .init(), context: context)
        let (runs, _) = try measured(options.count) {
            for start in stride(from: 0, to: data.userCount, by: Self.blockSize) {
                let users = UInt32(start)..<UInt32(min(start + Self.blockSize, data.userCount))
                let questions = users.map { Query(user: $0, excluded: ItemSet(data.history(user: $0)), count: 10) }
                _ = model.recommend(questions, threads: options.threads)
            }
        }
        try WorkReport(runs: runs).print()
    }
}
