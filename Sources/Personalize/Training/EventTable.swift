internal import Kernels

/// The interactions of one snapshot, as codes into its own tables of ids.
struct EventTable: Sendable {
    let users: MappedArray<UInt32>
    let items: MappedArray<UInt32>
    let timestamps: MappedArray<Int64>
    let types: MappedArray<UInt32>?
    let values: MappedArray<Float>?
    let userIDs: [String]
    let itemIDs: [String]
    let typeNames: [String]

    var count: Int { users.count }

    /// Whether any event has a value above zero.
    var hasRatings: Bool { (0..<count).contains { rating(at: $0) > 0 } }

    /// The value of an event, 0 when it has none above that.
    func rating(at row: Int) -> Float {
        guard let value = values?[row], value > 0, value.isFinite else { return 0 }
        return value
    }
}

/// Which interactions count, and how much, by the configuration of a solution.
struct EventRules: Sendable, Equatable {
    /// One type of event.
    struct Rule: Sendable, Equatable {
        var minimumValue: Double?
        var weight: Float = 1
    }

    /// The rule of every type that counts; `nil` when all types count alike.
    private(set) var byType: [String: Rule]?
    /// The least value of an event, whatever its type.
    private(set) var minimumValue: Double?
    /// Whether an event's value is a rating and all that counts: one without a value above zero is left out.
    var areRatings = false

    /// Whether an event counts.
    func counts(type: String, value: Double?) -> Bool {
        var minimum = minimumValue
        if let byType {
            guard let rule = byType.first(where: { $0.key.lowercased() == type.lowercased() })?.value else {
                return false
            }
            guard rule.weight > 0 else { return false }
            minimum = rule.minimumValue ?? minimumValue
        }
        if areRatings, (value ?? 0) <= 0 { return false }
        guard let minimum else { return true }
        return value.map { $0 >= minimum } ?? false
    }

    /// How much each event of a table counts, 0 leaves it out; `nil` when all count 1.
    func weights(of table: EventTable) -> [Float]? {
        guard byType != nil || minimumValue != nil || areRatings else { return nil }
        let rules: [Rule?] =
            byType.map { byType in
                let folded = Dictionary(byType.map { ($0.key.lowercased(), $0.value) }) { first, _ in first }
                return table.typeNames.map { folded[$0.lowercased()] }
            } ?? []
        let weights = (0..<table.count).map { weight(at: $0, of: table, rules) }
        guard areRatings else { return weights }
        return weights.enumerated().map { $1 > 0 ? table.rating(at: $0) : 0 }
    }

    private func weight(at row: Int, of table: EventTable, _ rules: [Rule?]) -> Float {
        var rule = Rule()
        if byType != nil {
            guard let types = table.types, Int(types[row]) < rules.count, let found = rules[Int(types[row])] else {
                return 0
            }
            rule = found
        }
        guard let minimum = rule.minimumValue ?? minimumValue else { return rule.weight }
        // An event without a value is NaN, which is at least nothing.
        guard let value = table.values?[row], Double(value) >= minimum else { return 0 }
        return rule.weight
    }
}
