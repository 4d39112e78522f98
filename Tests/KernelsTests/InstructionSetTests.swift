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
