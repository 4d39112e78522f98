internal import JSON

/// Compares what a shadow would have answered with what was answered, by what users then found by themselves.
///
/// An item that a user took from an answer was shown to him by it and says nothing of the shadow. So only events count
/// that name no recommendation, each for the latest answer to its user.
struct ShadowComparison {
    private struct Key: Hashable {
        let trial: String
        let user: RecordID
    }

    private struct Pair {
        let number: Int
        let served: [String]
        let shadow: [String]
    }

    /// So many answers are remembered for what users will do after them.
    private static let limit = 10_000

    private var pairs: [Key: Pair] = [:]
    private var order: [Key] = []
    private var dropped = 0

    /// Takes up an answer and the shadow's.
    mutating func add(user: String, trial: String, served: [String], shadow: [String]) -> ShadowTally {
        let key = Key(trial: trial, user: RecordID(user))
        pairs[key] = Pair(number: dropped + order.count, served: served, shadow: shadow)
        order.append(key)
        if order.count >= 2 * Self.limit { dropOldest() }
        var tally = ShadowTally(trial: trial)
        let first = served.prefix(10)
        let others = Set(shadow.prefix(10))
        tally.answers = 1
        tally.overlap = first.isEmpty ? 0 : Double(first.count { others.contains($0) }) / Double(first.count)
        return tally
    }

    private mutating func dropOldest() {
        for (offset, key) in order.prefix(Self.limit).enumerated() where pairs[key]?.number == dropped + offset {
            pairs[key] = nil
        }
        order.removeFirst(Self.limit)
        dropped += Self.limit
    }

    /// Takes up that a user found an item by himself; `nil` when no answer to him is remembered.
    func outcome(user: String, trial: String, item: String) -> ShadowTally? {
        guard let pair = pairs[Key(trial: trial, user: RecordID(user))] else { return nil }
        var tally = ShadowTally(trial: trial)
        let rank = { (items: [String]) in items.firstIndex(of: item).map { 1 / Double($0 + 1) } ?? 0 }
        tally.outcomes = 1
        tally.servedRank = rank(pair.served)
        tally.shadowRank = rank(pair.shadow)
        let difference = tally.shadowRank - tally.servedRank
        tally.squares = difference * difference
        return tally
    }
}

extension ShadowTally {
    static func += (left: inout ShadowTally, right: ShadowTally) {
        left.answers += right.answers
        left.overlap += right.overlap
        left.outcomes += right.outcomes
        left.servedRank += right.servedRank
        left.shadowRank += right.shadowRank
        left.squares += right.squares
    }

    /// The mean difference of ranks, the shadow's less the answer's, and what is sure of it.
    func finding(_ test: SequentialTest) -> SequentialTest.Finding {
        let count = Double(max(outcomes, 1))
        let mean = (shadowRank - servedRank) / count
        // One difference of the greatest size is added, so that none that has seen but one size counts as certain.
        return test.finding(mean, variance: max((squares + 1) / count - mean * mean, 0) / count)
    }
}
