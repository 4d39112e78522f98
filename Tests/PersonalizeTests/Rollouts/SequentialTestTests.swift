import Glibc
import Testing

@testable import Personalize

/// What may be looked at after each user.
@Suite struct SequentialTestTests {
    /// Draws that derive from a seed (SplitMix64).
    struct Draws: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var bits = state
            bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
            bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
            return bits ^ bits >> 31
        }

        mutating func isHit(_ rate: Double) -> Bool { Double.random(in: 0..<1, using: &self) < rate }
    }

    /// Looks after each tenth user of an experiment with true rates and tells the first sign that is sure, if any.
    private func firstSign(
        _ rates: (serving: Double, candidate: Double),
        share: Double = 0.5,
        users: Int = 10_000,
        seed: UInt64
    ) -> (sign: Double, users: Int)? {
        var draws = Draws(state: seed)
        let test = SequentialTest(errorRate: 0.05)
        var serving = SequentialTest.Count()
        var candidate = SequentialTest.Count()
        for user in 1...users {
            if draws.isHit(share) {
                candidate.users += 1
                if draws.isHit(rates.candidate) { candidate.conversions += 1 }
            } else {
                serving.users += 1
                if draws.isHit(rates.serving) { serving.conversions += 1 }
            }
            guard user % 10 == 0, min(serving.users, candidate.users) >= 100 else { continue }
            let finding = test.difference(serving, candidate)
            if finding.interval.lowerBound > 0 { return (1, user) }
            if finding.interval.upperBound < 0 { return (-1, user) }
        }
        return nil
    }

    @Test(arguments: [(0.3, 0.5), (0.05, 0.5), (0.3, 0.05), (0.02, 0.1)])
    func `no winner is named where there is none, but in one of twenty experiments`(rate: Double, share: Double) {
        let named = (0..<200).count { firstSign((rate, rate), share: share, seed: UInt64($0)) != nil }
        #expect(named <= 10, "\(named) of 200")
    }

    @Test func `a true winner is found, and never the other`() {
        for (rates, sign) in [((0.30, 0.36), 1.0), ((0.36, 0.30), -1.0)] {
            let found = (0..<50).map { firstSign(rates, seed: UInt64($0)) }
            #expect(found.count { $0?.sign == sign } >= 48)
            #expect(!found.contains { $0?.sign == -sign })
        }
        let quick = firstSign((0.2, 0.6), seed: 1)
        #expect((quick?.users ?? .max) < 400)
    }

    @Test func `the interval and the p-value say the same`() {
        let test = SequentialTest(errorRate: 0.05)
        for candidate in stride(from: 200, through: 500, by: 5) {
            let finding = test.difference(
                SequentialTest.Count(users: 1000, conversions: 350),
                SequentialTest.Count(users: 1000, conversions: candidate)
            )
            #expect(finding.interval.contains(0) == (finding.pValue > 0.05))
        }
    }

    @Test func `a rate that keeps its bound is hardly ever told to be below it`() {
        var told = 0
        for seed in 0..<200 {
            var draws = Draws(state: UInt64(seed))
            var count = SequentialTest.Count()
            for _ in 0..<3000 {
                count.users += 1
                if draws.isHit(0.2) { count.conversions += 1 }
                if SequentialTest().isBelow(0.2, count) {
                    told += 1
                    break
                }
            }
        }
        #expect(told <= 10, "\(told) of 200")
        #expect(SequentialTest().isBelow(0.2, SequentialTest.Count(users: 200, conversions: 15)))
        #expect(!SequentialTest().isBelow(0.2, SequentialTest.Count(users: 5, conversions: 0)))
        #expect(!SequentialTest().isBelow(0.2, SequentialTest.Count()))
    }

    @Test func `factorials are as they are multiplied`() {
        let product = (1...30).reduce(1.0) { $0 * Double($1) }
        #expect(abs(exp(SequentialTest.logFactorial(30)) / product - 1) < 1e-9)
        #expect(abs(SequentialTest.logFactorial(21) - SequentialTest.logFactorial(20) - log(21)) < 1e-9)
    }
}
