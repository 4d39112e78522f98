/// Which snapshots of what was put one by one are merged into one.
enum Compaction {
    /// The snapshots to merge, next to one another, so that rows stay in their order; `nil` when there are not too many.
    ///
    /// A snapshot is written again only with others that together are half as large at least: each row is written again
    /// as many times as the logarithm of how many there are.
    static func range(of snapshots: [DatasetSnapshot], limit: Int) -> Range<Int>? {
        guard snapshots.count(where: { $0.source == .put }) > limit else { return nil }
        let run = longestRun(snapshots)
        guard run.count > 1 else { return nil }
        var lower = run.upperBound - 2
        var rowCount = snapshots[lower...].prefix(2).reduce(0) { $0 + $1.rowCount }
        while lower > run.lowerBound, snapshots[lower - 1].rowCount <= 2 * rowCount {
            lower -= 1
            rowCount += snapshots[lower].rowCount
        }
        return lower..<run.upperBound
    }

    /// The most snapshots next to one another that hold what was put, of two such runs the later.
    private static func longestRun(_ snapshots: [DatasetSnapshot]) -> Range<Int> {
        var longest = 0..<0
        var start = 0
        for (index, snapshot) in snapshots.enumerated() {
            guard snapshot.source == .put else {
                start = index + 1
                continue
            }
            if index + 1 - start >= longest.count { longest = start..<index + 1 }
        }
        return longest
    }

    /// Parts with only those names that somebody knows, as few as tell them apart.
    static func pruned(_ parts: [DatasetSnapshot.Part], known: Set<String>) -> [DatasetSnapshot.Part] {
        var pruned: [DatasetSnapshot.Part] = []
        for part in parts {
            let names = part.names.filter(known.contains)
            if pruned.last?.names == names {
                pruned[pruned.count - 1].rowCount += part.rowCount
            } else {
                pruned.append(DatasetSnapshot.Part(names: names, rowCount: part.rowCount))
            }
        }
        return pruned.count == 1 && pruned[0].names.isEmpty ? [] : pruned
    }
}
