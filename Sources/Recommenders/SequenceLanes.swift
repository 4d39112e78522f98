internal import Kernels

/// The windows of one epoch: users' events go by in lanes, each user in one, the next where one ends.
///
/// Long histories are cut, each epoch at other places, so that no lane goes on alone when the others are done.
struct SequenceLanes {
    private let data: Interactions
    private let weights: [Float]
    private let lanes: Int
    private let steps: Int
    private var sequences: [Range<Int>]
    private var current: [Range<Int>]
    private var isFresh: [Bool]

    /// The windows of an epoch.
    ///
    /// - Parameters:
    ///   - data: All events.
    ///   - weights: How much each event counts as a target.
    ///   - size: The number of lanes and steps.
    ///   - longest: The most events of a sequence, two or more.
    ///   - random: The epoch's own numbers.
    init(
        _ data: Interactions,
        weights: [Float],
        size: (lanes: Int, steps: Int),
        longest: Int,
        random: CounterRandom
    ) {
        self.data = data
        self.weights = weights
        (lanes, steps) = size
        sequences = Self.sequences(of: data, longest: longest, random: random)
        for index in sequences.indices.dropFirst() {
            let other = random.bits(at: UInt64(index)) % UInt64(index + 1)
            sequences.swapAt(index, Int(other))
        }
        current = [Range<Int>](repeating: 0..<0, count: lanes)
        isFresh = [Bool](repeating: true, count: lanes)
    }

    /// The positions of events that go by without a break; where a history is cut, the last is the next one's first.
    private static func sequences(of data: Interactions, longest: Int, random: CounterRandom) -> [Range<Int>] {
        var sequences: [Range<Int>] = []
        for user in 0..<UInt32(data.userCount) {
            var rest = data.range(user: user)
            if rest.count > longest {
                let first = 2 + Int(random.bits(at: .max - UInt64(user)) % UInt64(longest - 1))
                sequences.append(rest.prefix(first))
                rest = rest.dropFirst(first - 1)
            }
            while rest.count >= 2 {
                sequences.append(rest.prefix(longest))
                rest = rest.dropFirst(longest - 1)
            }
        }
        return sequences
    }

    /// The next window, or nil at the end of the epoch.
    mutating func next() -> SequenceBatch? {
        guard !sequences.isEmpty || current.contains(where: { $0.count >= 2 }) else { return nil }
        var batch = SequenceBatch(lanes: lanes, steps: steps)
        for step in 0..<steps {
            for lane in 0..<lanes { take(lane, to: step * lanes + lane, of: &batch) }
        }
        return batch
    }

    private mutating func take(_ lane: Int, to position: Int, of batch: inout SequenceBatch) {
        if current[lane].count < 2 {
            guard let sequence = sequences.popLast() else { return }
            current[lane] = sequence
            isFresh[lane] = true
        }
        let event = current[lane].lowerBound
        batch.inputs[position] = data.items[event]
        batch.targets[position] = data.items[event + 1]
        batch.weights[position] = weights[event + 1]
        batch.starts[position] = isFresh[lane]
        isFresh[lane] = false
        current[lane].removeFirst()
    }
}
