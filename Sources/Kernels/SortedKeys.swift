internal import CKernels

/// Keys that are put in order again and again, in memory of their own: a length above the number of what is so far away.
struct SortedKeys {
    /// From how many keys on another sort is faster than counting for each how many are less.
    private static let limit = 256

    /// How many keys there are.
    private(set) var count = 0
    private var keys: [UInt64]
    private var ordered: [UInt64]

    init(capacity: Int) {
        keys = [UInt64](repeating: 0, count: capacity + 8)
        ordered = keys
    }

    /// Takes away all keys.
    mutating func removeAll() { count = 0 }

    /// Adds a key, less than the greatest number there is.
    mutating func append(_ key: UInt64) {
        if count + 8 >= keys.count {
            keys += [UInt64](repeating: 0, count: keys.count)
            ordered = keys
        }
        keys[count] = key
        count += 1
    }

    /// Takes the places of a line that are no farther than a bound, but for one, in place of what there is.
    mutating func take(from line: UnsafeBufferPointer<UInt32>, upTo bound: UInt32, except place: Int) {
        guard let base = line.baseAddress else { return count = 0 }
        precondition(line.count + 8 <= keys.count, "there is no room for so many keys")
        count = unsafe millrace_take(base, line.count, bound, place, &keys)
    }

    /// The keys in order, equal ones once.
    mutating func sorted() -> ArraySlice<UInt64> {
        guard count <= Self.limit else {
            var distinct: [UInt64] = []
            for key in keys[0..<count].sorted() where distinct.last != key { distinct.append(key) }
            return distinct[...]
        }
        let distinct = unsafe millrace_sort(&keys, count, &ordered)
        return ordered[0..<distinct]
    }
}
