internal import Kernels

/// Actions for a user by how likely he takes each: `aws-next-best-action`.
///
/// The chance that user u takes action a when he has the choice is logistic: its log odds are aₐ + bᵤ + wₐ·xᵤ, how willingly
/// the action is taken, how willing the user is, and how the action suits his taste xᵤ, the direction of his factors in a
/// factorisation of the items he met. All are held towards what is known without them, aₐ towards the log odds of all
/// choices, bᵤ and wₐ towards zero, so that little data says little: an action nobody has had the choice of is taken like
/// the others, a user who never had a choice like others of his taste.
/// [Gelman, Hill: "Data analysis using regression and multilevel/hierarchical models", 2007, chapter 14; Agarwal, Chen:
/// "Regression-based latent factor models", 2009]
public struct NextBestAction: Recommender, Equatable {
    let configuration: Configuration
    /// What each action is worth.
    let values: MappedArray<Double>
    /// For each action aₐ, then wₐ.
    let actions: Matrix
    /// For each user bᵤ.
    let users: MappedArray<Float>
    /// The users' tastes; nil where nobody has met an item.
    let tastes: AlternatingLeastSquares?

    /// Actions for a user, the likeliest first, of two that are equally likely the one that is worth more, with the chance
    /// as the score; or the candidates in that order.
    ///
    /// The history of a query are items; all other codes of it, and those of the answer, are actions.
    public func recommend(_ query: Query) -> [ScoredItem] {
        recommend(query, willingness: query.user.map { Int($0) < users.count ? users[Int($0)] : 0 } ?? 0)
    }

    /// The same for a user by what he did with actions up to now, whatever the training knew of it.
    ///
    /// - Parameters:
    ///   - query: The question.
    ///   - events: All that he did with actions; their user is not looked at.
    ///   - now: The time, in seconds since 1970.
    /// - Returns: The actions, the likeliest first.
    public func recommend(_ query: Query, events: [ActionEvents.Event], at now: Int64) -> [ScoredItem] {
        let own = events.filter { Int($0.action) < actions.rows }
            .map { ActionEvents.Event(user: 0, action: $0.action, timestamp: $0.timestamp, outcome: $0.outcome) }
        let period = Int64(configuration.optimizationPeriod) * 86_400
        let trials = ActionEvents.trials(of: own.sorted(), period: period, now: now)
        let features = features(of: query)
        let willingness = Willingness(
            trials: trials,
            fixed: trials.map { actions.dot(row: Int($0.action), features) },
            regularization: Float(configuration.regularization)
        )
        return recommend(query, willingness: willingness.found)
    }

    private func recommend(_ query: Query, willingness: Float) -> [ScoredItem] {
        let features = features(of: query)
        let offered = query.candidates ?? (0..<UInt32(actions.rows)).filter { !query.excluded.contains($0) }
        let ranked = offered.filter { Int($0) < actions.rows }
            .map { (action: $0, chance: chance(of: $0, features, willingness)) }
            .stablySorted { ($0.chance, values[Int($0.action)]) > ($1.chance, values[Int($1.action)]) }
            .prefix(query.candidates == nil ? max(query.count, 0) : offered.count)
            .map { ScoredItem(item: $0.action, score: query.isScored ? $0.chance : nil) }
        let unknown = (query.candidates ?? []).filter { Int($0) >= actions.rows }
        return ranked + unknown.map { ScoredItem(item: $0, score: nil) }
    }

    /// How likely a user takes an action when he has the choice.
    ///
    /// - Parameters:
    ///   - action: The action's code, which must be one of the training.
    ///   - query: Who is asked: a user, a history, or nobody in particular.
    /// - Returns: A number from 0 to 1.
    public func chance(of action: UInt32, for query: Query) -> Double {
        let user = query.user.map { Int($0) < users.count ? users[Int($0)] : 0 } ?? 0
        return chance(of: action, features(of: query), user)
    }

    private func chance(of action: UInt32, _ features: [Float], _ user: Float) -> Double {
        Logistic.of(actions.dot(row: Int(action), features) + user)
    }

    /// 1, then the direction of a taste, or zeros where nothing is known of it.
    private func features(of query: Query) -> [Float] {
        guard let tastes else { return [1] }
        if let history = query.history { return Self.features(tastes.foldIn(history), columns: actions.columns) }
        let row = query.user.flatMap { Int($0) < tastes.userFactors.rows ? tastes.userFactors.row(Int($0)) : nil }
        return Self.features(row, columns: actions.columns)
    }

    static func features(_ factors: [Float]?, columns: Int) -> [Float] {
        let length = factors.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() } ?? 0
        guard let factors, length > 0, length.isFinite else { return [1] + [Float](repeating: 0, count: columns - 1) }
        return [1] + factors.map { $0 / length }
    }
}

/// The logistic function.
enum Logistic {
    static func of(_ logOdds: Float) -> Double { 1 / (1 + Exponential.of(-logOdds)) }
}
