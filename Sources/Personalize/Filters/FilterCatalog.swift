internal import JSON
internal import Recommenders
internal import Synchronization

/// A catalogue of items as filters are evaluated on it, and what has been found out about it.
///
/// A column is turned round when it is first asked for, and the sets of a clause are kept for as long as there is room; a
/// filter costs then as much as it takes to join a few sets of bits. It belongs to one state of a campaign's data and
/// goes with it.
final class FilterCatalog: Sendable {
    /// The records of a dataset.
    struct Dataset: Sendable {
        let table: EntityTable
        let schema: Schema
    }

    /// What is filtered.
    let subject: FilterExpression.Subject
    let ids: CatalogIDs
    let items: Dataset?
    let users: Dataset?
    let histories: UserHistories
    private let columns = Mutex<[String: ColumnIndex]>([:])
    private let cache: Mutex<FilterCache>
    private let patches = Mutex(LivePatches())

    /// A catalogue.
    ///
    /// - Parameters:
    ///   - ids: The items.
    ///   - items: What is known of them.
    ///   - users: What is known of users.
    ///   - events: What users have done.
    ///   - live: What they have done since.
    ///   - subject: What the items are.
    init(
        ids: CatalogIDs,
        items: Dataset?,
        users: Dataset?,
        events: [UserEvents],
        live: LiveEvents? = nil,
        subject: FilterExpression.Subject = .item
    ) {
        self.subject = subject
        self.ids = ids
        self.items = items
        self.users = users
        histories = UserHistories(events, live, ids)
        cache = Mutex(FilterCache(setSize: ids.count / 8))
    }

    /// The same for other items.
    func catalog(of ids: [String]) -> FilterCatalog { catalog(of: .list(ids)) }

    /// The same for other items.
    func catalog(of ids: CatalogIDs) -> FilterCatalog {
        FilterCatalog(
            ids: ids,
            items: items,
            users: users,
            events: histories.events,
            live: histories.live,
            subject: subject
        )
    }

    /// The items for which one of several groups of conditions on Items holds whole.
    func items(matching alternatives: [[BoundCondition]]) -> ItemSet {
        let stored = storedItems(matching: alternatives)
        guard let live = items?.table.live else { return stored }
        return patches.withLock { $0.patched(stored, alternatives, live, self) }
    }

    private func storedItems(matching alternatives: [[BoundCondition]]) -> ItemSet {
        if let known = cache.withLock({ $0[alternatives] }) { return known }
        var matching = ItemSet()
        for group in alternatives {
            var common: ItemSet?
            for condition in group {
                let found = column(condition.field)?.items(condition.comparison, condition.literals) ?? []
                common = common?.intersection(found) ?? found
            }
            matching.formUnion(common ?? [])
        }
        cache.withLock { $0[alternatives] = matching }
        return matching
    }

    /// How a column is filtered by; `nil` when there is none of the name.
    func itemColumn(_ name: String) -> FilterColumn? { items.flatMap { FilterColumn(name, in: $0.schema) } }

    /// The index of a column; two requests that come at once may both build it.
    func column(_ column: FilterColumn) -> ColumnIndex? {
        if let known = columns.withLock({ $0[column.name] }) { return known }
        guard let items, let kind = column.kind else { return nil }
        let values = (0..<UInt32(ids.count)).lazy.map { code in
            items.table.row(of: self.ids[code]).map { items.table.value(column.name, at: $0) } ?? .null
        }
        let index: ColumnIndex =
            kind.isNumber
            ? .numbers(NumberIndex(values.map(\.double)))
            : .categories(CategoryIndex(values.map { $0.texts(kind) }))
        columns.withLock { $0[column.name] = index }
        return index
    }
}

extension FilterCatalog.Dataset {
    /// What a record has in a column, as literals; none when there is no such record, column or value.
    func literals(_ field: String, of id: String) -> (literals: [FilterLiteral], column: FilterColumn)? {
        guard let column = FilterColumn(field, in: schema), let kind = column.kind else { return nil }
        guard let row = table.row(of: id) else { return ([], column) }
        let value = table.value(column.name, at: row)
        if kind.isNumber { return (value.double.map { [.number($0)] } ?? [], column) }
        return (value.texts(kind).map { .text(String($0)) }, column)
    }
}

extension JSON {
    /// The texts that a value stands for.
    fileprivate func texts(_ kind: FilterColumn.Kind) -> [Substring] {
        guard let string else { return [] }
        return kind == .categories ? string.split(separator: "|") : [string[...]]
    }
}

/// A condition on a column, with its values.
struct BoundCondition: Sendable, Hashable {
    let field: FilterColumn
    let comparison: Comparison
    let literals: [FilterLiteral]
}

/// The sets of clauses; when there is no more room the half that was not asked for longest is dropped.
struct FilterCache: Sendable {
    private struct Entry {
        let set: ItemSet
        var lastUse: Int
    }

    private var entries: [[[BoundCondition]]: Entry] = [:]
    private var uses = 0
    private let capacity: Int

    /// How many bytes all sets together may have.
    private static let size = 32 << 20

    /// A cache for sets of so many bytes each.
    init(setSize: Int) { capacity = min(max(Self.size / max(setSize, 1), 16), 1024) }

    subscript(alternatives: [[BoundCondition]]) -> ItemSet? {
        mutating get {
            uses += 1
            entries[alternatives]?.lastUse = uses
            return entries[alternatives]?.set
        }
        set {
            guard let newValue else { return }
            if entries.count >= capacity { makeRoom() }
            uses += 1
            entries[alternatives] = Entry(set: newValue, lastUse: uses)
        }
    }

    private mutating func makeRoom() {
        let ages = entries.values.map(\.lastUse).sorted()
        let limit = ages[ages.count / 2]
        entries = entries.filter { $0.value.lastUse > limit }
    }
}
