public import Kernels

extension AlternatingLeastSquares {
    /// The settings of alternating least squares.
    public struct Configuration: Sendable, Equatable {
        /// The length of users' and items' vectors, 64 by default.
        public var factors: Int
        /// How often both sides are solved for, 15 times by default.
        public var epochs: Int
        /// λ, how strongly the vectors of users and items are held short, 0.05 by default.
        public var regularization: Double
        /// α, how much a pair counts that was not observed, 0.4 by default.
        public var unobservedWeight: Double
        /// ν, how the regularisation grows with the observations: 0 not at all, 1 in proportion; ½ by default.
        ///
        /// In proportion, all vectors of a catalogue of many items with few users each would be held at zero.
        public var frequencyExponent: Double
        /// How much a user's events count by their age when his tastes are solved for.
        ///
        /// Items are learnt from all events alike.
        public var recency: Recency
        /// How a row is solved in training, by default three steps of conjugate gradient.
        public var solver: ImplicitLeastSquares.Solver

        /// Settings.
        ///
        /// - Parameters:
        ///   - factors: The length of users' and items' vectors.
        ///   - epochs: How often both sides are solved for.
        ///   - regularization: λ.
        ///   - unobservedWeight: α.
        ///   - frequencyExponent: ν.
        ///   - recency: How much a user's events count by their age.
        ///   - solver: How a row is solved in training.
        public init(
            factors: Int = 64,
            epochs: Int = 15,
            regularization: Double = 0.05,
            unobservedWeight: Double = 0.4,
            frequencyExponent: Double = 0.5,
            recency: Recency = Recency(halfLife: 8, floor: 0.05),
            solver: ImplicitLeastSquares.Solver = .conjugateGradient(steps: 3)
        ) {
            self.factors = factors
            self.epochs = epochs
            self.regularization = regularization
            self.unobservedWeight = unobservedWeight
            self.frequencyExponent = frequencyExponent
            self.recency = recency
            self.solver = solver
        }

        /// λ (observations + α · fixed rows)^ν of each row.
        func regularizations(_ observed: SparseMatrix, fixedCount: Int) -> [Float] {
            (0..<observed.rowCount).map { row in
                let frequency = Double(observed.range(row: row).count) + unobservedWeight * Double(fixedCount)
                return Float(regularization * Power.of(frequency, frequencyExponent))
            }
        }
    }
}
