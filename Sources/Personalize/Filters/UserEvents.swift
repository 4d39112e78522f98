internal import Kernels
internal import Recommenders

/// The latest interactions of each user in one snapshot, type by type.
struct UserEvents: Sendable {
    /// How many interactions of one type count, of each user.
    static let limit = 100

    struct Event: Sendable {
        let item: UInt32
        let timestamp: Int64
        let row: Int
        /// The position of its type in `types`.
        let type: Int
    }

    /// The snapshot's name.
    let name: String
    /// The types in lower case, after them the one of events without a type.
    let types: [String]
    let itemIDs: StringDictionary
    private let userIDs: StringDictionary
    private let items: MappedArray<UInt32>
    private let timestamps: MappedArray<Int64>
    private let typeCodes: MappedArray<UInt32>?
    /// Where the rows of each user begin.
    private let offsets: [Int]
    private let rows: [UInt32]

    /// The interactions of a snapshot; `nil` when it holds none.
    init?(_ snapshot: Snapshot) {
        guard let users = snapshot.strings("USER_ID"), let items = snapshot.strings("ITEM_ID"),
            let timestamps = snapshot.integers("TIMESTAMP")
        else { return nil }
        let types = snapshot.strings("EVENT_TYPE")
        name = snapshot.name
        self.types = (types?.dictionary.strings ?? []).map { $0.lowercased() } + [""]
        itemIDs = items.dictionary
        userIDs = users.dictionary
        self.items = items.codes
        self.timestamps = timestamps
        typeCodes = types?.codes
        let sorted = CountingSort(keys: users.codes, count: users.dictionary.count)
        (offsets, rows) = Self.latest(sorted, timestamps, types?.codes, typeCount: self.types.count)
    }

    /// Of the rows of each user the latest of each type.
    private static func latest(
        _ sorted: CountingSort,
        _ timestamps: MappedArray<Int64>,
        _ types: MappedArray<UInt32>?,
        typeCount: Int
    ) -> (offsets: [Int], rows: [UInt32]) {
        var offsets = [0]
        var kept: [UInt32] = []
        kept.reserveCapacity(sorted.order.count)
        for (start, end) in zip(sorted.offsets, sorted.offsets.dropFirst()) {
            let rows = sorted.order[start..<end]
            if rows.count <= limit {
                kept += rows
            } else {
                var counts = [Int](repeating: 0, count: typeCount)
                let latestFirst = rows.sorted { (timestamps[Int($0)], $0) > (timestamps[Int($1)], $1) }
                kept += latestFirst.filter { row in
                    let type = type(types?[Int(row)], typeCount)
                    counts[type] += 1
                    return counts[type] <= limit
                }
            }
            offsets.append(kept.count)
        }
        return (offsets, kept)
    }

    private static func type(_ code: UInt32?, _ typeCount: Int) -> Int {
        guard let code, Int(code) < typeCount - 1 else { return typeCount - 1 }
        return Int(code)
    }

    /// A user's latest events, in no order.
    func events(of user: String) -> [Event] {
        guard let code = userIDs.code(of: user) else { return [] }
        return rows[offsets[Int(code)]..<offsets[Int(code) + 1]].map { row in
            let row = Int(row)
            return Event(
                item: items[row],
                timestamp: timestamps[row],
                row: row,
                type: Self.type(typeCodes?[row], types.count)
            )
        }
    }
}

/// The interactions of users with the items of a catalogue, over all snapshots of a dataset.
struct UserHistories: Sendable {
    private struct Part: Sendable {
        let events: UserEvents
        let codes: ItemCodes
    }

    private let parts: [Part]
    private let ids: CatalogIDs
    /// What came after the snapshots.
    let live: LiveEvents?

    /// The interactions of some snapshots, and of what came after them, with the items of a catalogue.
    init(_ events: [UserEvents], _ live: LiveEvents?, _ ids: CatalogIDs) {
        parts = events.map { Part(events: $0, codes: ItemCodes($0.itemIDs, ids)) }
        self.live = live
        self.ids = ids
    }

    /// The snapshots.
    var events: [UserEvents] { parts.map(\.events) }

    /// The items with which a user has had an interaction of a type that matches, of his latest of each type.
    func items(of user: String, where isWanted: (String) -> Bool) -> ItemSet {
        var found: [String: [Found]] = [:]
        for (index, part) in parts.enumerated() {
            let types = part.events.types.map { isWanted($0) ? $0 : nil }
            for event in part.events.events(of: user) {
                guard let type = types[event.type] else { continue }
                found[type, default: []].append(Found(part: index, event: event, code: part.codes[event.item]))
            }
        }
        for (row, event) in (live?.events(of: user) ?? []).enumerated() where isWanted(event.type) {
            let place = UserEvents.Event(item: 0, timestamp: event.timestamp, row: row, type: 0)
            found[event.type, default: []].append(
                Found(part: parts.count, event: place, code: ids.code(of: event.item))
            )
        }
        let codes = found.values.flatMap { list in
            guard list.count > UserEvents.limit else { return list.compactMap(\.code) }
            return list.sorted { $0.isLater(than: $1) }.prefix(UserEvents.limit).compactMap(\.code)
        }
        // From the highest, so that the set grows once.
        return ItemSet(codes.sorted(by: >))
    }
}

/// An event, in one of several snapshots.
private struct Found {
    let part: Int
    let event: UserEvents.Event
    let code: UInt32?

    /// Of events at the same time the one that came to us later is the later.
    func isLater(than other: Found) -> Bool {
        (event.timestamp, part, event.row) > (other.event.timestamp, other.part, other.event.row)
    }
}

/// The ids of a catalogue's items, by code.
enum CatalogIDs: Sendable {
    case table(IDTable)
    case list([String])

    var count: Int {
        switch self {
        case .table(let table): table.count
        case .list(let ids): ids.count
        }
    }

    func code(of id: String) -> UInt32? {
        switch self {
        case .table(let table): table.code(of: id)
        case .list(let ids): ids.firstIndex(of: id).map(UInt32.init)
        }
    }

    subscript(code: UInt32) -> String {
        switch self {
        case .table(let table): table[code]
        case .list(let ids): ids[Int(code)]
        }
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
