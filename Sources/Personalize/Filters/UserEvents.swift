internal import Kernels
internal import Recommenders

/// The latest interactions of each user in one snapshot, type by type.
///
/// They lie together user by user, so that what a request asks for is read in one go.
struct UserEvents: Sendable {
    /// How many interactions of one type count, of each user.
    static let limit = 100

    /// The snapshot's name.
    let name: String
    /// The types in lower case, after them the one of events without a type.
    let typeNames: [String]
    let itemIDs: StringDictionary
    private let userIDs: StringDictionary
    /// Where the events of each user begin.
    private let offsets: [Int]
    /// The item of each event.
    let items: [UInt32]
    /// The position of each event's type in `typeNames`.
    let types: [UInt32]
    /// Where each event is in the snapshot.
    let rows: [UInt32]
    /// When each row's event happened.
    let timestamps: MappedArray<Int64>

    /// The interactions of a snapshot; `nil` when it holds none.
    ///
    /// - Parameters:
    ///   - snapshot: The snapshot.
    ///   - column: Where the ids of items are, or of actions.
    init?(_ snapshot: Snapshot, of column: String = "ITEM_ID") {
        guard let users = snapshot.strings("USER_ID"), let items = snapshot.strings(column),
            let timestamps = snapshot.integers("TIMESTAMP")
        else { return nil }
        let typeColumn = snapshot.strings("EVENT_TYPE")
        let typeCount = typeColumn?.dictionary.count ?? 0
        let type = { (row: UInt32) in min(typeColumn?.codes[Int(row)] ?? .max, UInt32(typeCount)) }
        let sorted = CountingSort(keys: users.codes, count: users.dictionary.count)
        name = snapshot.name
        typeNames = (typeColumn?.dictionary.strings ?? []).map { $0.lowercased() } + [""]
        itemIDs = items.dictionary
        userIDs = users.dictionary
        self.timestamps = timestamps
        (offsets, rows) = Self.latest(sorted, timestamps, type, typeCount: typeCount + 1)
        self.items = rows.map { items.codes[Int($0)] }
        types = rows.map(type)
    }

    /// Of the rows of each user the latest of each type.
    private static func latest(
        _ sorted: CountingSort,
        _ timestamps: MappedArray<Int64>,
        _ type: (UInt32) -> UInt32,
        typeCount: Int
    ) -> (offsets: [Int], rows: [UInt32]) {
        var offsets = [0]
        var kept: [UInt32] = []
        for (start, end) in zip(sorted.offsets, sorted.offsets.dropFirst()) {
            let rows = sorted.order[start..<end]
            if rows.count <= limit {
                kept += rows
            } else {
                var counts = [Int](repeating: 0, count: typeCount)
                let latestFirst = rows.sorted { (timestamps[Int($0)], $0) > (timestamps[Int($1)], $1) }
                kept += latestFirst.filter { row in
                    let type = Int(type(row))
                    counts[type] += 1
                    return counts[type] <= limit
                }
            }
            offsets.append(kept.count)
        }
        return (offsets, kept)
    }

    /// Where a user's latest events lie, in no order.
    func range(of user: String) -> Range<Int> {
        userIDs.code(of: user).map { offsets[Int($0)]..<offsets[Int($0) + 1] } ?? 0..<0
    }
}

/// The interactions of users with the items of a catalogue, over all snapshots of a dataset.
struct UserHistories: Sendable {
    private struct Part: Sendable {
        let events: UserEvents
        let codes: ItemCodes
        /// From the snapshot's types to `typeNames`.
        let types: [Int]
    }

    private let parts: [Part]
    /// The types of all snapshots, each once.
    private let typeNames: [String]
    private let ids: CatalogIDs
    /// What came after the snapshots.
    let live: LiveEvents?

    /// The interactions of some snapshots, and of what came after them, with the items of a catalogue.
    init(_ events: [UserEvents], _ live: LiveEvents?, _ ids: CatalogIDs) {
        let names = Set(events.flatMap(\.typeNames)).sorted()
        let positions = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($0.element, $0.offset) })
        typeNames = names
        parts = events.map { events in
            Part(
                events: events,
                codes: ItemCodes(events.itemIDs, ids),
                types: events.typeNames.map { positions[$0] ?? 0 }
            )
        }
        self.live = live
        self.ids = ids
    }

    /// The snapshots.
    var events: [UserEvents] { parts.map(\.events) }

    /// What a user did with the items of the catalogue, of his latest of each type in each snapshot; in no order.
    func events(of user: String) -> [CatalogEvent] {
        var events: [CatalogEvent] = []
        for part in parts {
            for position in part.events.range(of: user) {
                guard let code = part.codes[part.events.items[position]] else { continue }
                let time = part.events.timestamps[Int(part.events.rows[position])]
                let type = part.events.typeNames[Int(part.events.types[position])]
                events.append(CatalogEvent(code: code, type: type, timestamp: time))
            }
        }
        for event in live?.events(of: user) ?? [] {
            guard let code = ids.code(of: event.item) else { continue }
            events.append(CatalogEvent(code: code, type: event.type, timestamp: event.timestamp))
        }
        return events
    }

    /// The items with which a user has had an interaction of a type that matches, of his latest of each type.
    func items(of user: String, where isWanted: (String) -> Bool) -> ItemSet {
        let wanted = typeNames.map(isWanted)
        let new = (live?.events(of: user) ?? []).filter { isWanted($0.type) }
        // One snapshot has no more of a type than count, unless types differ in case only.
        if parts.count == 1, parts[0].types.count == typeNames.count, new.isEmpty {
            return stored(parts[0], of: user, wanted)
        }
        var counts = [Int](repeating: 0, count: typeNames.count)
        var found: [Found] = []
        for (index, part) in parts.enumerated() {
            for position in part.events.range(of: user) {
                let type = part.types[Int(part.events.types[position])]
                guard wanted[type] else { continue }
                counts[type] += 1
                let code = part.codes[part.events.items[position]]
                found.append(Found(part: index, position: position, type: type, code: code))
            }
        }
        if !new.isEmpty { add(new, &found, &counts) }
        if counts.contains(where: { $0 > UserEvents.limit }) { found = latest(found, new) }
        return ItemSet(found.compactMap(\.code))
    }

    private func stored(_ part: Part, of user: String, _ wanted: [Bool]) -> ItemSet {
        let isWanted = part.types.map { wanted[$0] }
        return ItemSet(
            part.events.range(of: user).compactMap { position in
                isWanted[Int(part.events.types[position])] ? part.codes[part.events.items[position]] : nil
            }
        )
    }

    /// Adds what came after the snapshots, whose types may be new.
    private func add(_ new: [LiveHistory.Event], _ found: inout [Found], _ counts: inout [Int]) {
        var names = typeNames
        for (position, event) in new.enumerated() {
            let type = names.firstIndex(of: event.type) ?? names.count
            if type == names.count {
                names.append(event.type)
                counts.append(0)
            }
            counts[type] += 1
            found.append(Found(part: parts.count, position: position, type: type, code: ids.code(of: event.item)))
        }
    }

    /// The latest of each type; of two at one time the one that came to us later is the later.
    private func latest(_ found: [Found], _ new: [LiveHistory.Event]) -> [Found] {
        var counts: [Int: Int] = [:]
        let dated = found.map { event in
            if event.part == parts.count {
                return (event: event, time: new[event.position].timestamp, row: UInt32(event.position))
            }
            let events = parts[event.part].events
            let row = events.rows[event.position]
            return (event: event, time: events.timestamps[Int(row)], row: row)
        }
        let latestFirst = dated.sorted { ($0.time, $0.event.part, $0.row) > ($1.time, $1.event.part, $1.row) }
        return latestFirst.map(\.event).filter { event in
            counts[event.type, default: 0] += 1
            return counts[event.type, default: 0] <= UserEvents.limit
        }
    }
}

/// What a user did with an item, or with an action.
struct CatalogEvent: Sendable, Equatable {
    let code: UInt32
    /// In lower case.
    let type: String
    let timestamp: Int64
}

/// An event in one of several snapshots, or in what came after them.
private struct Found {
    let part: Int
    let position: Int
    let type: Int
    let code: UInt32?
}

/// The ids of a catalogue's items, by code.
enum CatalogIDs: Sendable {
    case table(IDTable)
    case list([String])
    /// By their bytes, each once.
    case sorted([String])

    var count: Int {
        switch self {
        case .table(let table): table.count
        case .list(let ids), .sorted(let ids): ids.count
        }
    }

    func code(of id: String) -> UInt32? {
        switch self {
        case .table(let table): table.code(of: id)
        case .list(let ids): ids.firstIndex(of: id).map(UInt32.init)
        case .sorted(let ids): Self.position(of: id, in: ids)
        }
    }

    subscript(code: UInt32) -> String {
        switch self {
        case .table(let table): table[code]
        case .list(let ids), .sorted(let ids): ids[Int(code)]
        }
    }

    private static func position(of id: String, in ids: [String]) -> UInt32? {
        var (low, high) = (0, ids.count)
        while low < high {
            let middle = (low + high) / 2
            if ids[middle].utf8.lexicographicallyPrecedes(id.utf8) { low = middle + 1 } else { high = middle }
        }
        return low < ids.count && ids[low].utf8.elementsEqual(id.utf8) ? UInt32(low) : nil
    }
}

/// From the codes of items in a snapshot to those in a catalogue.
enum ItemCodes: Sendable {
    case dense([UInt32])
    case sparse([UInt32: UInt32])

    private static let none = UInt32.max

    init(_ dictionary: StringDictionary, _ ids: CatalogIDs) {
        var dense: [UInt32] = []
        var sparse: [UInt32: UInt32] = [:]
        let isDense = ids.count > dictionary.count / 16
        if isDense { dense = [UInt32](repeating: Self.none, count: dictionary.count) }
        for code in 0..<UInt32(ids.count) {
            guard let other = dictionary.code(of: ids[code]) else { continue }
            if isDense { dense[Int(other)] = code } else { sparse[other] = code }
        }
        self = isDense ? .dense(dense) : .sparse(sparse)
    }

    subscript(code: UInt32) -> UInt32? {
        switch self {
        case .dense(let codes): codes[Int(code)] == Self.none ? nil : codes[Int(code)]
        case .sparse(let codes): codes[code]
        }
    }
}
