public import Kernels

/// A trained model of any kind, as a campaign serves it and a model file holds it.
public enum TrainedModel: Sendable, Equatable {
    /// Popular items.
    case popularity(Popularity)
    /// Item–item similarity.
    case itemSimilarity(ItemSimilarity)
    /// Matrix factorisation.
    case alternatingLeastSquares(AlternatingLeastSquares)
    /// Predicted ratings.
    case biasedFactorization(BiasedFactorization)
    /// Nearest users.
    case nearestUsers(NearestUsers)
    /// A recurrent network.
    case recurrentNetwork(RecurrentNetwork)
    /// Rising items.
    case trending(Trending)
    /// Next best actions.
    case nextBestAction(NextBestAction)

    /// Opens a model file of any kind.
    ///
    /// - Parameter file: The mapped file.
    /// - Throws: `RecommenderError` with `invalidModel` when it is damaged, cut short or of an unknown kind.
    public init(mapped file: MappedFile) throws {
        let reader = try ModelReader(file)
        switch ModelKind(rawValue: reader.kind) {
        case .popularity: self = .popularity(try Popularity(mapped: file))
        case .itemSimilarity: self = .itemSimilarity(try ItemSimilarity(mapped: file))
        case .alternatingLeastSquares: self = .alternatingLeastSquares(try AlternatingLeastSquares(mapped: file))
        case .biasedFactorization: self = .biasedFactorization(try BiasedFactorization(mapped: file))
        case .nearestUsers: self = .nearestUsers(try NearestUsers(mapped: file))
        case .recurrentNetwork: self = .recurrentNetwork(try RecurrentNetwork(mapped: file))
        case .trending: self = .trending(try Trending(mapped: file))
        case .nextBestAction: self = .nextBestAction(try NextBestAction(mapped: file))
        case nil: throw reader.invalid("holds a model of the unknown kind \(reader.kind)")
        }
    }

    /// Opens a model file of any kind.
    ///
    /// - Parameter path: The file's path.
    /// - Throws: `KernelError` when it cannot be mapped, `RecommenderError` with `invalidModel` when it is damaged.
    public init(path: String) throws {
        try self.init(mapped: MappedFile(path: path))
    }

    /// The bytes of a model file.
    public func encoded() -> [UInt8] { recommender.encoded() }

    /// Makes what answers need, so that the first question need not wait for it.
    public func prepare() { recommender.prepare() }

    /// Answers a question; the best item comes first.
    public func recommend(_ query: Query) -> [ScoredItem] {
        // Not by way of `recommender`, which would copy the model into a box for each question.
        switch self {
        case .popularity(let model): model.recommend(query)
        case .itemSimilarity(let model): model.recommend(query)
        case .alternatingLeastSquares(let model): model.recommend(query)
        case .biasedFactorization(let model): model.recommend(query)
        case .nearestUsers(let model): model.recommend(query)
        case .recurrentNetwork(let model): model.recommend(query)
        case .trending(let model): model.recommend(query)
        case .nextBestAction(let model): model.recommend(query)
        }
    }

    /// Answers questions on several threads.
    ///
    /// - Parameters:
    ///   - queries: The questions.
    ///   - threads: The most threads to work at once.
    /// - Returns: An answer a question, in their order.
    public func recommend(_ queries: [Query], threads: Int) -> [[ScoredItem]] {
        recommender.recommend(queries, threads: threads)
    }

    /// Whether it knows users by their code alone; if not, a query must bring their history.
    public var knowsUsers: Bool {
        switch self {
        case .popularity, .itemSimilarity, .trending: false
        case .alternatingLeastSquares, .biasedFactorization, .nearestUsers, .recurrentNetwork, .nextBestAction: true
        }
    }

    /// Whether it knows anything of who asks; if not, matrix factorisation answers with popular items.
    ///
    /// - Parameter query: The question.
    /// - Returns: Whether its user or its history is known; always for models of another kind.
    public func knows(_ query: Query) -> Bool {
        guard case .alternatingLeastSquares(let model) = self else { return true }
        return model.knows(query)
    }

    private var recommender: any Recommender {
        switch self {
        case .popularity(let model): model
        case .itemSimilarity(let model): model
        case .alternatingLeastSquares(let model): model
        case .biasedFactorization(let model): model
        case .nearestUsers(let model): model
        case .recurrentNetwork(let model): model
        case .trending(let model): model
        case .nextBestAction(let model): model
        }
    }
}
