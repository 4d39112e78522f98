internal import JSON
internal import Kernels
internal import Recommenders

/// A trained model as it is served: the recommender, the tables between ids and codes, and users' histories.
struct ServedModel: Sendable {
    let versionArn: String
    let entry: CatalogEntry
    let model: TrainedModel
    private(set) var index: ModelIndex

    /// The same with users unknown whom some lists name.
    func hiding(_ lists: [UserList]) -> ServedModel {
        var served = self
        for list in lists { served.index.hide(list) }
        return served
    }

    /// Opens the files of a version.
    init(_ version: Resource, in files: Files) throws {
        guard let recipe = version.body["recipeArn"]?.string, let entry = CatalogEntry.byARN[recipe] else {
            throw TrainingRefusal("SolutionVersion \"\(version.arn)\" has no recipe that is offered")
        }
        versionArn = version.arn
        self.entry = entry
        model = try TrainedModel(path: files.model(of: version.arn))
        index = try ModelIndex(path: files.index(of: version.arn))
        model.prepare()
    }
}

/// All that a campaign needs to answer a request; immutable, and replaced as a whole.
struct ServedCampaign: Sendable {
    let arn: String
    let groupArn: String
    let served: ServedModel
    /// The latest items of users who have done something since the training, or were not in it, oldest first.
    let histories: [RecordID: [UInt32]]
    /// The items' metadata, when the group has an Items dataset.
    let metadata: ItemMetadata?
    /// Whether requests may ask for metadata.
    let isMetadataEnabled: Bool
    /// What else than nearness counts among items related by their texts.
    let influence: RankingInfluence?
    /// How many of a user's latest items are folded in.
    let historyLength: Int
    /// What filters are evaluated on.
    let filters: FilterCatalog
    /// Which events count.
    let rules: EventRules
    /// How much is explored; nil for nothing.
    var exploration: Exploration?
    /// What can be explored.
    var newItems: NewItems?
    /// What is recommended by the recipe of actions, in place of items.
    var actions: ServedActions?

    /// A question with what is known of a user: a row in the model, a history, or nothing.
    func query(user: String, count: Int) -> Query {
        var query = Query(count: count)
        let code = served.index.users.code(of: user)
        let new = newItems(of: user)
        let met = (histories[RecordID(user)] ?? code.map { Array(served.index.history(user: $0)) } ?? []) + new
        // The code alone says nothing of what came after the training, a history nothing of ratings.
        if served.model.knowsUsers { query.user = code }
        if histories[RecordID(user)] != nil || !new.isEmpty || !served.model.knowsUsers, !met.isEmpty {
            query.history = Array(met.suffix(historyLength))
        }
        if served.index.excludesMetItems { query.excluded = ItemSet(met) }
        return query
    }

    /// The items of what a user has done since the snapshots, oldest first.
    private func newItems(of user: String) -> [UInt32] {
        guard let events = filters.histories.live?.events(of: user), !events.isEmpty else { return [] }
        return events.compactMap { event in
            rules.counts(type: event.type, value: event.value) ? served.index.items.code(of: event.item) : nil
        }
    }
}
