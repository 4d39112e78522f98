internal import JSON
internal import Kernels
internal import Recommenders
internal import Synchronization

/// The actions that a campaign recommends: those its model knows, what is said of them now, and what users did with them.
final class ServedActions: Sendable {
    private struct State {
        var generation = -1
        var actions: [ActionEvents.Action] = []
    }

    /// The actions by code, with their dataset and the users' histories.
    let filters: FilterCatalog
    /// Whether anybody had done anything with actions when the model was trained; if not, it says nothing.
    let isScored: Bool
    private let state = Mutex(State())

    init(_ filters: FilterCatalog, isScored: Bool) {
        self.filters = filters
        self.isScored = isScored
    }

    /// What a user did with actions.
    func events(of user: String) -> [ActionEvents.Event] {
        filters.histories.events(of: user).compactMap { event in
            ActionEvents.Outcome(type: event.type).map {
                ActionEvents.Event(user: 0, action: event.code, timestamp: event.timestamp, outcome: $0)
            }
        }
    }

    /// The actions that must not be recommended to who did this: those that have expired, and those he took not long ago.
    func unavailable(_ events: [ActionEvents.Event], at now: Int64) -> ItemSet {
        ActionEvents.unavailable(actions(), after: events, at: now)
    }

    /// Whether an action of any id must no longer be recommended.
    func hasExpired(_ id: String, at now: Int64) -> Bool {
        filters.items.map { ActionEvents.Action($0.table, id).expiration.map { $0 <= now } ?? false } ?? false
    }

    /// What the dataset says of each action, by code, with what was put since.
    private func actions() -> [ActionEvents.Action] {
        guard let table = filters.items?.table else { return [] }
        let generation = table.live?.records.generation ?? 0
        return state.withLock { state in
            if state.generation != generation {
                state.actions = (0..<UInt32(filters.ids.count)).map { ActionEvents.Action(table, filters.ids[$0]) }
                state.generation = generation
            }
            return state.actions
        }
    }
}

/// The data of actions that a campaign serves beside its model.
struct ActionSources: Sendable {
    let actions: ServingSources.Records
    /// The snapshots of what users did with them.
    let interactions: [String]
    let live: LiveEvents?

    /// What is served of them.
    func served(
        _ version: Resource,
        _ users: FilterCatalog.Dataset?,
        _ expressions: [FilterExpression],
        in files: Files
    ) throws -> ServedActions {
        let ids = try ActionData.ids(path: files.actions(of: version.arn))
        let snapshots = try actions.snapshots.map { try Snapshot($0, in: files.data) }
        let table = EntityTable(.actions, snapshots, live: actions.live)
        let events = try interactions.compactMap { try UserEvents(Snapshot($0, in: files.data), of: "ACTION_ID") }
        let filters = FilterCatalog(
            ids: .table(ids),
            items: table.map { FilterCatalog.Dataset(table: $0, schema: actions.schema) },
            users: users,
            events: events,
            live: live,
            subject: .action
        )
        for expression in expressions { filters.prepare(expression) }
        let trained = version.body["actionInteractionSnapshots"]?.array ?? []
        return ServedActions(filters, isScored: !trained.isEmpty)
    }
}

extension PersonalizeService {
    /// The data of actions for a version of the recipe of actions; nil for all others.
    func actionSources(of version: Resource) async throws(PersonalizeError) -> ActionSources? {
        guard version.body["recipeArn"]?.string.flatMap({ CatalogEntry.byARN[$0] })?.recipe == .nextBestAction,
            let group = version.body["datasetGroupArn"]?.string, let actions = try await records(.actions, group)
        else { return nil }
        // Read before its snapshots: what is sealed in between is then seen twice rather than not at all.
        let dataset = try await dataset(.actionInteractions, group: group)
        var names: [String] = []
        if let dataset { names = try await snapshots(of: dataset.arn).map(\.name) }
        return ActionSources(
            actions: actions,
            interactions: names,
            live: dataset.map { LiveEvents(history: live.history(of: $0.arn), after: $0.sealedThrough) }
        )
    }
}
