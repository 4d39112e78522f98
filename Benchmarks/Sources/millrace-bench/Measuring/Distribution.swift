/// Times of one kind, from the shortest to the longest.
struct Distribution: Sendable {
    private let sorted: [Double]

    init(_ values: [Double]) {
        sorted = values.sorted()
    }

    init(_ durations: [Duration]) {
        self.init(durations.map { $0 / .milliseconds(1) })
    }

    var count: Int { sorted.count }

    /// The value that so great a share is not above; nearest rank.
    func percentile(_ share: Double) -> Double {
        guard !sorted.isEmpty else { return .nan }
        let rank = (share * Double(sorted.count)).rounded(.up)
        return sorted[min(max(Int(rank) - 1, 0), sorted.count - 1)]
    }

    var median: Double { percentile(0.5) }
}

/// How long some work takes, in seconds, with what it returns.
func timed<T>(_ work: () throws -> T) rethrows -> (seconds: Double, result: T) {
    let clock = ContinuousClock()
    let start = clock.now
    let result = try work()
    return (start.duration(to: clock.now) / .seconds(1), result)
}

/// How long some work takes, in seconds, with what it returns.
func timed<T>(_ work: () async throws -> T) async rethrows -> (seconds: Double, result: T) {
    let clock = ContinuousClock()
    let start = clock.now
    let result = try await work()
    return (start.duration(to: clock.now) / .seconds(1), result)
}
