public import Recommenders

/// A recipe whose algorithm is a program of the user's, trained and served by processes of its own.
public struct CustomRecipe: Sendable, Equatable {
    /// Which metric tells good settings from bad.
    public struct Objective: Sendable, Equatable {
        /// The metric, one of the recipe's.
        public let metric: String
        /// Whether more of it is better.
        public let isMaximized: Bool

        /// An objective.
        public init(metric: String, isMaximized: Bool) {
            self.metric = metric
            self.isMaximized = isMaximized
        }
    }

    /// What names of recipes must not begin with, since ours do.
    public static let reservedPrefixes = ["aws-", "millrace-"]

    /// Its name, by which its ARN ends.
    public let name: String
    /// What campaigns of it are asked.
    public let kind: Recipe.Kind
    /// What it does, in a sentence.
    public let summary: String
    /// Its settings.
    public let hyperparameters: [Hyperparameter]
    /// The metrics that a training tells, in the order in which they were defined.
    public let metrics: [String]
    /// What tuning goes by; `nil` where it must be said by who tunes.
    public let objective: Objective?
    /// The hash of what the recipe is made of: another one, another program.
    public let fingerprint: String

    /// The ARN under which solutions are made with it.
    public var arn: String { ARN.recipePrefix + name }

    /// A recipe.
    public init(
        name: String,
        kind: Recipe.Kind,
        summary: String,
        hyperparameters: [Hyperparameter],
        metrics: [String],
        objective: Objective?,
        fingerprint: String
    ) {
        self.name = name
        self.kind = kind
        self.summary = summary
        self.hyperparameters = hyperparameters
        self.metrics = metrics
        self.objective = objective
        self.fingerprint = fingerprint
    }

    /// Whether an ARN may be that of a custom recipe: it is a recipe's and its name is none of those kept for ours.
    public static func mayName(_ arn: String) -> Bool {
        guard arn.hasPrefix(ARN.recipePrefix) else { return false }
        let name = arn.dropFirst(ARN.recipePrefix.count)
        return !name.isEmpty && !reservedPrefixes.contains { name.hasPrefix($0) }
    }
}
