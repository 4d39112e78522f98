public import Kernels

extension AlternatingLeastSquares {
    /// The settings of alternating least squares.
    public struct Configuration: Sendable, Equatable {
        /// The length of users' and items' vectors, 64 by default.
        public var factors: Int
        /// How often both sides are solved for, 15 times by default.
        public var epochs: Int
        /// λ, the regularisation of a user or an item for each time it is observed, 0.006 by default.
        public var regularization: Double
        /// α, how much a pair counts that was not observed, 0.2 by default.
        public var unobservedWeight: Double
        /// ν, how the regularisation grows with the observations: 0 not at all, 1 in proportion (the default).
        public var frequencyExponent: Double
        /// After how many newer events an event of a user counts half as much when his tastes are solved for.
        ///
        /// It is 8 by default; 0 makes them count alike. Items are learnt from all events alike.
        public var recencyHalfLife: Double
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
        ///   - recencyHalfLife: After how many newer events an event counts half.
        ///   - solver: How a row is solved in training.
        public init(
            factors: Int = 64,
            epochs: Int = 15,
            regularization: Double = 0.006,
            unobservedWeight: Double = 0.2,
            frequencyExponent: Double = 1,
            recencyHalfLife: Double = 8,
            solver: ImplicitLeastSquares.Solver = .conjugateGradient(steps: 3)
        ) {
            self.factors = factors
            self.epochs = epochs
            self.regularization = regularization
            self.unobservedWeight = unobservedWeight
            self.frequencyExponent = frequencyExponent
            self.recencyHalfLife = recencyHalfLife
            self.solver = solver
        }

        /// How much each of so many events counts, from the oldest to the newest.
        func recencyWeights(count: Int) -> [Float] {
            guard recencyHalfLife > 0 else { return [Float](repeating: 1, count: count) }
            return (0..<count).reversed().map { age in
                Float(Power.of(0.5, Double(age) / recencyHalfLife))
            }
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
