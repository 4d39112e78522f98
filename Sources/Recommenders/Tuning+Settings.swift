extension Tuning {
    /// The settings that a search of a recipe that is not of `Recipe` tries: those given first, then points of the ranges.
    ///
    /// - Parameters:
    ///   - recipe: The recipe's name.
    ///   - known: Its hyperparameters.
    ///   - fixed: Values that are given.
    ///   - seed: What the points depend on; the same seed gives the same.
    /// - Returns: One to `maximumTrials` settings, no two alike.
    /// - Throws: `RecommenderError` with `invalidHyperparameter`, as `validate(for:)`.
    public func settings(
        for recipe: String,
        _ known: [Hyperparameter],
        fixed: [String: String],
        seed: UInt64
    ) throws(RecommenderError) -> [[String: String]] {
        let dimensions = try dimensions(for: recipe, known, fixed: fixed)
        var settings = [fixed]
        guard !dimensions.isEmpty else { return settings }
        let points = HaltonSequence(dimensions: dimensions.count, seed: seed)
        let defaults = Dictionary(known.map { ($0.name, $0.defaultValue) }) { first, _ in first }
        var seen: Set = [defaults.merging(fixed) { _, given in given }]
        // Of a few categories there may be fewer settings than trials.
        for index in 0..<4 * maximumTrials where settings.count < maximumTrials {
            var values = fixed
            for (dimension, share) in zip(dimensions, points[index]) {
                values[dimension.name] = dimension.value(at: share)
            }
            guard seen.insert(defaults.merging(values) { _, given in given }).inserted else { continue }
            settings.append(values)
        }
        return settings
    }
}
