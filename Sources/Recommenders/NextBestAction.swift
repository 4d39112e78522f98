internal import Kernels

/// Actions for a user by what they can be expected to bring in: how likely he takes each, times what it is worth
/// (`aws-next-best-action`).
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

    /// Actions for a user, with what each can be expected to bring in as its score; or the candidates in that order.
    ///
    /// The history of a query are items; all other codes of it, and those of the answer, are actions.
    public func recommend(_ query: Query) -> [ScoredItem] {
        let features = features(of: query)
        let user = query.user.map { Int($0) < users.count ? users[Int($0)] : 0 } ?? 0
        if let candidates = query.candidates {
            let known = candidates.filter { Int($0) < actions.rows }
            let ranked = known.map { (action: $0, value: expectedValue(of: $0, features, user)) }
                .stablySorted { $0.value > $1.value }
                .map { ScoredItem(item: $0.action, score: query.isScored ? $0.value : nil) }
            let unknown = candidates.filter { Int($0) >= actions.rows }
            return ranked + unknown.map { ScoredItem(item: $0, score: nil) }
        }
        let offered = (0..<UInt32(actions.rows)).filter { !query.excluded.contains($0) }
        return offered.map { (action: $0, value: expectedValue(of: $0, features, user)) }
            .stablySorted { $0.value > $1.value }
            .prefix(max(query.count, 0))
            .map { ScoredItem(item: $0.action, score: query.isScored ? $0.value : nil) }
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

    private func expectedValue(of action: UInt32, _ features: [Float], _ user: Float) -> Double {
        chance(of: action, features, user) * values[Int(action)]
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
