/// A setting of a recipe, as `algorithmHyperParameters` and the tuning ranges of the API name it.
public struct Hyperparameter: Sendable, Equatable {
    /// What values it takes.
    public enum Values: Sendable, Equatable {
        /// Whole numbers of a range.
        case integer(ClosedRange<Int>)
        /// Numbers of a range.
        case continuous(ClosedRange<Double>)
        /// `true` or `false`.
        case boolean
        /// One of some words.
        case word([String])
    }

    /// Its name.
    public let name: String
    /// The value it has when it is not given.
    public let defaultValue: String
    /// What values it takes.
    public let values: Values
    /// Whether tuning may choose it.
    public let isTunable: Bool
    /// What it does here; where our algorithm has no counterpart, that it is accepted without effect.
    public let summary: String

    /// A setting.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - defaultValue: The value it has when it is not given.
    ///   - values: What values it takes.
    ///   - isTunable: Whether tuning may choose it.
    ///   - summary: What it does.
    public init(name: String, defaultValue: String, values: Values, isTunable: Bool, summary: String) {
        self.name = name
        self.defaultValue = defaultValue
        self.values = values
        self.isTunable = isTunable
        self.summary = summary
    }

    static let factorization = [
        Hyperparameter(
            name: "hidden_dimension",
            defaultValue: "64",
            values: .integer(1...1024),
            isTunable: true,
            summary: "The length of users' and items' vectors."
        ),
        Hyperparameter(
            name: "epochs",
            defaultValue: "15",
            values: .integer(1...1000),
            isTunable: false,
            summary: "How often users and items are solved for."
        ),
        Hyperparameter(
            name: "regularization",
            defaultValue: "\(AlternatingLeastSquares.Configuration().regularization)",
            values: .continuous(1e-9...1e6),
            isTunable: true,
            summary: "How strongly vectors are held short."
        ),
        Hyperparameter(
            name: "unobserved_weight",
            defaultValue: "\(AlternatingLeastSquares.Configuration().unobservedWeight)",
            values: .continuous(1e-9...10),
            isTunable: true,
            summary: "How much a pair of user and item counts that was not observed."
        ),
        Hyperparameter(
            name: "bptt",
            defaultValue: "32",
            values: .integer(2...32),
            isTunable: true,
            summary: "Accepted without effect: there is no recurrent network here."
        ),
        Hyperparameter(
            name: "recency_mask",
            defaultValue: "true",
            values: .boolean,
            isTunable: true,
            summary: "Whether a user's newer events count more than his older ones."
        ),
    ]

    static let similarity = [
        Hyperparameter(
            name: "popularity_discount_factor",
            defaultValue: "0.5",
            values: .continuous(0...1),
            isTunable: true,
            summary: "How much popularity counts against an item; 0.5 gives the cosine."
        ),
        Hyperparameter(
            name: "min_cointeraction_count",
            defaultValue: "3",
            values: .integer(0...10),
            isTunable: true,
            summary: "The fewest users two items must have in common."
        ),
    ]

    /// Checks a value.
    func validate(_ value: String, recipe: Recipe) throws(RecommenderError) {
        try validate(value, of: recipe.name)
    }

    /// Checks a value, for the recipe of a name.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - recipe: The name of the recipe whose setting this is.
    /// - Throws: `RecommenderError` with `invalidHyperparameter` when it is not one of the values.
    public func validate(_ value: String, of recipe: String) throws(RecommenderError) {
        switch values {
        case .integer(let range):
            guard let number = Int(value), range.contains(number) else { throw invalid(value, recipe, "\(range)") }
        case .continuous(let range):
            guard let number = Double(value), range.contains(number) else { throw invalid(value, recipe, "\(range)") }
        case .boolean:
            guard ["true", "false"].contains(value.lowercased()) else { throw invalid(value, recipe, "true or false") }
        case .word(let words):
            guard words.contains(value) else { throw invalid(value, recipe, words.joined(separator: " or ")) }
        }
    }

    private func invalid(_ value: String, _ recipe: String, _ wanted: String) -> RecommenderError {
        let noun: String
        switch values {
        case .integer: noun = "a whole number in \(wanted)"
        case .continuous: noun = "a number in \(wanted)"
        case .boolean, .word: noun = wanted
        }
        return RecommenderError(
            .invalidHyperparameter,
            "hyperparameter \(name) \"\(value)\" of recipe \"\(recipe)\" must be \(noun)"
        )
    }

    /// A hyperparameter that the recipe of a name does not have.
    ///
    /// - Parameters:
    ///   - name: What was asked for.
    ///   - known: What the recipe has.
    ///   - recipe: Its name.
    /// - Returns: The error, with what was probably meant.
    public static func unknown(_ name: String, among known: [Hyperparameter], of recipe: String) -> RecommenderError {
        let names = known.map(\.name)
        let meant = Spelling.nearest(to: name, among: names).map { "did you mean \"\($0)\"? " } ?? ""
        let remedy = names.isEmpty ? "it has none" : "\(meant)it knows \(names.joined(separator: ", "))"
        return RecommenderError(
            .invalidHyperparameter,
            "hyperparameter \"\(name)\" is not one of recipe \"\(recipe)\"; \(remedy)"
        )
    }
}
