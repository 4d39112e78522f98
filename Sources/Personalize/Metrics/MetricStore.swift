/// Where the windows of metric attributions are kept; what is added to them comes with a `ResourceTransition`.
public protocol MetricStore: Sendable {
    /// The windows that match a query, the newest first.
    ///
    /// - Parameter query: Which ones.
    /// - Returns: The windows.
    /// - Throws: When reading failed.
    func metricWindows(_ query: MetricQuery) async throws -> [MetricWindow]
}
