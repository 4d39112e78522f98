extension Trending {
    /// How well it tells what will rise: the trend prediction accuracy of Amazon Personalize.
    ///
    /// The newest interval is withheld, and items are recommended by what came before it. Of these, and of the items that
    /// truly rose most, it is counted how many users they gained in the withheld interval over the one before; the
    /// accuracy is the first number over the second, of 25 items each.
    ///
    /// - Parameters:
    ///   - data: All events.
    ///   - configuration: The intervals.
    ///   - context: Progress and cancellation.
    /// - Returns: From 0 to 1; nil where the two newest intervals have no trend to tell.
    /// - Throws: `CancellationError` when it is cancelled.
    public static func predictionAccuracy(
        on data: Interactions,
        configuration: Configuration,
        context: TrainingContext
    ) throws -> Double? {
        let counts = IntervalCounts(data, configuration)
        guard counts.hasTrend, let now = configuration.now ?? data.timestamps.max() else { return nil }
        // There are events in the interval before, so this is no less than the least time.
        let end = now - max(configuration.interval, 1)
        var earlier = configuration
        earlier.now = end
        let known = data.keepingEvents { _, position in data.timestamps[position] <= end }
        let model = try fit(known, configuration: earlier, context: context)
        let gains = counts.gains
        let most = gains.sorted(by: >).prefix(Metrics.listLength).reduce(0, +)
        guard most > 0 else { return nil }
        let items = model.recommend(Query(count: Metrics.listLength)).map(\.item)
        return Double(items.reduce(0) { $0 + gains[Int($1)] }) / Double(most)
    }
}

extension ModelConfiguration {
    /// How well rising items are told by these settings; nil of other algorithms, and where there is no trend.
    ///
    /// - Parameters:
    ///   - data: All events.
    ///   - context: Progress and cancellation.
    /// - Returns: From 0 to 1.
    /// - Throws: `CancellationError` when it is cancelled.
    public func trendPredictionAccuracy(on data: Interactions, context: TrainingContext) throws -> Double? {
        guard case .trending(let configuration) = self else { return nil }
        return try Trending.predictionAccuracy(on: data, configuration: configuration, context: context)
    }
}
