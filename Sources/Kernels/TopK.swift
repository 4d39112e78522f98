/// The best of many scored items: all that may be in are gathered, and the worst half thrown out when there are too many.
///
/// Of equal scores the lower item is the better.
public struct TopK: Sendable {
    /// An item and its score.
    public struct Entry: Sendable, Equatable {
        /// The item's code.
        public let item: UInt32
        /// Its score.
        public let score: Float

        /// An item and its score.
        ///
        /// - Parameters:
        ///   - item: The item's code.
        ///   - score: Its score.
        public init(item: UInt32, score: Float) {
            self.item = item
            self.score = score
        }
    }

    /// The most entries kept.
    public let capacity: Int
    /// What a score must exceed to be taken.
    public private(set) var threshold: Float
    /// The worst entry that is still in once there are enough.
    private var worst: UInt64 = 0
    /// The entries: their scores as ordered bits, then their items, turned round so that the lower is the greater.
    private var keys: [UInt64] = []
    private let limit: Int

    /// An empty selection.
    ///
    /// - Parameter capacity: The most entries to keep.
    public init(capacity: Int) {
        // There are no more items than codes of 32 bits.
        self.capacity = min(max(capacity, 0), 1 << 32)
        limit = self.capacity + max(self.capacity, 32)
        threshold = capacity > 0 ? -.infinity : .infinity
        keys.reserveCapacity(min(limit, 1024))
    }

    /// Offers an item; −∞ and not-a-number are never taken.
    @inline(__always)
    public mutating func insert(_ item: UInt32, score: Float) {
        guard score > threshold else { return }
        let key = Self.key(item, score)
        guard key > worst else { return }
        keys.append(key)
        if keys.count == limit { cut() }
    }

    /// The entries, the best first.
    public func sorted() -> [Entry] {
        var selection = self
        if keys.count > capacity { selection.cut() }
        selection.keys.sort(by: >)
        return selection.keys.map(Self.entry)
    }

    /// Keeps the best entries.
    private mutating func cut() {
        let count = capacity
        unsafe keys.withUnsafeMutableBufferPointer { unsafe Self.partition($0, first: count) }
        keys.removeLast(keys.count - capacity)
        worst = keys[capacity - 1]
        threshold = Self.entry(worst).score.nextDown
    }

    /// Moves the greatest keys to the front. [Hoare: "Algorithm 65: Find", 1961]
    private static func partition(_ keys: UnsafeMutableBufferPointer<UInt64>, first count: Int) {
        var (low, high) = (0, keys.count)
        while high - low > 1 {
            unsafe moveMedian(of: keys, low, high - 1)
            let pivot = unsafe keys[high - 1]
            var end = low
            // The borrow of a subtraction instead of a branch on the comparison, which nobody could predict.
            for index in low..<high - 1 {
                let key = unsafe keys[index]
                unsafe keys[index] = keys[end]
                unsafe keys[end] = key
                let borrow = (~pivot & key) | (~(pivot ^ key) & (pivot &- key))
                end &+= Int(truncatingIfNeeded: borrow >> 63)
            }
            unsafe keys.swapAt(end, high - 1)
            if count <= end { high = end } else { low = end + 1 }
        }
    }

    /// Moves the median of the first, the middle and the last of some keys to the last place.
    private static func moveMedian(of keys: UnsafeMutableBufferPointer<UInt64>, _ first: Int, _ last: Int) {
        let middle = (first + last) / 2
        if unsafe keys[middle] > keys[first] { unsafe keys.swapAt(middle, first) }
        if unsafe keys[last] > keys[first] { unsafe keys.swapAt(last, first) }
        if unsafe keys[middle] > keys[last] { unsafe keys.swapAt(middle, last) }
    }

    private static func key(_ item: UInt32, _ score: Float) -> UInt64 {
        // Adding zero makes a negative zero positive.
        let bits = (score + 0).bitPattern
        let ordered = bits ^ (bits >> 31 == 1 ? .max : 1 << 31)
        return UInt64(ordered) << 32 | UInt64(~item)
    }

    private static func entry(_ key: UInt64) -> Entry {
        let ordered = UInt32(truncatingIfNeeded: key >> 32)
        let bits = ordered ^ (ordered >> 31 == 1 ? 1 << 31 : .max)
        return Entry(item: ~UInt32(truncatingIfNeeded: key), score: Float(bitPattern: bits))
    }
}
