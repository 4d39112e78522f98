extension NextBestAction {
    /// The settings of next best actions.
    public struct Configuration: Sendable, Equatable {
        /// Within how many days a view is followed by what it led to, 14 by default.
        public var optimizationPeriod: Int
        /// The length of users' tastes, 16 by default.
        public var factors: Int
        /// How strongly users, and actions' tastes, are held towards zero and actions towards all: one over the variance
        /// of log odds that is expected; 1 by default.
        public var regularization: Double

        /// Settings.
        ///
        /// - Parameters:
        ///   - optimizationPeriod: Within how many days a view is followed by what it led to.
        ///   - factors: The length of users' tastes.
        ///   - regularization: How strongly all is held towards what is known without it.
        public init(optimizationPeriod: Int = 14, factors: Int = 16, regularization: Double = 1) {
            self.optimizationPeriod = optimizationPeriod
            self.factors = factors
            self.regularization = regularization
        }

        /// The settings that a map of hyperparameters makes; what is not in it has its default.
        ///
        /// - Parameter hyperparameters: Values by name, as in `algorithmHyperParameters`.
        /// - Throws: `RecommenderError` with `invalidHyperparameter` for an unknown name or a value out of its range.
        public init(hyperparameters: [String: String]) throws(RecommenderError) {
            self.init()
            let known = Hyperparameter.nextBestAction
            for (name, value) in hyperparameters.sorted(by: { $0.key < $1.key }) {
                guard let hyperparameter = known.first(where: { $0.name == name }) else {
                    throw Hyperparameter.unknown(name, among: known, of: NextBestAction.recipeName)
                }
                try hyperparameter.validate(value, of: NextBestAction.recipeName)
            }
            if let days = hyperparameters["action_optimization_period"].flatMap({ Int($0) }) {
                optimizationPeriod = days
            }
        }
    }

    static let recipeName = "aws-next-best-action"
}

extension Hyperparameter {
    static let nextBestAction = [
        Hyperparameter(
            name: "action_optimization_period",
            defaultValue: "\(NextBestAction.Configuration().optimizationPeriod)",
            values: .integer(7...28),
            isTunable: true,
            summary: "Within how many days a view of an action is followed by what it led to."
        )
    ]
}
