internal import Recommenders

/// What items that were put since the snapshots change in the sets of clauses, worked out once for each state of them.
struct LivePatches: Sendable {
    private var generation = -1
    private var codes: [(id: String, code: UInt32)] = []
    private var all = ItemSet()
    private var patches: [[[BoundCondition]]: ItemSet] = [:]

    /// How many clauses are kept.
    private static let limit = 256

    /// A set with the items that were put judged by what they are now.
    mutating func patched(
        _ stored: ItemSet,
        _ alternatives: [[BoundCondition]],
        _ live: LiveEntities,
        _ catalog: FilterCatalog
    ) -> ItemSet {
        let current = live.records.generation
        if current != generation {
            generation = current
            codes = live.ids.compactMap { id in catalog.ids.code(of: id).map { (id, $0) } }
            all = ItemSet(codes.map(\.code))
            patches = [:]
        }
        guard !codes.isEmpty else { return stored }
        var set = stored
        set.subtract(all)
        set.formUnion(matching(alternatives, catalog))
        return set
    }

    private mutating func matching(_ alternatives: [[BoundCondition]], _ catalog: FilterCatalog) -> ItemSet {
        if let known = patches[alternatives] { return known }
        let found = codes.filter { item in
            alternatives.contains { group in
                !group.isEmpty && group.allSatisfy { catalog.holds($0, of: item.id) }
            }
        }
        let matching = ItemSet(found.map(\.code))
        if patches.count >= Self.limit { patches = [:] }
        patches[alternatives] = matching
        return matching
    }
}

extension FilterCatalog {
    /// Whether a condition holds of an item, by its record.
    fileprivate func holds(_ condition: BoundCondition, of id: String) -> Bool {
        guard let (known, column) = items?.literals(condition.field.name, of: id), let kind = column.kind else {
            return false
        }
        return condition.comparison.holds(of: known, condition.literals, isNumber: kind.isNumber)
    }
}
