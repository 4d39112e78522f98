import Kernels
import Testing

@Suite struct SolverTests {
    @Test(arguments: [1, 2, 3, 4, 5, 8, 17, 64])
    func `Cholesky solves what elimination solves`(size: Int) throws {
        var matrix = Matrix.random(size * 2, size).gram(threads: 1)
        for index in 0..<size { matrix[index, index] += 1 }
        let right = (0..<size).map { Float($0 % 3) - 1 }
        let solution = try #require(Cholesky.solve(matrix, right))
        let reference = ScalarReference.solve(
            (0..<size).map { row in (0..<size).map { Double(matrix[row, $0]) } },
            right.map(Double.init)
        )
        for (left, right) in zip(solution, reference) { #expect(abs(Double(left) - right) < 1e-3) }
    }

    @Test func `a matrix that is not positive definite has no solution`() {
        var matrix = Matrix(rows: 2, columns: 2)
        matrix[0, 0] = 1
        matrix[1, 1] = -1
        #expect(Cholesky.solve(matrix, [1, 1]) == nil)
    }

    @Test(arguments: [1, 3, 4, 6, 13, 32], [ImplicitLeastSquares.Solver.cholesky, .conjugateGradient(steps: 40)])
    func `each row's system is solved as by elimination`(columns: Int, solver: ImplicitLeastSquares.Solver) throws {
        let fixed = Matrix.random(23, columns)
        let observed = SparseMatrix.random(rows: 40, columns: 23)
        let gram = fixed.gram(factor: 0.1, threads: 1)
        let regularization = (0..<40).map { 0.5 + Float($0) / 10 }
        var rows = Matrix.random(40, columns, stream: 3)
        try ImplicitLeastSquares(fixed: fixed, gram: gram)
            .solve(&rows, observed: observed, regularization: regularization, solver: solver, threads: 2)
        for row in 0..<40 {
            let range = observed.range(row: row)
            let reference = ScalarReference.leastSquares(
                fixed: fixed,
                gram: gram,
                regularization: regularization[row],
                columns: observed.columns[range],
                weights: observed.values[range]
            )
            for column in 0..<columns { #expect(abs(Double(rows[row, column]) - reference[column]) < 2e-3) }
        }
    }

    @Test func `rows have the same bytes for any number of threads`() throws {
        let fixed = Matrix.random(50, 19)
        let observed = SparseMatrix.random(rows: 300, columns: 50)
        let system = ImplicitLeastSquares(fixed: fixed, gram: fixed.gram(threads: 1))
        let solved = try [1, 2, 4].map { threads in
            var rows = Matrix.random(300, 19, stream: 3)
            try system.solve(
                &rows,
                observed: observed,
                regularization: [Float](repeating: 1, count: 300),
                solver: .conjugateGradient(steps: 3),
                threads: threads
            )
            return rows
        }
        #expect(solved[0] == solved[1])
        #expect(solved[0] == solved[2])
    }

    @Test func `what the checkpoint throws ends the work`() {
        let fixed = Matrix.random(5, 4)
        var rows = Matrix.random(1000, 4)
        #expect(throws: CancellationError.self) {
            try ImplicitLeastSquares(fixed: fixed, gram: fixed.gram(threads: 1)).solve(
                &rows,
                observed: .random(rows: 1000, columns: 5),
                regularization: [Float](repeating: 1, count: 1000),
                solver: .cholesky,
                threads: 2,
                checkpoint: { throw CancellationError() }
            )
        }
    }
}
