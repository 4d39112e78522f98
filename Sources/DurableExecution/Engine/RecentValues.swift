/// A bounded number of values, of which those set longest ago are forgotten first.
struct RecentValues<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let limit: Int
    private var values: [Key: (value: Value, age: Int)] = [:]
    /// Keys in the order in which they were set; those that were set again later or removed are passed over.
    private var order: [(key: Key, age: Int)] = []
    private var nextAge = 0

    init(limit: Int) { self.limit = limit }

    subscript(key: Key) -> Value? { values[key]?.value }

    mutating func insert(_ value: Value, for key: Key) {
        nextAge += 1
        values[key] = (value, nextAge)
        order.append((key, nextAge))
        if values.count > limit || order.count > 4 * limit + 16 { forget() }
    }

    mutating func remove(_ key: Key) -> Value? { values.removeValue(forKey: key)?.value }

    mutating func removeAll() {
        values = [:]
        order = []
    }

    /// Forgets down to three quarters at once, so that most insertions cost nothing.
    private mutating func forget() {
        var current = order.filter { values[$0.key]?.age == $0.age }
        let surplus = values.count > limit ? values.count - limit * 3 / 4 : 0
        for entry in current.prefix(surplus) { values[entry.key] = nil }
        current.removeFirst(surplus)
        order = current
    }
}
