/// A set of item codes, a bit each.
public struct ItemSet: Sendable, Equatable, ExpressibleByArrayLiteral {
    @usableFromInline var words: [UInt64] = []

    /// A set of codes.
    @inlinable
    public init(_ items: some Sequence<UInt32>) {
        for item in items { insert(item) }
    }

    /// A set of codes.
    @inlinable
    public init(_ items: some Collection<UInt32>) {
        guard let last = items.max() else { return }
        // As long as it has to be from the start.
        words = [UInt64](repeating: 0, count: Int(last >> 6) + 1)
        for item in items { insert(item) }
    }

    /// A set of codes.
    public init(arrayLiteral items: UInt32...) { self.init(items) }

    /// All codes below a count.
    public init(allBelow count: Int) {
        words = [UInt64](repeating: .max, count: count / 64)
        if count % 64 > 0 { words.append(1 << UInt64(count % 64) - 1) }
    }

    /// Whether there is no code in it.
    public var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// The number of codes in it.
    public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// The codes in it, ascending.
    public var codes: [UInt32] {
        words.indices.flatMap { word in
            (0..<64).lazy.filter { words[word] >> UInt64($0) & 1 == 1 }.map { UInt32(word * 64 + $0) }
        }
    }

    /// Whether a code is in it.
    public func contains(_ item: UInt32) -> Bool {
        let word = Int(item >> 6)
        return word < words.count && words[word] >> UInt64(item & 63) & 1 == 1
    }

    /// Adds a code.
    @inlinable
    public mutating func insert(_ item: UInt32) {
        let word = Int(item >> 6)
        if word >= words.count { words += [UInt64](repeating: 0, count: word + 1 - words.count) }
        words[word] |= 1 << UInt64(item & 63)
    }

    /// Adds the codes of another set.
    public mutating func formUnion(_ other: ItemSet) {
        if other.words.count > words.count {
            words += [UInt64](repeating: 0, count: other.words.count - words.count)
        }
        for word in other.words.indices { words[word] |= other.words[word] }
    }

    /// Takes the codes of another set away.
    public mutating func subtract(_ other: ItemSet) {
        for word in 0..<min(words.count, other.words.count) { words[word] &= ~other.words[word] }
    }

    /// The codes below a count that are not in it.
    public func complement(below count: Int) -> ItemSet {
        var rest = ItemSet(allBelow: count)
        rest.subtract(self)
        return rest
    }

    /// Whether two sets hold the same codes.
    public static func == (left: ItemSet, right: ItemSet) -> Bool {
        let (short, long) =
            left.words.count < right.words.count ? (left.words, right.words) : (right.words, left.words)
        return long.starts(with: short) && long.dropFirst(short.count).allSatisfy { $0 == 0 }
    }
}

extension ItemSet {
    /// A set of the codes whose bits are set, 64 to a word.
    init(words: [UInt64]) { self.words = words }

    /// The codes that are in another set too.
    public func intersection(_ other: ItemSet) -> ItemSet {
        var common = self
        for word in words.indices { common.words[word] &= word < other.words.count ? other.words[word] : 0 }
        return common
    }
}
