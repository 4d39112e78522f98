internal import JSON
internal import Kernels
internal import Recommenders

/// What a training learns from: the events of all snapshots, with one table of ids for users and one for items.
struct TrainingData: Sendable {
    var interactions: Interactions
    /// The ids of users with events, and of those added, sorted; positions are codes.
    let users: [String]
    /// The ids of items with events and of those described, sorted; positions are codes.
    let items: [String]
    /// When the newest event happened.
    let lastTimestamp: Int64

    /// Gathers the events that count, and items and users that need no events.
    init(_ tables: [EventTable], rules: EventRules, newItems: [String] = [], newUsers: [String] = []) throws {
        let weights = tables.map { rules.weights(of: $0) }
        let kept = zip(tables, weights).map { KeptEvents($0, $1) }
        let others = (ids: newUsers, isUsed: newUsers.map { _ in true })
        users = Self.union(zip(tables, kept).map { ($0.userIDs, $1.users) } + [others])
        let new = (ids: newItems, isUsed: newItems.map { _ in true })
        items = Self.union(zip(tables, kept).map { ($0.itemIDs, $1.items) } + [new])
        lastTimestamp = kept.map(\.lastTimestamp).max() ?? 0
        interactions = try Self.interactions(tables, weights, users: users, items: items)
    }

    /// Adds what an Items dataset says of the items.
    mutating func describe(_ table: EntityTable, _ fields: [String: ItemField]) {
        interactions.itemFeatures = .of(table, ids: items, fields: fields)
    }

    /// Adds the names and descriptions of the items, and when they came to be.
    mutating func addTexts(_ table: EntityTable, _ fields: [String: ItemField]) {
        interactions.itemTexts = .texts(of: table, ids: items, fields: fields)
        guard table.hasColumn("CREATION_TIMESTAMP") else { return }
        interactions.itemCreations = items.map { id in
            table.row(of: id).flatMap { table.value("CREATION_TIMESTAMP", at: $0).int.map(Int64.init) }
        }
    }

    /// The same users and items with the values of events as weights; nil when no event has a value.
    func rated(_ tables: [EventTable], rules: EventRules) throws -> Interactions? {
        var rules = rules
        rules.areRatings = true
        let weights = tables.map { rules.weights(of: $0) }
        var rated = try Self.interactions(tables, weights, users: users, items: items)
        rated.itemFeatures = interactions.itemFeatures
        rated.itemTexts = interactions.itemTexts
        rated.itemCreations = interactions.itemCreations
        return rated.count > 0 ? rated : nil
    }

    /// The events of tables with weights, under common codes.
    private static func interactions(
        _ tables: [EventTable],
        _ weights: [[Float]?],
        users: [String],
        items: [String]
    ) throws -> Interactions {
        let userCodes = codes(users)
        let itemCodes = codes(items)
        let columns = zip(tables, weights).map { table, weights in
            var columns = EventColumns(
                users: table.users,
                items: table.items,
                timestamps: table.timestamps,
                types: table.types,
                weights: weights.map { MappedArray($0) }
            )
            columns.userCodes = table.userIDs.map { userCodes[RecordID($0)] ?? EventColumns.none }
            columns.itemCodes = table.itemIDs.map { itemCodes[RecordID($0)] ?? EventColumns.none }
            return columns
        }
        return try Interactions(columns, userCount: users.count, itemCount: items.count)
    }

    /// The ids that occur in kept events, sorted by their bytes, each once.
    private static func union(_ tables: [(ids: [String], isUsed: [Bool])]) -> [String] {
        var ids: Set<RecordID> = []
        for table in tables {
            for (id, isUsed) in zip(table.ids, table.isUsed) where isUsed { ids.insert(RecordID(id)) }
        }
        return ids.map(\.text).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The codes of items by their ids.
    var itemCodes: [RecordID: UInt32] { Self.codes(items) }

    private static func codes(_ ids: [String]) -> [RecordID: UInt32] {
        Dictionary(uniqueKeysWithValues: ids.enumerated().map { (RecordID($0.element), UInt32($0.offset)) })
    }

    /// Refuses data that is too little to learn from.
    func check(_ configuration: PersonalizeService.Configuration, _ rules: EventRules) throws(TrainingRefusal) {
        guard interactions.count >= configuration.minimumInteractions else {
            let filter = rules.typeNames.map { " after filtering by event type: \($0)" } ?? ""
            throw TrainingRefusal(
                "Dataset has fewer than \(configuration.minimumInteractions) interactions\(filter)"
            )
        }
        guard interactions.userCount(withAtLeast: 2) >= configuration.minimumUsers else {
            throw TrainingRefusal(
                "Create failed. Dataset has fewer than \(configuration.minimumUsers) users "
                    + "with at least 2 interactions each."
            )
        }
    }

    /// A number a user that depends on nothing but his id (FNV-1a, 64 bits).
    var userKeys: [UInt64] {
        users.map { id in
            id.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
        }
    }
}

/// Which users and items occur in the events of a table that count.
private struct KeptEvents {
    var users: [Bool]
    var items: [Bool]
    var lastTimestamp: Int64 = 0

    init(_ table: EventTable, _ weights: [Float]?) {
        users = [Bool](repeating: false, count: table.userIDs.count)
        items = [Bool](repeating: false, count: table.itemIDs.count)
        for row in 0..<table.count where weights.map({ $0[row] > 0 }) ?? true {
            users[Int(table.users[row])] = true
            items[Int(table.items[row])] = true
            lastTimestamp = max(lastTimestamp, table.timestamps[row])
        }
    }
}

/// Why a training or an import cannot be done, in words for its `failureReason`.
struct TrainingRefusal: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
