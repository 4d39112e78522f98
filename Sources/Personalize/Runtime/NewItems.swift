internal import JSON
internal import Kernels
internal import Recommenders
internal import Synchronization

/// The items that a campaign may explore: those that nobody had met when its model was trained, and those that came to be
/// not long before the newest interaction.
///
/// An item that is put is among them from the next request on. What was put is looked through once for each state of it;
/// drawing costs a few look-ups an item, however many there are.
final class NewItems: Sendable {
    /// Items that the model does not know, with what filters are evaluated on.
    fileprivate struct Shelf: Sendable {
        let ids: [String]
        let filters: FilterCatalog
    }

    /// What has changed by items that were put since the snapshots.
    fileprivate struct Change: Sendable {
        var generation = -1
        var shelf: Shelf?
        /// Items of the model that are new by what was put.
        var young: [UInt32] = []
        /// Items of the model that were put again and are not new.
        var aged = ItemSet()
    }

    fileprivate let known: [UInt32]
    fileprivate let stored: Shelf?
    private let filters: FilterCatalog
    private let start: Int64
    private let change = Mutex(Change())

    /// The new items of a catalogue, which has the items of a model.
    ///
    /// - Parameters:
    ///   - filters: The catalogue, with the Items dataset.
    ///   - start: The time from which on an item counts as new.
    init(_ filters: FilterCatalog, since start: Int64) {
        self.filters = filters
        self.start = start
        var known: [UInt32] = []
        var unknown: [String] = []
        for id in filters.items?.table.ids ?? [] {
            guard let code = filters.ids.code(of: id) else {
                unknown.append(id)
                continue
            }
            if filters.isNew(id, since: start) { known.append(code) }
        }
        self.known = known.sorted()
        stored = Shelf(unknown, filters)
    }

    /// New items of which a request leaves some, drawn without putting any back; all are equally likely.
    ///
    /// - Parameters:
    ///   - count: How many are wanted; fewer come where there are not as many.
    ///   - random: What decides.
    ///   - isLeft: Whether a request leaves an item of the model.
    ///   - requests: The filters that hold.
    ///   - user: The user whose items are left out, if any are.
    /// - Returns: The items, in the order in which they were drawn.
    /// - Throws: `PersonalizeError` with `invalidInput` for values that a filter cannot take.
    func draw(
        _ count: Int,
        _ random: CounterRandom,
        isLeft: (UInt32) -> Bool,
        _ requests: [FilterRequest],
        met user: String?
    ) throws(PersonalizeError) -> [AnsweredItem] {
        guard count > 0 else { return [] }
        let change = current()
        var lot = Lot(known: known, change, [stored, change.shelf].compactMap(\.self))
        for index in lot.shelves.indices { try lot.restrict(index, requests, met: user) }
        return lot.draw(count, random) { !change.aged.contains($0) && isLeft($0) }
    }

    /// What was put, as it is now.
    private func current() -> Change {
        guard let live = filters.items?.table.live else { return Change() }
        let generation = live.records.generation
        return change.withLock { change in
            guard change.generation != generation else { return change }
            change = look(live)
            change.generation = generation
            return change
        }
    }

    private func look(_ live: LiveEntities) -> Change {
        var change = Change()
        let known = ItemSet(known)
        var unknown: [String] = []
        for id in live.ids {
            guard let code = filters.ids.code(of: id) else {
                if stored?.filters.ids.code(of: id) == nil { unknown.append(id) }
                continue
            }
            guard filters.isNew(id, since: start) else {
                change.aged.insert(code)
                continue
            }
            if !known.contains(code) { change.young.append(code) }
        }
        change.young.sort()
        change.shelf = Shelf(unknown, filters)
        return change
    }
}

extension NewItems.Shelf {
    /// A shelf of items; nil for none.
    init?(_ ids: [String], _ filters: FilterCatalog) {
        guard !ids.isEmpty else { return nil }
        let sorted = ids.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        self.ids = sorted
        self.filters = filters.catalog(of: .sorted(sorted))
    }
}

extension FilterCatalog {
    /// Whether an item came to be at a time or after it; not, when nothing is said of when it did.
    fileprivate func isNew(_ id: String, since start: Int64) -> Bool {
        guard let table = items?.table, let row = table.row(of: id) else { return false }
        return table.value("CREATION_TIMESTAMP", at: row).int.map { Int64($0) >= start } ?? false
    }
}

/// All that can be drawn for one request, as one row of places.
private struct Lot {
    let known: [UInt32]
    let young: [UInt32]
    let shelves: [NewItems.Shelf]
    private var excluded: [ItemSet]

    init(known: [UInt32], _ change: NewItems.Change, _ shelves: [NewItems.Shelf]) {
        self.known = known
        young = change.young
        self.shelves = shelves
        excluded = shelves.map { _ in [] }
    }

    private var count: Int { shelves.reduce(known.count + young.count) { $0 + $1.ids.count } }

    /// Takes out of a shelf what filters do, and what the user has met.
    mutating func restrict(_ index: Int, _ requests: [FilterRequest], met user: String?) throws(PersonalizeError) {
        let filters = shelves[index].filters
        let restriction = try filters.restriction(requests)
        excluded[index] = restriction?.excluded ?? []
        guard let user, restriction?.wantsMetItems != true else { return }
        excluded[index].formUnion(filters.histories.items(of: user) { _ in true })
    }

    func draw(_ wanted: Int, _ random: CounterRandom, isLeft: (UInt32) -> Bool) -> [AnsweredItem] {
        var drawn: [Int] = []
        var position: UInt64 = 0
        // Where most places are left, a few draws find enough of them.
        while drawn.count < wanted, drawn.count < count, position < UInt64(4 * wanted + 32) {
            let place = Int(random.bits(at: position) % UInt64(count))
            position += 1
            if !drawn.contains(place), item(at: place, isLeft) != nil { drawn.append(place) }
        }
        if drawn.count < wanted {
            var rest = (0..<count).filter { !drawn.contains($0) && item(at: $0, isLeft) != nil }
            while drawn.count < wanted, !rest.isEmpty {
                rest.swapAt(Int(random.bits(at: position) % UInt64(rest.count)), rest.count - 1)
                position += 1
                drawn.append(rest.removeLast())
            }
        }
        return drawn.compactMap { item(at: $0, isLeft) }
    }

    /// What lies at a place; nil when it is left out.
    private func item(at place: Int, _ isLeft: (UInt32) -> Bool) -> AnsweredItem? {
        var place = place
        for codes in [known, young] {
            if place < codes.count { return isLeft(codes[place]) ? AnsweredItem(exploring: codes[place]) : nil }
            place -= codes.count
        }
        for (shelf, excluded) in zip(shelves, excluded) {
            if place < shelf.ids.count {
                return excluded.contains(UInt32(place)) ? nil : AnsweredItem(exploring: shelf.ids[place])
            }
            place -= shelf.ids.count
        }
        return nil
    }
}

extension AnsweredItem {
    /// An item of the model that is explored.
    fileprivate init(exploring code: UInt32) {
        self.init(item: ScoredItem(item: code, score: Exploration.score), isExplored: true)
    }

    /// An item that the model does not know.
    fileprivate init(exploring id: String) {
        self.init(item: ScoredItem(item: .max, score: Exploration.score), unknownID: id, isExplored: true)
    }
}

extension FilterCatalog {
    /// When the newest interaction of the snapshots happened; nil when there is none.
    var newestEvent: Int64? { histories.events.compactMap { $0.timestamps.max() }.max() }
}
