/// The best of many scored items: a heap of fixed size whose root is the worst that is still in.
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

        @inline(__always)
        func isBetter(than other: Entry) -> Bool {
            score > other.score || (score == other.score && item < other.item)
        }
    }

    /// The most entries kept.
    public let capacity: Int
    /// What a score must exceed to be taken.
    public private(set) var threshold: Float
    private var heap: [Entry] = []

    /// An empty selection.
    ///
    /// - Parameter capacity: The most entries to keep.
    public init(capacity: Int) {
        self.capacity = max(capacity, 0)
        threshold = capacity > 0 ? -.infinity : .infinity
        heap.reserveCapacity(min(self.capacity, 1024))
    }

    /// Offers an item; −∞ and not-a-number are never taken.
    public mutating func insert(_ item: UInt32, score: Float) {
        let entry = Entry(item: item, score: score)
        if heap.count < capacity {
            guard score > -.infinity else { return }
            heap.append(entry)
            siftUp()
            if heap.count == capacity { threshold = heap[0].score.nextDown }
        } else if capacity > 0, entry.isBetter(than: heap[0]) {
            heap[0] = entry
            siftDown()
            threshold = heap[0].score.nextDown
        }
    }

    /// The entries, the best first.
    public func sorted() -> [Entry] { heap.sorted { $0.isBetter(than: $1) } }

    private mutating func siftUp() {
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[parent].isBetter(than: heap[child]) else { return }
            heap.swapAt(parent, child)
            child = parent
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var worst = parent
            for child in 2 * parent + 1...2 * parent + 2 where child < heap.count {
                if heap[worst].isBetter(than: heap[child]) { worst = child }
            }
            guard worst != parent else { return }
            heap.swapAt(parent, worst)
            parent = worst
        }
    }
}
