internal import Kernels

extension NextBestAction {
    /// Learns how likely users take actions.
    ///
    /// - Parameters:
    ///   - data: What users did: with actions (`actions`), and with items, from which their tastes are learnt.
    ///   - configuration: The settings.
    ///   - context: Threads, seed, progress and cancellation.
    /// - Returns: The model.
    /// - Throws: `CancellationError` when it is cancelled, `RecommenderError` with `insufficientData` without actions, or
    ///   with `invalidData` for the event of a user beyond the last.
    public static func fit(
        _ data: Interactions,
        configuration: Configuration,
        context: TrainingContext
    ) throws -> NextBestAction {
        try context.checkCancellation()
        let given = try data.requiredActions()
        context.progress(TrainingProgress(stage: "training", fraction: 0))
        let tastes = try tastes(data, configuration, context.part(0...0.5))
        let trials = given.trials(period: Int64(configuration.optimizationPeriod) * 86_400)
        var training = ActionTraining(
            trials: trials,
            features: (0..<data.userCount).map { user in
                tastes.map { features($0.userFactors.row(user), columns: 1 + $0.userFactors.columns) } ?? [1]
            },
            actionCount: given.actions.count,
            regularization: Float(configuration.regularization)
        )
        let rounds = ActionTraining.rounds
        for round in 1...rounds {
            try context.checkCancellation()
            try training.improve(threads: context.threads)
            let fraction = 0.5 + 0.5 * Double(round) / Double(rounds)
            context.progress(TrainingProgress(stage: "training", epoch: round, epochs: rounds, fraction: fraction))
        }
        return NextBestAction(
            configuration: configuration,
            values: MappedArray(given.actions.map(\.value)),
            actions: training.actions,
            users: MappedArray(training.users),
            tastes: tastes
        )
    }

    private static func tastes(
        _ data: Interactions,
        _ configuration: Configuration,
        _ context: TrainingContext
    ) throws -> AlternatingLeastSquares? {
        guard data.count > 0 else { return nil }
        let settings = AlternatingLeastSquares.Configuration(factors: configuration.factors)
        return try .fit(data, configuration: settings, context: context)
    }
}

extension Interactions {
    /// The actions, or why nothing can be learnt of them.
    fileprivate func requiredActions() throws(RecommenderError) -> ActionEvents {
        guard let actions, !actions.actions.isEmpty else {
            throw RecommenderError(
                .insufficientData,
                "the data names no actions; import an Actions dataset, and an Action_Interactions dataset of what users did"
            )
        }
        if let wrong = actions.events.last, Int(wrong.user) >= userCount {
            throw RecommenderError(.invalidData, "user code \(wrong.user) is beyond the last of \(userCount)")
        }
        return actions
    }
}

/// The log odds of actions and users while they are found, in turns, by Newton's method.
///
/// The posterior has one maximum, and every step raises it.
private struct ActionTraining: Sendable {
    static let rounds = 20

    private(set) var actions: Matrix
    private(set) var users: [Float]
    private let byAction: [[ActionEvents.Trials]]
    private let byUser: [[ActionEvents.Trials]]
    private let features: [[Float]]
    private let regularization: Float
    /// The log odds of all choices.
    private let mean: Float

    init(trials: [ActionEvents.Trials], features: [[Float]], actionCount: Int, regularization: Float) {
        var byAction = [[ActionEvents.Trials]](repeating: [], count: actionCount)
        var byUser = [[ActionEvents.Trials]](repeating: [], count: features.count)
        var (count, successes) = (0.0, 0.0)
        for trial in trials {
            byAction[Int(trial.action)].append(trial)
            byUser[Int(trial.user)].append(trial)
            count += Double(trial.count)
            successes += Double(trial.successes)
        }
        self.byAction = byAction
        self.byUser = byUser
        self.features = features
        self.regularization = regularization
        mean = Float(Logarithm.of((successes + 1) / (count - successes + 1)))
        actions = Matrix(rows: actionCount, columns: features.first?.count ?? 1)
        users = [Float](repeating: 0, count: features.count)
        for action in 0..<actionCount { actions[action, 0] = mean }
    }

    mutating func improve(threads: Int) throws {
        let now = self
        let rows = try Parallel.mapBlocks(count: actions.rows, blockSize: 1, threads: threads) { block in
            now.improved(action: block.lowerBound)
        }
        for (action, row) in rows.enumerated() {
            for (column, value) in row.enumerated() { actions[action, column] = value }
        }
        let next = self
        let blocks = try Parallel.mapBlocks(count: users.count, blockSize: 256, threads: threads) { block in
            block.map { next.improved(user: $0) }
        }
        users = blocks.flatMap { $0 }
    }

    // MARK: Actions

    /// What an action's log odds become, the users' fixed.
    private func improved(action: Int) -> [Float] {
        let row = actions.row(action)
        guard let step = step(action: action, row) else { return row }
        let before = objective(action: action, row)
        var share: Float = 1
        while share > 1e-3 {
            let next = zip(row, step).map { $0 + share * $1 }
            if objective(action: action, next) >= before { return next }
            share /= 2
        }
        return row
    }

    private func step(action: Int, _ row: [Float]) -> [Float]? {
        var curvature = Matrix(rows: row.count, columns: row.count)
        var gradient = row.enumerated().map { -regularization * ($1 - ($0 == 0 ? mean : 0)) }
        for column in row.indices { curvature[column, column] = regularization }
        for trial in byAction[action] {
            let known = features[Int(trial.user)]
            let chance = Float(Logistic.of(logOdds(row, trial)))
            let weight = trial.count * chance * (1 - chance)
            let excess = trial.successes - trial.count * chance
            for (column, value) in known.enumerated() where value != 0 {
                gradient[column] += excess * value
                for other in column..<row.count { curvature[column, other] += weight * value * known[other] }
            }
        }
        return Cholesky.solve(curvature, gradient)
    }

    private func objective(action: Int, _ row: [Float]) -> Double {
        let distance = row.enumerated().reduce(0.0) { sum, entry in
            let difference = Double(entry.element - (entry.offset == 0 ? mean : 0))
            return sum + difference * difference
        }
        return byAction[action].reduce(-Double(regularization) * distance / 2) {
            $0 + $1.likelihood(logOdds: logOdds(row, $1))
        }
    }

    private func logOdds(_ row: [Float], _ trial: ActionEvents.Trials) -> Float {
        zip(row, features[Int(trial.user)]).reduce(users[Int(trial.user)]) { $0 + $1.0 * $1.1 }
    }

    // MARK: Users

    /// What a user's log odds become, the actions' fixed.
    private func improved(user: Int) -> Float {
        let trials = byUser[user]
        guard !trials.isEmpty else { return 0 }
        let fixed = trials.map { actions.dot(row: Int($0.action), features[user]) }
        return Willingness(trials: trials, fixed: fixed, regularization: regularization).improved(users[user])
    }
}

/// How willing one user is to take actions, the rest of their log odds fixed.
struct Willingness {
    let trials: [ActionEvents.Trials]
    let fixed: [Float]
    let regularization: Float

    /// What is found from nothing.
    var found: Float {
        var value: Float = 0
        for _ in 0..<30 {
            let next = improved(value)
            guard next != value else { break }
            value = next
        }
        return value
    }

    /// A step of Newton's method, short enough to get nearer.
    func improved(_ own: Float) -> Float {
        var (gradient, curvature) = (-Double(regularization * own), Double(regularization))
        for (trial, fixed) in zip(trials, fixed) {
            let chance = Logistic.of(fixed + own)
            gradient += Double(trial.successes) - Double(trial.count) * chance
            curvature += Double(trial.count) * chance * (1 - chance)
        }
        let before = objective(own)
        var step = Float(gradient / curvature)
        while abs(step) > 1e-6 {
            if objective(own + step) >= before { return own + step }
            step /= 2
        }
        return own
    }

    private func objective(_ value: Float) -> Double {
        zip(trials, fixed).reduce(-Double(regularization * value * value) / 2) {
            $0 + $1.0.likelihood(logOdds: $1.1 + value)
        }
    }
}

extension ActionEvents.Trials {
    /// The logarithm of the likelihood of a pair's choices.
    fileprivate func likelihood(logOdds: Float) -> Double {
        Double(successes) * Double(logOdds) - Double(count) * Self.softplus(Double(logOdds))
    }

    private static func softplus(_ value: Double) -> Double {
        max(value, 0) + Logarithm.of(1 + Exponential.of(-Float(abs(value))))
    }
}
