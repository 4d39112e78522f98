import FoundationEssentials

/// The timers of many executions, the earliest first, and those of one time in the order in which they were started:
/// a binary heap.
struct TimerQueue {
    struct Entry {
        let date: Date
        let execution: Int
        let timer: Int
        fileprivate let number: Int

        fileprivate static func < (left: Entry, right: Entry) -> Bool {
            (left.date, left.number) < (right.date, right.number)
        }
    }

    private var entries: [Entry] = []
    private var count = 0

    mutating func insert(_ date: Date, execution: Int, timer: Int) {
        entries.append(Entry(date: date, execution: execution, timer: timer, number: count))
        count += 1
        var child = entries.count - 1
        while child > 0, entries[child] < entries[(child - 1) / 2] {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func next() -> Entry? {
        guard !entries.isEmpty else { return nil }
        entries.swapAt(0, entries.count - 1)
        let first = entries.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count {
                if entries[child] < entries[least] { least = child }
            }
            guard least != parent else { return first }
            entries.swapAt(parent, least)
            parent = least
        }
    }
}
