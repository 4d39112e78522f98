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
///
/// A class, since requests pass it on all the time, and to copy so many references at each step would cost more than
/// the rest of an answer.
final class ServedCampaign: Sendable {
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
    /// What the ids of its answers tell.
    let source: RecommendationID.Source
    /// How much is explored; nil for nothing.
    let exploration: Exploration?
    /// What can be explored.
    let newItems: NewItems?
    /// The recipe's own filter; `nil` when it has none.
    let automaticFilter: RuntimeFilter?
    /// Whether answers say why an item is in them.
    let givesReasons: Bool
    /// What is recommended by the recipe of actions, in place of items.
    let actions: ServedActions?

    init(
        arn: String,
        groupArn: String,
        served: ServedModel,
        histories: [RecordID: [UInt32]],
        metadata: ItemMetadata?,
        isMetadataEnabled: Bool,
        influence: RankingInfluence?,
        historyLength: Int,
        filters: FilterCatalog,
        rules: EventRules,
        source: RecommendationID.Source,
        exploration: Exploration?,
        newItems: NewItems?,
        actions: ServedActions?
    ) {
        self.arn = arn
        self.groupArn = groupArn
        self.served = served
        self.histories = histories
        self.metadata = metadata
        self.isMetadataEnabled = isMetadataEnabled
        self.influence = influence
        self.historyLength = historyLength
        self.filters = filters
        self.rules = rules
        self.source = source
        self.exploration = exploration
        self.newItems = newItems
        self.actions = actions
        automaticFilter = AutomaticFilter.filter(ofRecipe: served.entry.name, group: groupArn)
        givesReasons = served.entry.givesReasons
    }

    /// A question with what is known of a user: a row in the model, a history, or nothing.
    func query(user: String, count: Int) -> Query {
        var query = Query(count: count)
        let known = known(of: user)
        // The code alone says nothing of what came after the training, a history nothing of ratings.
        if served.model.knowsUsers { query.user = known.code }
        if known.isNewer || !served.model.knowsUsers, !known.met.isEmpty {
            query.history = Array(known.met.suffix(historyLength))
        }
        if served.index.excludesMetItems { query.excluded = ItemSet(known.met) }
        return query
    }

    /// The items of all that a user has done, oldest first.
    func met(by user: String) -> [UInt32] { known(of: user).met }

    /// A user's row in the model, the items of all that he has done, and whether some of it came after the training.
    private func known(of user: String) -> (code: UInt32?, met: [UInt32], isNewer: Bool) {
        let code = served.index.users.code(of: user)
        let history = histories[RecordID(user)]
        let new = newItems(of: user)
        let met = history ?? code.map { served.index.history(user: $0) } ?? []
        return (code, new.isEmpty ? met : met + new, history != nil || !new.isEmpty)
    }

    /// The items of what a user has done since the snapshots, oldest first.
    private func newItems(of user: String) -> [UInt32] {
        guard let events = filters.histories.live?.events(of: user), !events.isEmpty else { return [] }
        return events.compactMap { event in
            rules.counts(type: event.type, value: event.value) ? served.index.items.code(of: event.item) : nil
        }
    }
}
