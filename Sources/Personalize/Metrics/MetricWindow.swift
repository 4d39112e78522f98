/// What a metric has come to for one source in fifteen minutes.
public struct MetricWindow: Sendable, Equatable {
    /// How the interactions came to us.
    public enum Method: String, Sendable, CaseIterable {
        /// As events, one by one.
        case put = "PUT"
        /// By an incremental import.
        case incremental = "INCREMENTAL"
    }

    /// The metric attribution.
    public var attributionArn: String
    /// When the window begins, in epoch seconds; a multiple of 900.
    public var start: Int64
    /// How the interactions came to us.
    public var method: Method
    /// The metric.
    public var metricName: String
    /// The type of the events that count.
    public var eventType: String
    /// What is made of them, as it was given: `SUM(Items.PRICE)`.
    public var expression: String
    /// The campaign, the recommender or the third party that is credited.
    public var source: String
    /// The count or the sum.
    public var value: Double

    /// A window with its value.
    public init(
        attributionArn: String,
        start: Int64,
        method: Method,
        metricName: String,
        eventType: String,
        expression: String,
        source: String,
        value: Double
    ) {
        self.attributionArn = attributionArn
        self.start = start
        self.method = method
        self.metricName = metricName
        self.eventType = eventType
        self.expression = expression
        self.source = source
        self.value = value
    }

    /// How long a window is, in seconds.
    public static let length: Int64 = 900

    /// When the window of a time begins.
    static func start(of time: Int64) -> Int64 {
        let rest = time % length
        return time - (rest < 0 ? rest + length : rest)
    }

    /// The source of events that name none.
    static let unknownSource = "SOURCE_NAME_UNDEFINED"
}

/// Which windows are meant; the newest come first.
public struct MetricQuery: Sendable {
    /// The metric attribution.
    public var attributionArn: String
    /// Only windows that begin then or later.
    public var from: Int64
    /// Only windows that begin before.
    public var until: Int64
    /// Only what came so.
    public var method: MetricWindow.Method?
    /// At most so many.
    public var limit: Int

    /// A query for windows of a metric attribution.
    public init(
        _ attributionArn: String,
        from: Int64 = .min,
        until: Int64 = .max,
        method: MetricWindow.Method? = nil,
        limit: Int = .max
    ) {
        self.attributionArn = attributionArn
        self.from = from
        self.until = until
        self.method = method
        self.limit = limit
    }
}
