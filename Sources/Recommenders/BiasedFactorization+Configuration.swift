extension BiasedFactorization {
    /// The settings of the prediction of ratings.
    public struct Configuration: Sendable, Equatable {
        /// The length of users' and items' vectors, 100 by default.
        public var factors: Int
        /// How often descent goes through all ratings, 20 times by default.
        public var epochs: Int
        /// γ, the length of a step for biases and factors alike, 0.005 by default.
        public var learningRate: Double
        /// λ, the regularisation of biases and factors alike, 0.02 by default.
        public var regularization: Double
        /// The mean of the factors that training begins with, 0 by default.
        public var initialMean: Double
        /// The standard deviation of the factors that training begins with, 0.1 by default.
        public var initialDeviation: Double
        /// The least and the greatest rating there can be; those of the training data when nil, the default.
        public var scale: ClosedRange<Float>?

        /// Settings.
        ///
        /// - Parameters:
        ///   - factors: The length of users' and items' vectors.
        ///   - epochs: How often descent goes through all ratings.
        ///   - learningRate: γ.
        ///   - regularization: λ.
        ///   - initialMean: The mean of the factors that training begins with.
        ///   - initialDeviation: Their standard deviation.
        ///   - scale: The least and the greatest rating there can be.
        public init(
            factors: Int = 100,
            epochs: Int = 20,
            learningRate: Double = 0.005,
            regularization: Double = 0.02,
            initialMean: Double = 0,
            initialDeviation: Double = 0.1,
            scale: ClosedRange<Float>? = nil
        ) {
            self.factors = factors
            self.epochs = epochs
            self.learningRate = learningRate
            self.regularization = regularization
            self.initialMean = initialMean
            self.initialDeviation = initialDeviation
            self.scale = scale
        }

        /// The settings by the names of the hyperparameters, which are those of Surprise.
        var hyperparameters: [String: String] {
            [
                "n_factors": "\(factors)",
                "n_epochs": "\(epochs)",
                "lr_all": "\(learningRate)",
                "reg_all": "\(regularization)",
                "init_mean": "\(initialMean)",
                "init_std_dev": "\(initialDeviation)",
            ]
        }
    }
}

extension Hyperparameter {
    static let ratingPrediction = [
        Hyperparameter(
            name: "n_factors",
            defaultValue: "100",
            values: .integer(1...1024),
            isTunable: true,
            summary: "The length of users' and items' vectors."
        ),
        Hyperparameter(
            name: "n_epochs",
            defaultValue: "20",
            values: .integer(1...1000),
            isTunable: true,
            summary: "How often descent goes through all ratings."
        ),
        Hyperparameter(
            name: "lr_all",
            defaultValue: "0.005",
            values: .continuous(1e-9...1),
            isTunable: true,
            summary: "The length of a step, for biases and factors alike."
        ),
        Hyperparameter(
            name: "reg_all",
            defaultValue: "0.02",
            values: .continuous(0...100),
            isTunable: true,
            summary: "How strongly biases and factors are held small."
        ),
        Hyperparameter(
            name: "init_mean",
            defaultValue: "0",
            values: .continuous(-10...10),
            isTunable: false,
            summary: "The mean of the factors that training begins with."
        ),
        Hyperparameter(
            name: "init_std_dev",
            defaultValue: "0.1",
            values: .continuous(0...10),
            isTunable: false,
            summary: "The standard deviation of the factors that training begins with."
        ),
    ]
}
