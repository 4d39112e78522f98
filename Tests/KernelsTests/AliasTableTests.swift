import Kernels
import Testing

@Suite struct AliasTableTests {
    @Test(arguments: [[1.0], [3, 1], [0, 5, 0, 1], [1, 1, 1, 1, 1], [1e-9, 1, 1e9], (0..<100).map { Double($0) }])
    func `outcomes are as frequent as their weights`(weights: [Double]) {
        let table = AliasTable(weights: weights)
        let random = CounterRandom(seed: 3, stream: 4)
        let draws = 200_000
        var counts = [Int](repeating: 0, count: weights.count)
        for draw in 0..<UInt64(draws) { counts[Int(table.outcome(random.bits(at: draw)))] += 1 }
        let total = weights.reduce(0, +)
        for (count, weight) in zip(counts, weights) {
            let share = weight / total
            let deviation = (share * (1 - share) / Double(draws)).squareRoot()
            #expect(abs(Double(count) / Double(draws) - share) <= 5 * deviation + 1e-12)
            if weight == 0 { #expect(count == 0) }
        }
    }

    @Test func `the last random bits lead to an outcome too`() {
        let table = AliasTable(weights: [2, 0, 7])
        for bits in [0, 1, UInt64.max / 3, .max / 3 + 1, .max - 1, .max] {
            #expect([0, 2].contains(table.outcome(bits)))
        }
    }
}
