/// The recipes a solution can be trained with.
public enum Recipe: Sendable, Equatable, CaseIterable {
    /// Items for a user, by matrix factorisation.
    case userPersonalization
    /// Items related to an item, by common users.
    case sims
    /// Items related to an item, by common users and by what the items are like.
    case similarItems
    /// Items related to an item, by their names and descriptions.
    case semanticSimilarity
    /// A list of items put in order for a user, by matrix factorisation.
    case personalizedRanking
    /// The items with the most users.
    case popularityCount
    /// The items whose users become more.
    case trendingNow
    /// Items by the rating a user would give them.
    case ratingPrediction
    /// Items that the users of the nearest taste liked.
    case nearestUsers
    /// The next items of a user, by a recurrent network.
    case hrnn
    /// The same with items' features.
    case hrnnMetadata
    /// The same with new items, known by their features only.
    case hrnnColdstart
    /// Actions for a user.
    case nextBestAction
    /// Users for an item, by matrix factorisation.
    case itemAffinity
    /// Users for the items of some attributes, by matrix factorisation.
    case itemAttributeAffinity

    /// The recipes that recommend items: all but that of actions.
    public static var ofItems: [Recipe] { allCases.filter { $0.kind != .personalizedActions } }

    /// What a recipe is for, in the words of the API.
    public enum Kind: String, Sendable {
        /// Items for a user.
        case userPersonalization = "USER_PERSONALIZATION"
        /// Items related to an item.
        case relatedItems = "RELATED_ITEMS"
        /// A list put in order for a user.
        case personalizedRanking = "PERSONALIZED_RANKING"
        /// Items that are popular.
        case popularItems = "POPULAR_ITEMS"
        /// Actions for a user.
        case personalizedActions = "PERSONALIZED_ACTIONS"
        /// Users for items.
        case userSegmentation = "USER_SEGMENTATION"
    }

    /// The recipe of a name, or nil.
    ///
    /// - Parameter name: Its name, such as `aws-sims`, or an ARN that ends with it.
    public init?(name: some StringProtocol) {
        let last = name[(name.lastIndex(of: "/").map(name.index(after:)) ?? name.startIndex)...]
        guard let recipe = Recipe.allCases.first(where: { last == $0.name }) else { return nil }
        self = recipe
    }

    /// The name, such as `aws-sims`.
    public var name: String {
        switch self {
        case .userPersonalization: "aws-user-personalization"
        case .sims: "aws-sims"
        case .similarItems: "aws-similar-items"
        case .semanticSimilarity: "aws-semantic-similarity"
        case .personalizedRanking: "aws-personalized-ranking"
        case .popularityCount: "aws-popularity-count"
        case .trendingNow: "aws-trending-now"
        case .ratingPrediction: "millrace-svd"
        case .nearestUsers: "millrace-neighbors"
        case .hrnn: "aws-hrnn"
        case .hrnnMetadata: "aws-hrnn-metadata"
        case .hrnnColdstart: "aws-hrnn-coldstart"
        case .nextBestAction: NextBestAction.recipeName
        case .itemAffinity: "aws-item-affinity"
        case .itemAttributeAffinity: "aws-item-attribute-affinity"
        }
    }

    /// Whether it learns from ratings, which are then the weights of events, and its scores are predicted ratings.
    public var learnsRatings: Bool { self == .ratingPrediction }

    /// Whether it learns from what the items are like.
    public var usesItemFeatures: Bool {
        switch self {
        case .similarItems, .nearestUsers, .hrnnMetadata, .hrnnColdstart: true
        case .userPersonalization, .sims, .semanticSimilarity, .personalizedRanking, .popularityCount, .trendingNow,
            .ratingPrediction, .hrnn, .nextBestAction, .itemAffinity, .itemAttributeAffinity:
            false
        }
    }

    /// Whether it learns from the items' names and descriptions, and cannot do without.
    public var usesItemTexts: Bool { self == .semanticSimilarity }

    /// Whether it learns from events; if not, it needs none.
    public var learnsFromEvents: Bool { self != .semanticSimilarity }

    /// Whether it recommends items that nobody has met.
    public var recommendsNewItems: Bool {
        self == .hrnnColdstart || self == .similarItems || self == .semanticSimilarity
    }

    /// What it is for.
    public var kind: Kind {
        switch self {
        case .userPersonalization, .ratingPrediction, .nearestUsers, .hrnn, .hrnnMetadata, .hrnnColdstart:
            .userPersonalization
        case .sims, .similarItems, .semanticSimilarity: .relatedItems
        case .personalizedRanking: .personalizedRanking
        case .popularityCount, .trendingNow: .popularItems
        case .nextBestAction: .personalizedActions
        case .itemAffinity, .itemAttributeAffinity: .userSegmentation
        }
    }

    /// What it does, in a sentence.
    public var description: String {
        switch self {
        case .userPersonalization:
            "Predicts the items a user will interact with, by matrix factorisation of all users' interactions."
        case .sims:
            "Finds the items that the same users interact with, with a discount for popularity."
        case .similarItems:
            "Finds the items that the same users interact with and that are alike; new ones by what they are like alone."
        case .semanticSimilarity:
            "Finds the items whose names and descriptions are about the same."
        case .personalizedRanking:
            "Puts a list of items in the order of a user's preference, by matrix factorisation."
        case .popularityCount:
            "Counts the unique users of each item and recommends the most popular; the baseline for all others."
        case .trendingNow:
            "Compares the users of each item in two intervals and recommends those that rise fastest."
        case .ratingPrediction:
            "Predicts the rating a user would give an item, by matrix factorisation of all users' ratings (SVD)."
        case .nearestUsers:
            "Counts what the users liked whose taste is nearest to a user's or to a list of items."
        case .hrnn:
            "Predicts the next items of a user from the order of his interactions, by a recurrent network."
        case .hrnnMetadata:
            "Predicts the next items of a user by a recurrent network that knows items' features too."
        case .hrnnColdstart:
            "Predicts the next items of a user by a recurrent network, new ones by their features alone."
        case .nextBestAction:
            "Predicts which actions a user will most likely take, by his taste and by what he and others took."
        case .itemAffinity:
            "Finds the users who are most interested in an item, by matrix factorisation of all users' interactions."
        case .itemAttributeAffinity:
            "Finds the users who are most interested in the items of some attributes, by matrix factorisation."
        }
    }

    /// Its hyperparameters, with their defaults and ranges.
    public var hyperparameters: [Hyperparameter] {
        switch self {
        case .userPersonalization, .personalizedRanking, .itemAffinity, .itemAttributeAffinity:
            Hyperparameter.factorization
        case .sims: Hyperparameter.similarity
        case .similarItems: Hyperparameter.similarItems
        case .trendingNow: Hyperparameter.trending
        case .semanticSimilarity, .popularityCount: []
        case .ratingPrediction: Hyperparameter.ratingPrediction
        case .nearestUsers: Hyperparameter.nearestUsers
        case .hrnn, .hrnnMetadata: Hyperparameter.recurrence
        case .hrnnColdstart: Hyperparameter.recurrence + Hyperparameter.coldStart
        case .nextBestAction: Hyperparameter.nextBestAction
        }
    }
}
