internal import Kernels
internal import Synchronization

/// Searches the hyperparameters of a recipe: quasi-random points, the worse two thirds of which are given up early.
///
/// All settings are first trained for few epochs; the best third goes on with three times as many, and so on until the
/// last are trained whole. The defaults are always among these, so that tuning does not choose what is worse.
/// [Jamieson, Talwalkar: "Non-stochastic best arm identification and hyperparameter optimization", 2016, for successive
/// halving, there with halves]
struct Tuner: Sendable {
    let recipe: Recipe
    /// Values that are given.
    let fixed: [String: String]
    let tuning: Tuning
    /// The metric that decides.
    let objective: String
    /// The splits by which settings are judged; several where one has too few test users to tell good from lucky.
    let evaluations: [Evaluation]
    let data: Interactions
    let context: TrainingContext

    /// Tuning does not look at the hold-out by which the result is judged, but splits what is left once more.
    private static let splitStream: UInt64 = 9
    /// Each split tests a fifth of the users.
    private static let splits = 5
    /// How many test users are wanted in all.
    private static let testUsers = 500

    init(
        _ trainer: Trainer,
        _ recipe: Recipe,
        _ tuning: Tuning,
        _ data: Interactions,
        excludesMetItems: Bool,
        _ context: TrainingContext
    ) {
        self.recipe = recipe
        self.tuning = tuning
        self.data = data
        self.context = context
        fixed = trainer.hyperparameters
        objective = trainer.objective
        let holdOut = recipe.learnsRatings ? HoldOut.leaveLastOut : .personalize
        let users = data.userCount(withAtLeast: 2) / Self.splits
        let count = holdOut.trainsOnTestUsers ? 1 : min(Self.splits, (Self.testUsers - 1) / max(1, users) + 1)
        evaluations = (0..<count).map { split in
            let share = 1 / Double(Self.splits)
            let draw = SplitDraw(
                seed: context.seed,
                stream: Self.splitStream,
                keys: trainer.userKeys,
                tested: Double(split) * share..<Double(split + 1) * share
            )
            return Evaluation(
                data,
                holdOut: holdOut,
                seed: context.seed,
                draw: draw,
                excludesMetItems: excludesMetItems
            )
        }
    }

    /// Tries settings.
    ///
    /// - Returns: The trials in the order they were drawn; the best of those that were trained whole; its values.
    func search() throws -> (trials: [Tuning.Trial], best: Tuning.Trial) {
        let candidates = try candidates()
        let shares = epochShares(candidates.count)
        var trials: [Int: Tuning.Trial] = [:]
        var survivors = Array(candidates.indices)
        let report = TrialProgress(context, counts: Self.counts(candidates.count, shares), shares: shares)
        for (rung, share) in shares.enumerated() {
            for (index, trial) in try measure(survivors, of: candidates, share, report, rung) { trials[index] = trial }
            guard rung + 1 < shares.count else { break }
            survivors = Self.best(survivors, by: trials)
        }
        let best = Self.ordered(survivors, by: trials)[0]
        return (candidates.indices.compactMap { trials[$0] }, trials[best] ?? candidates[best].unmeasured)
    }

    // MARK: Candidates

    /// Values to try, and the settings they make.
    private struct Candidate: Sendable {
        let values: [String: String]
        let configuration: ModelConfiguration

        var unmeasured: Tuning.Trial { Tuning.Trial(hyperparameters: values, epochShare: 0, objective: -.infinity) }
    }

    /// The given values first, then points of the ranges; settings that were drawn before are left out.
    private func candidates() throws(RecommenderError) -> [Candidate] {
        let dimensions = try tuning.dimensions(for: recipe, fixed: fixed)
        let points = HaltonSequence(dimensions: dimensions.count, seed: context.seed)
        var candidates = [Candidate(values: fixed, configuration: try recipe.configuration(hyperparameters: fixed))]
        guard !dimensions.isEmpty else { return candidates }
        // Of a few categories there may be fewer settings than trials.
        for index in 0..<4 * tuning.maximumTrials where candidates.count < tuning.maximumTrials {
            var values = fixed
            for (dimension, share) in zip(dimensions, points[index]) {
                values[dimension.name] = dimension.value(at: share)
            }
            let configuration = try recipe.configuration(hyperparameters: values)
            if candidates.contains(where: { $0.configuration == configuration }) { continue }
            candidates.append(Candidate(values: values, configuration: configuration))
        }
        return candidates
    }

    // MARK: Rungs

    /// The hyperparameter that says how often all data is gone through, if there is one.
    private var epochsName: String? {
        recipe.hyperparameters.map(\.name).first { ["epochs", "n_epochs"].contains($0) }
    }

    /// The shares of their epochs that settings are trained for, the last of which is the whole.
    private func epochShares(_ count: Int) -> [Double] {
        guard let epochsName, let epochs = epochs(of: fixed, epochsName) else { return [1] }
        return [1.0 / 9, 1.0 / 3].filter { share in
            Double(count) * share >= 1.3 && Double(epochs) * share >= 2
        } + [1]
    }

    private func epochs(of values: [String: String], _ name: String) -> Int? {
        (values[name] ?? recipe.hyperparameters.first { $0.name == name }?.defaultValue).flatMap { Int($0) }
    }

    /// How many settings are left at each rung.
    private static func counts(_ count: Int, _ shares: [Double]) -> [Int] {
        var counts = [count]
        for _ in shares.dropFirst() { counts.append(survivorCount(counts[counts.count - 1])) }
        return counts
    }

    /// A third, and the defaults.
    private static func survivorCount(_ count: Int) -> Int { min(count, (count + 2) / 3 + 1) }

    private static func ordered(_ indices: [Int], by trials: [Int: Tuning.Trial]) -> [Int] {
        indices.sorted { left, right in
            let (first, second) = (trials[left]?.objective ?? -.infinity, trials[right]?.objective ?? -.infinity)
            return first == second ? left < right : first > second
        }
    }

    private static func best(_ indices: [Int], by trials: [Int: Tuning.Trial]) -> [Int] {
        let count = survivorCount(indices.count)
        let best = ordered(indices, by: trials).prefix(count)
        // The first is the one with the defaults.
        return best.contains(indices[0]) ? best.sorted() : [indices[0]] + best.dropLast().sorted()
    }

    // MARK: Trials

    private func measure(
        _ indices: [Int],
        of candidates: [Candidate],
        _ share: Double,
        _ report: TrialProgress,
        _ rung: Int
    ) throws -> [(Int, Tuning.Trial)] {
        let parallel = max(1, min(tuning.maximumParallelTrials, context.threads, indices.count))
        let threads = max(1, context.threads / parallel)
        return try Parallel.mapBlocks(count: indices.count, blockSize: 1, threads: parallel) { block in
            let index = indices[block.lowerBound]
            var own = context
            own.threads = threads
            own.progress = { report.note($0, trial: index, rung: rung, place: block.lowerBound) }
            let trial = try measure(candidates[index], share, own)
            report.end(trial: index, rung: rung, place: block.lowerBound)
            return (index, trial)
        }
    }

    private func measure(
        _ candidate: Candidate,
        _ epochShare: Double,
        _ context: TrainingContext
    ) throws -> Tuning.Trial {
        var values = candidate.values
        if epochShare < 1, let epochsName, let epochs = epochs(of: values, epochsName) {
            values[epochsName] = "\(max(1, Int((Double(epochs) * epochShare).rounded())))"
        }
        let configuration = try recipe.configuration(hyperparameters: values)
        let share = 1 / Double(evaluations.count)
        var (sum, users) = (0.0, 0)
        for (split, evaluation) in evaluations.enumerated() {
            let own = context.part(Double(split) * share...Double(split + 1) * share)
            let model = try configuration.fit(evaluation.training, context: own)
            try context.checkCancellation()
            let count = max(1, evaluation.tests.count)
            sum += objective(of: model, evaluation, threads: context.threads) * Double(count)
            users += count
        }
        return Tuning.Trial(
            hyperparameters: candidate.values,
            epochShare: epochShare,
            // A model that diverged must not win.
            objective: sum.isFinite ? sum / Double(users) : -.greatestFiniteMagnitude
        )
    }

    private func objective(of model: TrainedModel, _ evaluation: Evaluation, threads: Int) -> Double {
        guard recipe.learnsRatings else {
            return evaluation.metrics(of: model, for: recipe, threads: threads).values[objective] ?? 0
        }
        let deviation = evaluation.deviation(of: model, from: data, threads: threads)
        return -(deviation?.rootMeanSquareError ?? .infinity)
    }
}

/// The progress of trials of which several may go on at once: reports come one at a time and never fall.
private final class TrialProgress: Sendable {
    private let context: TrainingContext
    private let trialCount: Int
    /// What a trial of each rung costs, as a share of the whole.
    private let costs: [Double]
    private let done: Mutex<[[Double]]>

    init(_ context: TrainingContext, counts: [Int], shares: [Double]) {
        let total = zip(counts, shares).reduce(0) { $0 + Double($1.0) * $1.1 }
        self.context = context
        trialCount = counts[0]
        costs = shares.map { $0 / total }
        done = Mutex(counts.map { [Double](repeating: 0, count: $0) })
    }

    /// Notes how far a trial is; `place` is its place among those of its rung.
    func note(_ progress: TrainingProgress, trial: Int, rung: Int, place: Int) {
        done.withLock { done in
            done[rung][place] = max(done[rung][place], progress.fraction)
            tell(progress, trial, done)
        }
    }

    func end(trial: Int, rung: Int, place: Int) {
        note(TrainingProgress(stage: "tuning", fraction: 1), trial: trial, rung: rung, place: place)
    }

    private func tell(_ progress: TrainingProgress, _ trial: Int, _ done: [[Double]]) {
        let fraction = zip(done, costs).reduce(0) { $0 + $1.0.reduce(0, +) * $1.1 }
        context.progress(
            TrainingProgress(
                stage: "tuning",
                epoch: progress.epoch,
                epochs: progress.epochs,
                trial: trial + 1,
                trials: trialCount,
                fraction: min(fraction, 1)
            )
        )
    }
}
