import FoundationEssentials

/// Counts what happens within a second of the clock.
struct Pace: Sendable, Equatable {
    private(set) var second = 0
    private(set) var count = 0

    /// Nothing yet, unless given.
    init(second: Int = 0, count: Int = 0) {
        self.second = second
        self.count = count
    }

    /// Counts one more; answers how many there were in this second.
    mutating func count(at now: Date) -> Int {
        let current = Int(now.timeIntervalSince1970.rounded(.down))
        if current != second { self = Pace(second: current) }
        count += 1
        return count
    }
}
