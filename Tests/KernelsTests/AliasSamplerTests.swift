import Kernels
import Testing

@Suite struct AliasSamplerTests {
    private static let weights: [[Float]] = [
        [1], [1, 1], [3, 1, 0, 4], [0, 0, 0], [1e-6, 1, 1e6], (0..<100).map { Float($0 * $0) },
    ]

    @Test(arguments: weights)
    func `numbers are drawn as often as they weigh`(weights: [Float]) {
        let sampler = AliasSampler(weights: weights)
        let random = CounterRandom(seed: 4, stream: 9)
        var counts = [Int](repeating: 0, count: weights.count)
        for position in 0..<UInt64(40_000) { counts[Int(sampler.draw(at: position, from: random))] += 1 }
        let total = weights.reduce(0, +)
        for (count, weight) in zip(counts, weights) {
            let share = total > 0 ? Double(weight / total) : 1 / Double(weights.count)
            let deviation = (share * (1 - share) / 40_000).squareRoot()
            #expect(abs(Double(count) / 40_000 - share) <= 5 * deviation + 1e-5)
            if total > 0, weight == 0 { #expect(count == 0) }
        }
    }

    @Test func `without numbers there is nothing to draw from`() {
        #expect(AliasSampler(weights: []).count == 0)
    }
}
