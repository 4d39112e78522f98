internal import Recommenders

/// What a recommender of a domain is for: which events count, what a request must name, what is left out.
struct UseCase: Sendable {
    /// The domain of the dataset groups that offer it.
    let domain: Domain
    /// What it recommends, in a sentence.
    let summary: String
    /// The one type of event that counts; `nil` when all do.
    var eventType: String?
    /// The members that a request must have.
    var requires = ["userId"]
    /// Whether it cannot do without an Items dataset.
    var needsItems = false
}

extension CatalogEntry {
    /// The use cases of the domains; each is trained by an algorithm that custom recipes have too.
    static let useCases: [CatalogEntry] = ecommerce + videoOnDemand

    private static let ecommerce = [
        CatalogEntry(
            name: "aws-ecomm-customers-who-viewed-x-also-viewed",
            recipe: .sims,
            useCase: UseCase(
                domain: .ecommerce,
                summary: "Items that were viewed by the customers who viewed an item, but not what the user purchased.",
                eventType: "View",
                requires: ["itemId", "userId"]
            )
        ),
        CatalogEntry(
            name: "aws-ecomm-frequently-bought-together",
            recipe: .sims,
            useCase: UseCase(
                domain: .ecommerce,
                summary: "Items that were purchased by the customers who purchased an item.",
                eventType: "Purchase",
                requires: ["itemId"]
            )
        ),
        CatalogEntry(
            name: "aws-ecomm-popular-items-by-purchases",
            recipe: .popularityCount,
            useCase: UseCase(
                domain: .ecommerce,
                summary: "The items that the most customers purchased.",
                eventType: "Purchase"
            )
        ),
        CatalogEntry(
            name: "aws-ecomm-popular-items-by-views",
            recipe: .popularityCount,
            useCase: UseCase(
                domain: .ecommerce,
                summary: "The items that the most customers viewed.",
                eventType: "View"
            )
        ),
        CatalogEntry(
            name: "aws-ecomm-recommended-for-you",
            recipe: .userPersonalization,
            useCase: UseCase(
                domain: .ecommerce,
                summary: "Items for a customer by all that he did, but not what he purchased."
            )
        ),
    ]

    private static let videoOnDemand = [
        CatalogEntry(
            name: "aws-vod-because-you-watched-x",
            recipe: .sims,
            useCase: UseCase(
                domain: .videoOnDemand,
                summary: "Videos that were watched by the users who watched a video, but not what the user watched.",
                eventType: "Watch",
                requires: ["itemId", "userId"]
            )
        ),
        CatalogEntry(
            name: "aws-vod-more-like-x",
            recipe: .similarItems,
            useCase: UseCase(
                domain: .videoOnDemand,
                summary: "Videos that are like a video and have the same users, but not what the user watched.",
                requires: ["itemId", "userId"],
                needsItems: true
            )
        ),
        CatalogEntry(
            name: "aws-vod-most-popular",
            recipe: .popularityCount,
            useCase: UseCase(
                domain: .videoOnDemand,
                summary: "The videos that the most users watched.",
                eventType: "Watch"
            )
        ),
        CatalogEntry(
            name: "aws-vod-top-picks",
            recipe: .userPersonalization,
            useCase: UseCase(
                domain: .videoOnDemand,
                summary: "Videos for a user by all that he did, but not what he watched."
            )
        ),
        CatalogEntry(
            name: "aws-vod-trending-now",
            recipe: .trendingNow,
            useCase: UseCase(
                domain: .videoOnDemand,
                summary: "The videos whose users become more the fastest.",
                requires: []
            )
        ),
    ]
}
