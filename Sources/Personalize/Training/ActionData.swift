internal import DurableFiles
internal import JSON
internal import Kernels
internal import Recommenders

/// The actions of a dataset group and what users did with them, as the recipe of actions learns from them.
struct ActionData: Sendable {
    /// The ids of actions, sorted by their bytes; positions are codes.
    let ids: [String]
    private let actions: [ActionEvents.Action]
    private let tables: [ActionTable]

    /// Reads snapshots of an Actions dataset and of an Action_Interactions dataset.
    init(actions: [String], interactions: [String], in files: Files) throws {
        let snapshots = try actions.map { try Snapshot($0, in: files.data) }
        let table = EntityTable(.actions, snapshots)
        let ids = (table?.ids ?? []).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        guard !ids.isEmpty else {
            throw TrainingRefusal("The dataset group has no actions; import an Actions dataset first.")
        }
        self.ids = ids
        self.actions = ids.map { id in table.map { ActionEvents.Action($0, id) } ?? ActionEvents.Action() }
        tables = try interactions.map { try ActionTable(Snapshot($0, in: files.data)) }
    }

    /// The interactions with items and those with actions, with common codes of users.
    func trainingData(_ items: [EventTable], _ rules: EventRules) throws -> TrainingData {
        var data = try TrainingData(items, rules: rules, newUsers: tables.flatMap(\.userIDs))
        let users = Dictionary(uniqueKeysWithValues: zip(data.users, UInt32(0)...))
        let codes = Dictionary(uniqueKeysWithValues: zip(ids, UInt32(0)...))
        let events = tables.flatMap { $0.events(users: users, actions: codes) }
        data.interactions.actions = try ActionEvents(actions: actions, events: events)
        return data
    }

    /// Writes the ids of the actions, which a model knows by their codes alone: `MILLACTS`, a checksum of what follows,
    /// and the table of the ids.
    func write(to path: String) throws {
        let table = IDTable.encoded(ids)
        var file = try AtomicFile(at: path)
        try file.write(Self.magic)
        try file.write(unsafe withUnsafeBytes(of: Checksum.of(table).littleEndian) { unsafe Array($0) })
        try file.write(table)
        try file.commit()
    }

    private static let magic = Array("MILLACTS".utf8)

    /// Reads the ids of the actions; files of earlier releases hold nothing but the table.
    static func ids(path: String) throws -> IDTable {
        let file = try MappedFile(path: path)
        let isChecked = try Array(MappedArray<UInt8>(file, offset: 0, count: 8)) == magic
        let start = isChecked ? 16 : 0
        if isChecked {
            let checksum = try MappedArray<UInt64>(file, offset: 8, count: 1)[0]
            guard checksum == Checksum.of(file, from: start) else {
                throw KernelError(.invalidRange, "\"\(path)\" is damaged; train the solution version again")
            }
        }
        var end = 0
        return try IDTable(file, at: start, end: &end)
    }
}

/// What one snapshot says that users did with actions.
private struct ActionTable: Sendable {
    let userIDs: [String]
    private let actionIDs: [String]
    private let typeNames: [String]
    private let users: MappedArray<UInt32>
    private let actions: MappedArray<UInt32>
    private let types: MappedArray<UInt32>
    private let timestamps: MappedArray<Int64>

    init(_ snapshot: Snapshot) throws {
        guard let users = snapshot.strings("USER_ID"), let actions = snapshot.strings("ACTION_ID"),
            let types = snapshot.strings("EVENT_TYPE"), let timestamps = snapshot.integers("TIMESTAMP")
        else {
            throw TrainingRefusal("Snapshot \"\(snapshot.name)\" holds no action interactions; import them again.")
        }
        userIDs = users.dictionary.strings
        actionIDs = actions.dictionary.strings
        typeNames = types.dictionary.strings
        self.users = users.codes
        self.actions = actions.codes
        self.types = types.codes
        self.timestamps = timestamps
    }

    /// The events with actions that there are, of a type that says what came of it.
    func events(users userCodes: [String: UInt32], actions actionCodes: [String: UInt32]) -> [ActionEvents.Event] {
        let knownUsers = userIDs.map { userCodes[$0] }
        let knownActions = actionIDs.map { actionCodes[$0] }
        let outcomes = typeNames.map { ActionEvents.Outcome(type: $0) }
        return users.indices.compactMap { row in
            guard let user = knownUsers[Int(users[row])], let action = knownActions[Int(actions[row])],
                Int(types[row]) < outcomes.count, let outcome = outcomes[Int(types[row])]
            else { return nil }
            return ActionEvents.Event(user: user, action: action, timestamp: timestamps[row], outcome: outcome)
        }
    }
}

extension ActionEvents.Outcome {
    /// What an `EVENT_TYPE` says, written in any case; nil for one that says nothing of it.
    init?(type: String) {
        switch type.lowercased().replacing(" ", with: "_") {
        case "taken": self = .taken
        case "not_taken": self = .notTaken
        case "viewed": self = .viewed
        default: return nil
        }
    }
}

extension ActionEvents.Action {
    /// What a record of an Actions dataset says; a value below zero counts as none.
    init(_ table: EntityTable, _ id: String) {
        self.init()
        guard let row = table.row(of: id) else { return }
        if let worth = table.value("VALUE", at: row).double { value = max(worth, 0) }
        expiration = table.value("ACTION_EXPIRATION_TIMESTAMP", at: row).int.map(Int64.init)
        repeatDays = table.value("REPEAT_FREQUENCY", at: row).int.map { max($0, 0) }
    }
}

extension PersonalizeService {
    /// The snapshots of actions and of what users did with them that a version of the recipe of actions learns from.
    func actionData(of version: Resource) async throws(PersonalizeError) -> JSONObject {
        guard version.body["recipeArn"]?.string.flatMap({ CatalogEntry.byARN[$0] })?.recipe == .nextBestAction else {
            return [:]
        }
        var data = JSONObject()
        for (member, type) in [
            ("actionSnapshots", DatasetType.actions), ("actionInteractionSnapshots", .actionInteractions),
        ] {
            guard let dataset = try await dataset(type, group: version.body["datasetGroupArn"]?.string) else {
                continue
            }
            data[member] = .array(try await snapshots(of: dataset.arn).map { .string($0.name) })
        }
        return data
    }
}
