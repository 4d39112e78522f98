extension RecurrentNetwork {
    /// The settings of the recurrent network.
    public struct Configuration: Sendable, Equatable {
        /// The number of units and the length of items' vectors, 43 by default.
        public var units: Int
        /// Through how many events the error is propagated back, 32 by default.
        public var steps: Int
        /// How often all events are gone through, 16 times by default.
        public var epochs: Int
        /// Whether newer events count more than older ones when the network is taught, the default.
        public var favoursRecent: Bool
        /// What items' features are used for, nothing by default.
        public var features: FeatureUse
        /// How far a first step goes, 0.2 by default.
        public var learningRate: Double
        /// How many items a target is told from, 512 by default; all where there are no more.
        public var negatives: Int
        /// The share of the numbers of inputs and of states that is left out in training, 0.2 by default.
        public var dropout: Double

        /// Settings.
        ///
        /// - Parameters:
        ///   - units: The number of units.
        ///   - steps: Through how many events the error is propagated back.
        ///   - epochs: How often all events are gone through.
        ///   - favoursRecent: Whether newer events count more.
        ///   - features: What items' features are used for.
        ///   - learningRate: How far a first step goes.
        ///   - negatives: How many items a target is told from.
        ///   - dropout: The share of numbers that is left out in training.
        public init(
            units: Int = 43,
            steps: Int = 32,
            epochs: Int = 16,
            favoursRecent: Bool = true,
            features: FeatureUse = .none,
            learningRate: Double = 0.2,
            negatives: Int = 512,
            dropout: Double = 0.2
        ) {
            self.units = units
            self.steps = steps
            self.epochs = epochs
            self.favoursRecent = favoursRecent
            self.features = features
            self.learningRate = learningRate
            self.negatives = negatives
            self.dropout = dropout
        }
    }

    /// What items' features are used for.
    public enum FeatureUse: Sendable, Equatable {
        /// Nothing: an item is known by who met it alone.
        case none
        /// A part of each item's vector.
        case metadata
        /// The same, and cold items are known by their features alone.
        case coldstart(ColdStart)
    }

    /// Which items are cold.
    public struct ColdStart: Sendable, Equatable {
        /// The most events of a cold item, 15 by default.
        public var maximumInteractions: Int
        /// For how many days an item is cold after its first event, 5 by default.
        public var maximumDays: Double
        /// Whether days are counted back from the first event of the newest item; if not, the default, from the latest
        /// event of all.
        public var isRelativeToLatestItem: Bool

        /// Settings.
        ///
        /// - Parameters:
        ///   - maximumInteractions: The most events of a cold item.
        ///   - maximumDays: For how many days an item is cold after its first event.
        ///   - isRelativeToLatestItem: Whether days are counted back from the first event of the newest item.
        public init(maximumInteractions: Int = 15, maximumDays: Double = 5, isRelativeToLatestItem: Bool = false) {
            self.maximumInteractions = maximumInteractions
            self.maximumDays = maximumDays
            self.isRelativeToLatestItem = isRelativeToLatestItem
        }
    }
}

extension RecurrentNetwork.Configuration {
    /// The settings as numbers, in the order of a model file.
    var numbers: [Double] {
        var cold: (use: Double, start: RecurrentNetwork.ColdStart) = (0, .init())
        switch features {
        case .none: break
        case .metadata: cold.use = 1
        case .coldstart(let start): cold = (2, start)
        }
        return [
            Double(units), Double(steps), Double(epochs), favoursRecent ? 1 : 0, learningRate, Double(negatives),
            dropout, cold.use, Double(cold.start.maximumInteractions), cold.start.maximumDays,
            cold.start.isRelativeToLatestItem ? 1 : 0,
        ]
    }

    /// The settings of a model file, or nil when the numbers are too few or no settings.
    init?(numbers: [Double]) {
        self.init()
        guard numbers.count == self.numbers.count, numbers.allSatisfy({ $0 >= 0 && $0 < 1e15 }) else { return nil }
        (units, steps, epochs) = (Int(numbers[0]), Int(numbers[1]), Int(numbers[2]))
        favoursRecent = numbers[3] != 0
        (learningRate, negatives, dropout) = (numbers[4], Int(numbers[5]), numbers[6])
        let start = RecurrentNetwork.ColdStart(
            maximumInteractions: Int(numbers[8]),
            maximumDays: numbers[9],
            isRelativeToLatestItem: numbers[10] != 0
        )
        switch numbers[7] {
        case 0: features = .none
        case 1: features = .metadata
        default: features = .coldstart(start)
        }
    }
}
