internal import JSON
internal import Recommenders

/// A trained model as it is served: the recommender and the tables between ids and codes.
struct ServedModel: Sendable {
    let versionArn: String
    let entry: CatalogEntry
    let recommender: any Recommender
    let users: IDTable
    let items: IDTable
}

/// All that a campaign needs to answer a request; immutable, and replaced as a whole.
struct ServedCampaign: Sendable {
    let arn: String
    let model: ServedModel
    /// The latest items of users who have done something since the training, or were not in it, oldest first.
    let histories: [String: [UInt32]]
    /// The items' metadata, when the group has an Items dataset.
    let metadata: ItemMetadata?
    /// Whether requests may ask for metadata.
    let isMetadataEnabled: Bool

    /// What is known of a user: a row in the model, a history, or nothing.
    func query(user: String, count: Int) -> Query {
        var query = Query(count: count)
        if let history = histories[user] {
            query.history = history
        } else {
            query.user = model.users.code(of: user)
        }
        return query
    }
}
