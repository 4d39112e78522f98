/// Which hyperparameters are searched, where, and at what cost (`performHPO`).
public struct Tuning: Sendable, Equatable {
    /// Where one hyperparameter is searched.
    public struct Range: Sendable, Equatable {
        /// The values to choose from.
        public enum Values: Sendable, Equatable {
            /// Whole numbers from the first to the second.
            case integer(Int, Int)
            /// Numbers from the first to the second.
            case continuous(Double, Double)
            /// These values.
            case categorical([String])
        }

        /// The hyperparameter's name.
        public let name: String
        /// The values to choose from.
        public let values: Values

        /// A range.
        ///
        /// - Parameters:
        ///   - name: The hyperparameter's name.
        ///   - values: The values to choose from.
        public init(_ name: String, _ values: Values) {
            self.name = name
            self.values = values
        }
    }

    /// Where is searched; everything that can be tuned, in sensible ranges, when empty.
    public var ranges: [Range]
    /// How many settings are tried at most, the defaults among them; 20 by default.
    public var maximumTrials: Int
    /// How many are tried at once, as far as there are threads; 2 by default.
    public var maximumParallelTrials: Int

    /// A search.
    ///
    /// - Parameters:
    ///   - ranges: Where is searched.
    ///   - maximumTrials: How many settings are tried at most.
    ///   - maximumParallelTrials: How many are tried at once.
    public init(ranges: [Range] = [], maximumTrials: Int = 20, maximumParallelTrials: Int = 2) {
        self.ranges = ranges
        self.maximumTrials = maximumTrials
        self.maximumParallelTrials = maximumParallelTrials
    }

    /// Settings that were tried.
    public struct Trial: Sendable, Equatable {
        /// The values that were chosen, by name.
        public let hyperparameters: [String: String]
        /// Which share of its epochs it was trained for; less than 1 when it was stopped early.
        public let epochShare: Double
        /// The metric that decides; the negative root mean square error where ratings are predicted.
        public let objective: Double
    }

    /// Checks the search for a recipe.
    ///
    /// - Parameter recipe: The recipe.
    /// - Throws: `RecommenderError` with `invalidHyperparameter` for a name the recipe does not have, a range that is
    ///   empty or leaves the hyperparameter's own, or limits less than one.
    public func validate(for recipe: Recipe) throws(RecommenderError) { _ = try dimensions(for: recipe, fixed: [:]) }

    /// The dimensions of the search, by name; values that are given are searched only where a range says so.
    func dimensions(for recipe: Recipe, fixed: [String: String]) throws(RecommenderError) -> [Dimension] {
        try dimensions(for: recipe.name, recipe.hyperparameters, fixed: fixed)
    }

    /// The dimensions of the search among the hyperparameters of the recipe of a name.
    func dimensions(
        for recipe: String,
        _ known: [Hyperparameter],
        fixed: [String: String]
    ) throws(RecommenderError) -> [Dimension] {
        for (name, value) in [("trials", maximumTrials), ("parallel trials", maximumParallelTrials)] where value < 1 {
            throw RecommenderError(.invalidHyperparameter, "the number of \(name) \"\(value)\" must be one or more")
        }
        guard !ranges.isEmpty else {
            return known.filter { $0.isTunable && fixed[$0.name] == nil }
                .map { Dimension($0.name, $0.searchedByDefault) }
                .sorted { $0.name < $1.name }
        }
        var dimensions: [Dimension] = []
        for range in ranges {
            try range.validate(for: recipe, known)
            guard !dimensions.contains(where: { $0.name == range.name }) else { throw range.fault("is given twice") }
            dimensions.append(Dimension(range.name, range.values))
        }
        return dimensions.sorted { $0.name < $1.name }
    }
}

extension Tuning.Range {
    func fault(_ fact: String) -> RecommenderError {
        RecommenderError(.invalidHyperparameter, "the range of hyperparameter \"\(name)\" \(fact)")
    }

    fileprivate func validate(for recipe: String, _ all: [Hyperparameter]) throws(RecommenderError) {
        guard let known = all.first(where: { $0.name == name }) else {
            throw Hyperparameter.unknown(name, among: all, of: recipe)
        }
        guard known.isTunable else {
            let tunable = all.filter(\.isTunable).map(\.name).joined(separator: ", ")
            throw fault("is not for tuning; of recipe \"\(recipe)\" can be tuned: \(tunable)")
        }
        switch values {
        case .integer(let least, let greatest):
            guard least <= greatest else { throw empty(least, greatest) }
            try known.validate(bounds: ["\(least)", "\(greatest)"], of: self, recipe)
        case .continuous(let least, let greatest):
            guard least.isFinite, greatest.isFinite, least <= greatest else { throw empty(least, greatest) }
            if case .integer = known.values { throw fault("must be one of whole numbers; give it as an integer range") }
            try known.validate(bounds: ["\(least)", "\(greatest)"], of: self, recipe)
        case .categorical(let values):
            guard !values.isEmpty else { throw fault("has no values; give one or more to try") }
            try known.validate(bounds: values, of: self, recipe)
        }
    }

    private func empty(_ least: some CustomStringConvertible, _ greatest: some CustomStringConvertible)
        -> RecommenderError
    {
        fault("is empty: its least value \(least) must not be more than its greatest, \(greatest)")
    }
}

extension Hyperparameter {
    fileprivate func validate(
        bounds: [String],
        of range: Tuning.Range,
        _ recipe: String
    ) throws(RecommenderError) {
        for value in bounds {
            do throws(RecommenderError) {
                try validate(value, of: recipe)
            } catch {
                throw range.fault("holds a value that is not allowed: \(error.message)")
            }
        }
    }

    /// Where tuning searches when no range is given.
    ///
    /// The whole of a narrow range; of a wide one, what lies around the default.
    var searchedByDefault: Tuning.Range.Values {
        switch values {
        case .boolean: return .categorical(["true", "false"])
        case .word(let words): return .categorical(words)
        case .integer(let range):
            let (least, greatest) = (Double(range.lowerBound), Double(range.upperBound))
            guard let middle = Int(defaultValue), Self.isWide(least, greatest, Double(middle)) else {
                return .integer(range.lowerBound, range.upperBound)
            }
            return .integer(max(range.lowerBound, middle / 4), min(range.upperBound, middle * 4))
        case .continuous(let range):
            guard let middle = Double(defaultValue), Self.isWide(range.lowerBound, range.upperBound, middle) else {
                return .continuous(range.lowerBound, range.upperBound)
            }
            return .continuous(max(range.lowerBound, middle / 32), min(range.upperBound, middle * 32))
        }
    }

    private static func isWide(_ least: Double, _ greatest: Double, _ middle: Double) -> Bool {
        middle > 0 && greatest > 64 * (least > 0 ? least : middle)
    }
}
