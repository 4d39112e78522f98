internal import Kernels

extension RecurrentNetwork {
    /// Learns the network.
    ///
    /// - Parameters:
    ///   - data: What to learn from; what its `itemFeatures` are used for is a matter of the settings.
    ///   - configuration: The settings.
    ///   - context: Threads, seed, progress and cancellation.
    /// - Returns: The model, with each user's last state.
    /// - Throws: `CancellationError` when it is cancelled, `RecommenderError` with `insufficientData` without events.
    public static func fit(
        _ data: Interactions,
        configuration: Configuration,
        context: TrainingContext
    ) throws -> RecurrentNetwork {
        try fit(data, configuration: configuration, known: nil, context: context)
    }

    /// Learns on from where this model stands: an eighth of its epochs over all events, in short steps.
    ///
    /// - Parameters:
    ///   - data: All events.
    ///   - itemCodes: The code that each of this model's items has in the data, `EventColumns.none` where it is gone; nil
    ///     when their codes are as they were and new ones follow.
    ///   - context: Threads, seed, progress and cancellation.
    /// - Returns: The model that knows the new events.
    /// - Throws: `CancellationError` when it is cancelled, `RecommenderError` with `insufficientData` without events, or
    ///   with `invalidData` where items are fewer than before, or codes are not those of the data.
    public func updated(
        with data: Interactions,
        itemCodes: [UInt32]? = nil,
        context: TrainingContext
    ) throws -> RecurrentNetwork {
        var rows = try items.moved(to: itemCodes, of: data)
        rows.addMultiple(of: try data.meansBesideNewItems(of: rows), factor: 1)
        return try Self.fit(data, configuration: configuration, known: (unit, rows), context: context)
    }

    private static func fit(
        _ data: Interactions,
        configuration: Configuration,
        known: KnownNetwork?,
        context: TrainingContext
    ) throws -> RecurrentNetwork {
        try context.checkCancellation()
        try data.requireEvents()
        let bags = ItemBags(data, use: configuration.features)
        var training = try RecurrentTraining(
            data,
            bags: bags,
            configuration: known == nil ? configuration : configuration.learningOn,
            known: known,
            context: context
        )
        try training.run()
        let rows = training.network.itemRows()
        var model = RecurrentNetwork(
            configuration: configuration,
            unit: training.network.unit,
            items: rows.gathering(rows: (0..<UInt32(data.itemCount)).map(bags.finalCode)),
            users: Matrix(rows: data.userCount, columns: configuration.units + 1),
            scored: bags.scored,
            popularity: Popularity(usersByItem: data.usersByItem())
        )
        try model.rememberUsers(of: data, context: context)
        let epochs = configuration.epochs
        context.progress(TrainingProgress(stage: "training", epoch: epochs, epochs: epochs, fraction: 1))
        return model
    }

    /// Goes through all histories and keeps the last states.
    private mutating func rememberUsers(of data: Interactions, context: TrainingContext) throws {
        let model = self
        let states = try Parallel.mapBlocks(count: data.userCount, blockSize: 64, threads: context.threads) { block in
            try context.checkCancellation()
            return block.map { model.state(after: data.history(user: UInt32($0))) }
        }
        users.setRows(states.joined())
    }
}

extension Interactions {
    /// What an item that has no row yet begins with: the mean row of those met just before and after it.
    fileprivate func meansBesideNewItems(of rows: Matrix) throws -> Matrix {
        let known = ItemSet((0..<UInt32(rows.rows)).filter { !rows.isZero(row: Int($0)) })
        var (new, beside) = ([UInt32](), [UInt32]())
        for user in 0..<UInt32(userCount) {
            let range = range(user: user)
            for position in range where !known.contains(items[position]) {
                for other in [position - 1, position + 1] where range.contains(other) && known.contains(items[other]) {
                    new.append(items[position])
                    beside.append(items[other])
                }
            }
        }
        return try SparseMatrix(
            rowCount: itemCount,
            columnCount: itemCount,
            rows: MappedArray(new),
            columns: MappedArray(beside),
            values: MappedArray([Float](repeating: 1, count: new.count))
        )
        .normalizingRows()
        .weightedSums(of: rows)
    }
}

/// A unit and items' rows with their biases, under the codes of the data.
typealias KnownNetwork = (unit: GatedRecurrentUnit, items: Matrix)

extension RecurrentNetwork.Configuration {
    /// The settings by which a network that has learnt learns on: what it knows must outlast the first steps.
    fileprivate var learningOn: RecurrentNetwork.Configuration {
        var configuration = self
        configuration.epochs = max(1, epochs / 8)
        configuration.learningRate = learningRate / 10
        return configuration
    }
}

/// A network while it is learnt.
struct RecurrentTraining: ~Copyable {
    private let data: Interactions
    private let configuration: RecurrentNetwork.Configuration
    private let context: TrainingContext
    private let weights: [Float]
    private let lanes: Int
    private let bags: ItemBags
    private let codes: CounterRandom
    private let sampler: NegativeSampler
    private var training: SequenceTraining
    private var windows: UInt64 = 0

    /// The most lanes of a window; there are always a multiple of eight, which two threads share evenly.
    private static let mostLanes = 64
    /// How many windows an epoch has while the lanes are fewer than the most.
    private static let usualWindows = 250
    /// The fewest windows of an epoch.
    private static let fewestWindows: UInt64 = 25
    /// How many windows a sequence goes through before it is cut.
    private static let longestSequence = 8

    var network: SequenceNetwork { training.network }

    init(
        _ data: Interactions,
        bags: ItemBags,
        configuration: RecurrentNetwork.Configuration,
        known: KnownNetwork? = nil,
        context: TrainingContext
    ) throws {
        self.data = data
        self.bags = bags
        self.configuration = configuration
        self.context = context
        let targets = data.count - data.userCount(withAtLeast: 1)
        let wanted = targets / (Self.usualWindows * configuration.steps)
        lanes = min(max((wanted + 4) / 8 * 8, 8), Self.mostLanes)
        weights = data.targetWeights(favouringRecent: configuration.favoursRecent)
        codes = CounterRandom(seed: context.seed, stream: 13)
        sampler = NegativeSampler(
            data,
            limit: configuration.negatives,
            codes: bags.rows.rowCount / max(data.itemCount, 1),
            random: CounterRandom(seed: context.seed, stream: 12)
        )
        training = SequenceTraining(
            try known.map {
                SequenceNetwork(
                    unit: $0.unit,
                    table: bags.table(summingTo: $0.items),
                    bags: bags.rows
                )
            } ?? Self.network(data, bags: bags, configuration: configuration, context: context),
            settings: .init(inputDropout: Float(configuration.dropout), outputDropout: Float(configuration.dropout)),
            lanes: lanes,
            steps: configuration.steps,
            negatives: sampler.count,
            random: CounterRandom(seed: context.seed, stream: 11)
        )
    }

    /// A network that knows already which items go together, though not in which order: its items begin with their
    /// factors.
    private static func network(
        _ data: Interactions,
        bags: ItemBags,
        configuration: RecurrentNetwork.Configuration,
        context: TrainingContext
    ) throws -> SequenceNetwork {
        let factors = try AlternatingLeastSquares.fit(
            data,
            configuration: .init(factors: configuration.units, epochs: 5),
            context: TrainingContext(threads: context.threads, seed: context.seed, isCancelled: context.isCancelled)
        )
        .itemFactors
        let deviation = 0.7 / Float(configuration.units).squareRoot()
        var items = Matrix(rows: factors.rows, columns: factors.columns)
        if factors.deviation > 0 { items.addMultiple(of: factors, factor: deviation / factors.deviation) }
        return SequenceNetwork(
            rows: bags.table(summingTo: items),
            memory: 2 * configuration.steps,
            bags: bags.rows,
            random: CounterRandom(seed: context.seed, stream: 10)
        )
    }

    /// Goes through all epochs; the learning rate falls to a tenth.
    mutating func run() throws {
        let epochs = configuration.epochs
        context.progress(TrainingProgress(stage: "training", epoch: 0, epochs: epochs, fraction: 0))
        for epoch in 0..<epochs {
            let rate = configuration.learningRate * (1 - 0.9 * Double(epoch) / Double(epochs))
            let first = windows
            var pass: UInt64 = 0
            // Little data is gone through several times, or there would be too few steps to learn from it.
            repeat {
                try run(stream: UInt64(epoch) << 32 | pass, learningRate: Float(rate))
                pass += 1
            } while windows - first < Self.fewestWindows && windows > first
            let fraction = Double(epoch + 1) / Double(epochs + 1)
            context.progress(
                TrainingProgress(stage: "training", epoch: epoch + 1, epochs: epochs, fraction: fraction)
            )
        }
    }

    /// Goes through all events once.
    private mutating func run(stream: UInt64, learningRate: Float) throws {
        var windowsOfEpoch = SequenceLanes(
            data,
            weights: weights,
            size: (lanes, configuration.steps),
            longest: Self.longestSequence * configuration.steps,
            random: CounterRandom(seed: context.seed, stream: 1 << 62 | stream)
        )
        while var batch = windowsOfEpoch.next() {
            try context.checkCancellation()
            let (bags, codes, window) = (bags, codes, windows)
            let code = { (item: UInt32) in bags.code(of: item, window: window, random: codes) }
            for position in batch.weights.indices where batch.weights[position] > 0 {
                batch.inputs[position] = code(batch.inputs[position])
                batch.targets[position] = code(batch.targets[position])
            }
            _ = training.learn(
                from: batch,
                against: sampler.sample(window, code: code),
                learningRate: learningRate,
                threads: context.threads
            )
            windows += 1
        }
    }
}

extension Interactions {
    /// How much each event counts as what is to be told: as much as its share of the mean weight, up to a hundred times;
    /// the oldest 0.7 times as much as the newest.
    fileprivate func targetWeights(favouringRecent: Bool) -> [Float] {
        let mean = self.weights.reduce(0.0) { $0 + Double($1) } / Double(count)
        var weights = (0..<count).map { mean > 0 ? Float(min(Double(weight(at: $0)) / mean, 100)) : 1 }
        guard favouringRecent else { return weights }
        // Some thousands of events tell well enough how new one is among all.
        let sample = stride(from: 0, to: count, by: count / 4096 + 1).map { timestamps[$0] }.sorted()
        let shares = (0...sample.count).map { rank in Float(Power.of(0.7, 1 - Double(rank) / Double(sample.count))) }
        for position in weights.indices {
            weights[position] *= shares[sample.rank(of: timestamps[position])]
        }
        return weights
    }
}

extension [Int64] {
    /// How many of the ascending numbers are at most a number.
    fileprivate func rank(of number: Int64) -> Int {
        var range = 0..<count
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            range = self[middle] <= number ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }
}
