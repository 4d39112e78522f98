/// Teaches a network the next items of sequences, a window at a time: back-propagation through the window's time, the
/// cross-entropy of each target against a sample of items, and Adagrad.
///
/// The loss is corrected for how items are sampled [Jean, Cho, Memisevic, Bengio: "On using very large target vocabulary
/// for neural machine translation", 2015]; the steps are those of [Duchi, Hazan, Singer: "Adaptive subgradient methods",
/// 2011]. Lanes are worked on in groups whose size does not depend on the threads, and the groups' gradients are added
/// up in their order: the result is the same for any number of threads.
public struct SequenceTraining: ~Copyable {
    /// How a network is taught.
    public struct Settings: Sendable, Equatable {
        /// The share of the inputs' numbers that are left out at random.
        public var inputDropout: Float
        /// The share of the states' numbers that are left out at random where items are told from them.
        public var outputDropout: Float

        /// Settings.
        ///
        /// - Parameters:
        ///   - inputDropout: The share of the inputs' numbers that are left out.
        ///   - outputDropout: The share of the states' numbers that are left out.
        public init(inputDropout: Float = 0, outputDropout: Float = 0) {
            self.inputDropout = inputDropout
            self.outputDropout = outputDropout
        }
    }

    private static let groupSize = 4
    /// The unit's weights take shorter steps than the rows: each of them takes part in every score.
    private static let weightShare: Float = 0.2

    /// What is taught.
    public internal(set) var network: SequenceNetwork
    private let settings: Settings
    private let random: CounterRandom
    private var groups: [LaneGroup] = []
    private var squares: (table: Matrix, input: Matrix, recurrent: Matrix)
    private var gradients: SparseGradients
    private var windows: UInt64 = 0

    /// A training from a network's present weights.
    ///
    /// - Parameters:
    ///   - network: What is taught.
    ///   - settings: How.
    ///   - lanes: The number of lanes of all windows.
    ///   - steps: The number of steps of all windows.
    ///   - negatives: The most items of a sample.
    ///   - random: What is left out.
    public init(
        _ network: SequenceNetwork,
        settings: Settings,
        lanes: Int,
        steps: Int,
        negatives: Int,
        random: CounterRandom
    ) {
        self.network = network
        self.settings = settings
        self.random = random
        let width = 3 * network.unit.stride
        squares = (
            table: Matrix(rows: network.table.rows, columns: network.table.columns),
            input: Matrix(rows: network.unit.units, columns: width),
            recurrent: Matrix(rows: network.unit.units + 1, columns: width)
        )
        gradients = SparseGradients(like: network.table)
        groups = stride(from: 0, to: lanes, by: Self.groupSize).map { first in
            let lanes = first..<min(first + Self.groupSize, lanes)
            return LaneGroup(lanes: lanes, steps: steps, negatives: negatives, unit: network.unit)
        }
    }

    /// Learns from one window.
    ///
    /// - Parameters:
    ///   - batch: The window, which goes on where the last one ended.
    ///   - negatives: What targets are told from.
    ///   - learningRate: How far a first step of a row goes.
    ///   - threads: The most threads to work at once.
    /// - Returns: The mean cross-entropy of the targets before the step.
    public mutating func learn(
        from batch: SequenceBatch,
        against negatives: NegativeSample,
        learningRate: Float,
        threads: Int
    ) -> Double {
        let total = batch.weights.reduce(0, +)
        guard total > 0 else { return 0 }
        let shared = WindowWeights(network, negatives: negatives)
        let losses = losses(of: batch, shared: shared, scale: 1 / total, threads: threads)
        let active = zip(groups, losses).compactMap { $1 == nil ? nil : $0 }
        collect(batch, negatives, shared, active)
        update(active, learningRate: learningRate)
        return losses.reduce(0) { $0 + ($1 ?? 0) }
    }

    /// The mean loss over a window and its gradients, from which no step is made.
    mutating func gradients(
        of batch: SequenceBatch,
        against negatives: NegativeSample,
        threads: Int
    ) -> (loss: Double, table: Matrix, input: Matrix, recurrent: Matrix) {
        let shared = WindowWeights(network, negatives: negatives)
        let losses = losses(of: batch, shared: shared, scale: 1 / batch.weights.reduce(0, +), threads: threads)
        let active = zip(groups, losses).compactMap { $1 == nil ? nil : $0 }
        collect(batch, negatives, shared, active)
        addUp(active)
        var (input, recurrent) = (network.unit.input, network.unit.recurrent)
        active[0].inputWeights.copy(to: &input)
        active[0].recurrentWeights.copy(to: &recurrent)
        return (losses.reduce(0) { $0 + ($1 ?? 0) }, gradients.takeSums(), input, recurrent)
    }

    /// The loss of each group, which then holds its gradients.
    private mutating func losses(
        of batch: SequenceBatch,
        shared: WindowWeights,
        scale: Float,
        threads: Int
    ) -> [Double?] {
        precondition(batch.lanes == groups.last?.lanes.upperBound, "the window has other lanes than the training")
        let dropout = Dropout(
            input: settings.inputDropout,
            output: settings.outputDropout,
            random: CounterRandom(seed: random.bits(at: windows), stream: 3)
        )
        windows += 1
        let (groups, network) = (groups, network)
        // The blocks cannot fail.
        let losses = try? Parallel.mapBlocks(count: groups.count, blockSize: 1, threads: threads) { block in
            groups[block.lowerBound].work(on: batch, network: network, shared: shared, dropout: dropout, scale: scale)
        }
        return losses ?? []
    }

    /// Adds up the rows' gradients, in the order of the lanes.
    private mutating func collect(
        _ batch: SequenceBatch,
        _ negatives: NegativeSample,
        _ shared: WindowWeights,
        _ active: [LaneGroup]
    ) {
        let vectors = network.unit.vectors
        for group in active {
            for step in 0..<batch.steps {
                for lane in group.lanes where batch.weights[step * batch.lanes + lane] > 0 {
                    let position = step * batch.lanes + lane
                    let row = (step * group.lanes.count + lane - group.lanes.lowerBound) * vectors
                    unsafe gradients.add(
                        group.inputGradients.base + row,
                        item: batch.inputs[position],
                        bags: network.bags
                    )
                    unsafe gradients.add(
                        group.targetGradients.base + row,
                        item: batch.targets[position],
                        bags: network.bags
                    )
                }
            }
            shared.negativeGradients.add(group.negativeGradients, count: shared.count * vectors)
        }
        for (index, item) in negatives.items.enumerated() {
            unsafe gradients.add(
                shared.negativeGradients.base + index * vectors,
                item: item,
                bags: network.bags
            )
        }
    }

    private mutating func update(_ active: [LaneGroup], learningRate: Float) {
        let step = Adagrad(learningRate: learningRate)
        gradients.update(&network.table, squares: &squares.table, by: step)
        let dense = Adagrad(learningRate: learningRate * Self.weightShare)
        addUp(active)
        guard let sum = active.first else { return }
        dense.update(&network.unit.input, squares: &squares.input, gradients: sum.inputWeights)
        dense.update(&network.unit.recurrent, squares: &squares.recurrent, gradients: sum.recurrentWeights)
    }

    /// Adds the gradients of all groups' weights to the first one's, in order.
    private func addUp(_ active: [LaneGroup]) {
        guard let sum = active.first else { return }
        for group in active.dropFirst() {
            sum.inputWeights.add(group.inputWeights)
            sum.recurrentWeights.add(group.recurrentWeights)
        }
    }
}
