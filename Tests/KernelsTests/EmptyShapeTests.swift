import Kernels
import Testing

/// Kernels on nothing, and on the least there can be.
@Suite struct EmptyShapeTests {
    @Test(arguments: [0, 1, 5], [1, 2])
    func `columns of no rows have inner products of zero`(columns: Int, threads: Int) {
        let gram = Matrix(rows: 0, columns: columns).gram(factor: 3, threads: threads)
        #expect(gram == Matrix(rows: columns, columns: columns))
        #expect(Matrix(rows: 3, columns: 0).gram(threads: threads).values.isEmpty)
    }

    @Test(arguments: [0, 1, 3])
    func `without items there is no answer, without requests none is given`(columns: Int) {
        let vector = [Float](repeating: 1, count: columns)
        let requests = (0..<3).map { _ in DotProductRanking.Request(vector: vector, count: 5) }
        let none = DotProductRanking(items: Matrix(rows: 0, columns: columns), scale: 1)
        let answers = none.answers(requests, threads: 2)
        #expect(answers.count == 3)
        #expect(answers.allSatisfy { $0.entries.isEmpty && $0.exponentialSum == 0 })
        let some = DotProductRanking(items: Matrix.random(4, columns), scale: 1)
        #expect(some.answers([], threads: 2).isEmpty)
        #expect(some.answers(requests, threads: 2).allSatisfy { $0.entries.count == 4 })
    }

    @Test(arguments: [ImplicitLeastSquares.Solver.cholesky, .conjugateGradient(steps: 3)])
    func `rows without observations are solved by zero`(solver: ImplicitLeastSquares.Solver) throws {
        let fixed = Matrix.random(6, 5)
        let systems = ImplicitLeastSquares(fixed: fixed, gram: fixed.gram(threads: 1))
        for count in [0, 1, 9] {
            var rows = Matrix.random(count, 5)
            let empty = SparseMatrix(
                columnCount: 6,
                sortedOffsets: [Int](repeating: 0, count: count + 1),
                columns: [],
                values: []
            )
            let regularization = [Float](repeating: 1, count: count)
            try systems.solve(&rows, observed: empty, regularization: regularization, solver: solver, threads: 2)
            #expect(rows.values.allSatisfy { abs($0) < 1e-3 })
        }
    }

    @Test func `a matrix of no rows has an inverse of no rows, one of one row its reciprocal`() throws {
        var none = Matrix(rows: 0, columns: 0)
        #expect(try SymmetricInverse.invert(&none, threads: 2))
        var one = Matrix(rows: 1, columns: 1)
        one[0, 0] = 4
        #expect(try SymmetricInverse.invert(&one, threads: 2))
        #expect(one[0, 0] == 0.25)
        #expect(Cholesky.solve(Matrix(rows: 0, columns: 0), []) == [])
    }

    @Test(arguments: [0, 1, 9])
    func `of no rows none is near, and none is far from itself`(columns: Int) {
        let none = UnitVectors(Matrix(rows: 0, columns: columns), threads: 2)
        let queries = UnitVectors(Matrix.random(2, columns))
        #expect(none.nearest(to: queries, count: 3, threads: 2) == [[], []])
        #expect(queries.nearest(to: none, count: 3).isEmpty)
        #expect(queries.nearest(to: queries, count: 0) == [[], []])
    }

    @Test func `a transpose of nothing is nothing, and has as many columns as there were rows`() {
        for (rows, columns) in [(0, 0), (0, 3), (3, 0)] {
            let offsets = [Int](repeating: 0, count: rows + 1)
            let matrix = SparseMatrix(columnCount: columns, sortedOffsets: offsets, columns: [], values: [])
            let turned = matrix.transposed()
            #expect(turned.rowCount == columns && turned.columnCount == rows && turned.count == 0)
            #expect(turned.transposed() == matrix)
            #expect(matrix.summingDuplicates() == matrix)
        }
    }
}
