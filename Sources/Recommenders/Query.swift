/// What is asked of a recommender.
///
/// Who asks is a `user` with a row in the training, or a `history` of items; a history, where given, is what counts.
/// The user beside it is who has it: his ratings count where they are what is known, and he is no neighbour of his own.
/// A recommender answers with popular items for those it knows nothing of.
public struct Query: Sendable, Equatable {
    /// The code of a user of the training data.
    public var user: UInt32?
    /// The items of a user's events, from the oldest to the newest, to be folded in; codes beyond the data are ignored.
    public var history: [UInt32]?
    /// The item that related ones are wanted for.
    public var item: UInt32?
    /// The items to be put in order; all of them come back.
    public var candidates: [UInt32]?
    /// Items that must not be in the answer (for example those a filter takes out).
    public var excluded: ItemSet
    /// The most items wanted; not used with `candidates`.
    public var count: Int
    /// Whether scores are wanted; where they are shares of all items' preference, they cost a good part of the time.
    public var isScored: Bool
    /// What else than nearness counts among items related by their texts; nothing when nil.
    public var influence: RankingInfluence?

    /// A question.
    ///
    /// - Parameters:
    ///   - user: The code of a user of the training data.
    ///   - history: The items of a user's events.
    ///   - item: The item that related ones are wanted for.
    ///   - candidates: The items to be put in order.
    ///   - excluded: Items that must not be in the answer.
    ///   - count: The most items wanted.
    ///   - isScored: Whether scores are wanted.
    public init(
        user: UInt32? = nil,
        history: [UInt32]? = nil,
        item: UInt32? = nil,
        candidates: [UInt32]? = nil,
        excluded: ItemSet = [],
        count: Int = 25,
        isScored: Bool = true
    ) {
        self.user = user
        self.history = history
        self.item = item
        self.candidates = candidates
        self.excluded = excluded
        self.count = count
        self.isScored = isScored
    }
}

/// An item of an answer.
public struct ScoredItem: Sendable, Equatable {
    /// The item's code.
    public let item: UInt32
    /// Its share of the preference, or nil where the recipe gives none.
    public let score: Double?

    /// An item with its score.
    ///
    /// - Parameters:
    ///   - item: The item's code.
    ///   - score: Its share of the preference.
    public init(item: UInt32, score: Double?) {
        self.item = item
        self.score = score
    }
}
