internal import Kernels
internal import Recommenders

/// A column of a catalogue, turned round: from values to items.
enum ColumnIndex: Sendable {
    case categories(CategoryIndex)
    case numbers(NumberIndex)

    /// The items for which a comparison with some values holds.
    ///
    /// An item without a value has no category, so that NOT IN holds for it, and no number, so that no comparison of
    /// numbers does.
    func items(_ comparison: Comparison, _ literals: [FilterLiteral]) -> ItemSet {
        switch self {
        case .categories(let index):
            let found = index.items(withAnyOf: Set(literals.compactMap(\.text)))
            return comparison.isNegated ? found.complement(below: index.itemCount) : found
        case .numbers(let index): return index.items(comparison, literals.compactMap(\.number))
        }
    }
}

/// The items of each category, ascending.
struct CategoryIndex: Sendable {
    let itemCount: Int
    private let codes: [String: Int]
    private let offsets: [Int]
    private let items: [UInt32]

    /// An index of what each item, by code, has.
    init(_ rows: some Collection<[Substring]>) {
        var codes: [String: Int] = [:]
        var keys: [UInt32] = []
        var owners: [UInt32] = []
        for (item, categories) in zip(UInt32(0)..., rows) {
            for category in categories {
                let next = codes.count
                keys.append(UInt32(codes[String(category), default: next]))
                if keys.last == UInt32(next) { codes[String(category)] = next }
                owners.append(item)
            }
        }
        let sorted = CountingSort(keys: keys, count: codes.count)
        itemCount = rows.count
        self.codes = codes
        offsets = sorted.offsets
        items = sorted.order.map { owners[Int($0)] }
    }

    func items(withAnyOf categories: Set<String>) -> ItemSet {
        var found = ItemSet()
        for category in categories {
            guard let code = codes[category] else { continue }
            // From the highest, so that the set grows once.
            for item in items[offsets[code]..<offsets[code + 1]].reversed() { found.insert(item) }
        }
        return found
    }
}

/// The items in the order of a number, with the sets of the first so many at hand: what lies below a number is such a set
/// and a few items more, wherever the number lies.
struct NumberIndex: Sendable {
    private let values: [Double]
    private let items: [UInt32]
    /// The sets of the first 0, `step`, 2 × `step` … items, and of all.
    private let prefixes: [ItemSet]
    private let all: ItemSet
    private let step: Int

    private static let prefixCount = 64

    /// An index of each item's number, by code; `nil` or not a number where it has none.
    init(_ numbers: some Collection<Double?>) {
        let known = zip(UInt32(0)..., numbers).compactMap { item, number in
            number.flatMap { $0.isNaN ? nil : (item: item, value: $0) }
        }
        .sorted { ($0.value, $0.item) < ($1.value, $1.item) }
        values = known.map(\.value)
        items = known.map(\.item)
        step = max(known.count / Self.prefixCount, 1024)
        var prefix = ItemSet()
        var prefixes: [ItemSet] = []
        for (position, entry) in known.enumerated() {
            if position % step == 0 { prefixes.append(prefix) }
            prefix.insert(entry.item)
        }
        self.prefixes = prefixes
        all = prefix
    }

    func items(_ comparison: Comparison, _ wanted: [Double]) -> ItemSet {
        switch comparison {
        case .isIn, .equal: return equal(to: wanted)
        case .isNotIn, .notEqual: return wanted.isEmpty ? [] : rest(of: equal(to: wanted))
        case .less, .lessOrEqual, .greater, .greaterOrEqual: break
        }
        guard let bound = wanted.first else { return [] }
        let includesBound = comparison == .lessOrEqual || comparison == .greater
        let below = first(includesBound ? end(of: bound) : start(of: bound))
        return comparison == .less || comparison == .lessOrEqual ? below : rest(of: below)
    }

    private func equal(to wanted: [Double]) -> ItemSet {
        var found = ItemSet()
        for value in wanted {
            for item in items[start(of: value)..<end(of: value)].reversed() { found.insert(item) }
        }
        return found
    }

    private func rest(of found: ItemSet) -> ItemSet {
        var rest = all
        rest.subtract(found)
        return rest
    }

    /// The items with the so many lowest numbers.
    private func first(_ count: Int) -> ItemSet {
        guard count < items.count else { return all }
        let prefix = count / step
        var found = prefixes[prefix]
        for item in items[prefix * step..<count] { found.insert(item) }
        return found
    }

    private func start(of value: Double) -> Int { position { $0 < value } }

    private func end(of value: Double) -> Int { position { $0 <= value } }

    private func position(_ isBefore: (Double) -> Bool) -> Int {
        var (low, high) = (0, values.count)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(values[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
