import Kernels
import Testing

@Suite struct CounterRandomTests {
    @Test func `a position gives the same number always, another seed or stream another`() {
        let random = CounterRandom(seed: 1, stream: 2)
        #expect(random.bits(at: 5) == CounterRandom(seed: 1, stream: 2).bits(at: 5))
        #expect(random.bits(at: 5) != random.bits(at: 6))
        #expect(random.bits(at: 5) != CounterRandom(seed: 1, stream: 3).bits(at: 5))
        #expect(random.bits(at: 5) != CounterRandom(seed: 2, stream: 2).bits(at: 5))
    }

    @Test func `uniform numbers fill their range evenly`() {
        let random = CounterRandom(seed: 4, stream: 0)
        var bins = [Int](repeating: 0, count: 10)
        for position in 0..<100_000 { bins[Int(random.uniform(at: UInt64(position)) * 10)] += 1 }
        #expect(bins.allSatisfy { abs($0 - 10_000) < 500 })
    }

    @Test func `normal numbers have mean 0 and variance 1`() {
        let random = CounterRandom(seed: 4, stream: 1)
        let numbers = (0..<100_000).map { Double(random.normal(at: UInt64($0))) }
        let mean = numbers.reduce(0, +) / 100_000
        let variance = numbers.reduce(0) { $0 + $1 * $1 } / 100_000
        #expect(abs(mean) < 0.02)
        #expect(abs(variance - 1) < 0.02)
    }
}
