import Kernels
import Testing

@Suite struct InstructionSetTests {
    @Test func `the instruction sets with fused multiplication give the same bytes, the least nearly the same`() throws
    {
        #expect(InstructionSet.allCases.contains(InstructionSet.current))
        let results = try InstructionSet.allCases.map { set in try set.run { try solved() } }
        let least = try #require(results[0])
        if let first = results[1], let second = results[2] { #expect(first == second) }
        for other in results.dropFirst().compactMap({ $0 }) {
            for row in 0..<least.rows {
                for column in 0..<least.columns { #expect(abs(least[row, column] - other[row, column]) < 1e-3) }
            }
        }
    }

    @Test(arguments: [10, 40, 100])
    func `a descent through ratings is the same with each, but for the rounding of the least`(factors: Int) throws {
        let random = CounterRandom(seed: 5, stream: 0)
        let ratings = (0..<UInt64(2000)).map { draw in
            let (user, item) = (UInt32(draw / 40), UInt32(random.bits(at: draw) % 30))
            return Rating(user: user, item: item, value: Float(1 + random.bits(at: draw + 2000) % 5))
        }
        let schedule = RatingSchedule(ratings, userCount: 50, itemCount: 30)
        let start = RatingFactors(schedule: schedule, factors: factors, mean: 0, deviation: 0.1, random: random)
        let results = try InstructionSet.allCases.map { set in
            try set.run {
                var factors = start
                for _ in 0..<3 { try factors.descend(schedule, rate: 0.02, regularization: 0.05, threads: 1) }
                return factors
            }
        }
        let least = try #require(results[0])
        if let first = results[1], let second = results[2] { #expect(first == second) }
        for other in results.dropFirst().compactMap({ $0 }) {
            #expect(other != start)
            for (left, right) in zip(least.users.values, other.users.values) { #expect(abs(left - right) < 1e-4) }
            for (left, right) in zip(least.items.values, other.items.values) { #expect(abs(left - right) < 1e-4) }
        }
    }

    private func solved() throws -> Matrix {
        let fixed = Matrix.random(90, 37)
        var rows = Matrix.random(60, 37, stream: 3)
        for solver in [ImplicitLeastSquares.Solver.conjugateGradient(steps: 60), .cholesky] {
            try ImplicitLeastSquares(fixed: fixed, gram: fixed.gram(threads: 1)).solve(
                &rows,
                observed: .random(rows: 60, columns: 90),
                regularization: [Float](repeating: 1, count: 60),
                solver: solver,
                threads: 1
            )
        }
        return rows
    }
}
