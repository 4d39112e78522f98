import Foundation
import Kernels
import Recommenders

/// How long alternating least squares takes on a million interactions.
struct TrainingBenchmark {
    private static let eventCount = 1_000_000
    private static let userCount = 6040
    private static let itemCount = 3706

    func measure() throws -> [Measurement] {
        let data = try Interactions(try events(), userCount: Self.userCount, itemCount: Self.itemCount)
        let configuration = AlternatingLeastSquares.Configuration(factors: 64)
        let two = try fit(data, configuration, threads: 2, runs: 3)
        let one = try fit(data, configuration, threads: 1, runs: 1)
        guard one.model == two.model else { throw BenchmarkError("1 and 2 threads have trained different models") }
        let method =
            "AlternatingLeastSquares.fit: 1,000,000 synthetic interactions, 6,040 users × 3,706 items, 64 factors, "
            + "\(configuration.epochs) epochs; median of 3"
        return [
            Measurement("ALS, 2 threads", two.times.median, "s", method: method),
            Measurement("ALS, 1 thread", one.times.median, "s", method: "the same, once; the model is identical"),
        ]
    }

    private func fit(
        _ data: Interactions,
        _ configuration: AlternatingLeastSquares.Configuration,
        threads: Int,
        runs: Int
    ) throws -> (times: Distribution, model: AlternatingLeastSquares) {
        let training = TrainingContext(threads: threads, seed: 1, isCancelled: { Task.isCancelled })
        func run() throws -> (seconds: Double, result: AlternatingLeastSquares) {
            try timed { try AlternatingLeastSquares.fit(data, configuration: configuration, context: training) }
        }
        let first = try run()
        let others = try (1..<runs).map { _ in try run().seconds }
        return (Distribution([first.seconds] + others), first.result)
    }

    /// Pairs of user and item, none twice; a few users and items have most of them, as in MovieLens.
    private func events() throws -> EventColumns {
        let random = CounterRandom(seed: 1, stream: 2)
        var taken = [Bool](repeating: false, count: Self.userCount * Self.itemCount)
        var users: [UInt32] = []
        var items: [UInt32] = []
        var times: [Int64] = []
        var position: UInt64 = 0
        while users.count < Self.eventCount {
            let user = Int(pow(random.uniform(at: position), 1.3) * Double(Self.userCount))
            let item = Int(pow(random.uniform(at: position + 1), 1.5) * Double(Self.itemCount))
            let time = random.uniform(at: position + 2)
            position += 3
            guard !taken[user * Self.itemCount + item] else { continue }
            taken[user * Self.itemCount + item] = true
            users.append(UInt32(user))
            items.append(UInt32(item))
            times.append(1_000_000_000 + Int64(time * 100_000_000))
        }
        return EventColumns(
            users: MappedArray(users),
            items: MappedArray(items),
            timestamps: MappedArray(times)
        )
    }
}
