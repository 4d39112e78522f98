internal import NIOCore
internal import Synchronization

/// How many requests came, how they were answered, and how long that took.
///
/// A request costs two additions and the search of its bucket, on counters of its operation's own; nothing is locked and
/// nothing allocated, since recommendations are answered within some ten microseconds.
final class RequestMetrics: Sendable {
    private let latencies: [String: LatencyHistogram]
    /// What is no operation of ours: paths and names that anybody may make up are not kept apart.
    private let others = LatencyHistogram()
    private let statuses = (0..<600).map { _ in Counter() }

    /// Counters for operations.
    ///
    /// - Parameter names: `/recommendations`, `AmazonPersonalize.ListCampaigns` and all others there are.
    init(of names: some Sequence<String>) {
        latencies = Dictionary(names.map { ($0, LatencyHistogram()) }) { first, _ in first }
    }

    /// Notes an answer.
    ///
    /// - Parameters:
    ///   - name: The operation.
    ///   - status: The HTTP status of its answer.
    ///   - duration: How long it took from when the request was whole.
    func note(_ name: String, _ status: Int, _ duration: TimeAmount) {
        (latencies[name] ?? others).note(nanoseconds: duration.nanoseconds)
        if statuses.indices.contains(status) { statuses[status].add(1) }
    }

    /// What was noted; operations that nobody has asked for are left out.
    var families: [MetricFamily] {
        var samples: [MetricFamily.Sample] = []
        for (name, latency) in latencies.sorted(by: { $0.key < $1.key }) + [("other", others)] {
            samples += latency.samples(of: name)
        }
        return [
            MetricFamily(
                .counter,
                "millrace_http_requests_total",
                "Requests that were answered, by HTTP status.",
                statuses.enumerated().filter { $0.element.count > 0 }
                    .map { MetricFamily.Sample(Double($0.element.count), ("status", "\($0.offset)")) }
            ),
            MetricFamily(
                .histogram,
                "millrace_http_request_duration_seconds",
                "Time from the end of a request to its answer, by operation.",
                samples
            ),
        ]
    }
}

/// A number that only grows.
final class Counter: Sendable {
    private let value = Atomic(0)

    var count: Int { value.load(ordering: .relaxed) }

    func add(_ amount: Int) { value.wrappingAdd(amount, ordering: .relaxed) }
}

/// How long the answers of one operation took, within fixed bounds.
final class LatencyHistogram: Sendable {
    /// The upper bounds in nanoseconds: 25 µs … 10 s.
    private static let bounds: [Int64] = [
        25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000,
        100_000_000, 250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000, 10_000_000_000,
    ]

    private let buckets = (0...bounds.count).map { _ in Counter() }
    private let sum = Counter()

    func note(nanoseconds: Int64) {
        var index = 0
        while index < Self.bounds.count, nanoseconds > Self.bounds[index] { index += 1 }
        buckets[index].add(1)
        sum.add(Int(nanoseconds))
    }

    /// The lines of the histogram; none before the first answer.
    func samples(of operation: String) -> [MetricFamily.Sample] {
        // The count is that of the buckets as they were read: it may not be less than one of them.
        let counts = buckets.map(\.count)
        let total = counts.reduce(0, +)
        guard total > 0 else { return [] }
        var running = 0
        var samples: [MetricFamily.Sample] = []
        for (index, count) in counts.enumerated() {
            running += count
            let bound = index < Self.bounds.count ? "\(Double(Self.bounds[index]) / 1e9)" : "+Inf"
            samples.append(
                MetricFamily.Sample(Double(running), ("operation", operation), ("le", bound), suffix: "_bucket")
            )
        }
        samples.append(MetricFamily.Sample(Double(sum.count) / 1e9, ("operation", operation), suffix: "_sum"))
        samples.append(MetricFamily.Sample(Double(total), ("operation", operation), suffix: "_count"))
        return samples
    }
}
