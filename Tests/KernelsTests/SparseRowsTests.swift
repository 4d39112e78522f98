import Kernels
import Testing

@Suite struct SparseRowsTests {
    private static let shapes = [(0, 1), (1, 0), (1, 1), (3, 2), (17, 31), (40, 16), (5, 200)]

    private func dense(_ matrix: SparseMatrix) -> [[Double]] {
        (0..<matrix.rowCount).map { row in
            var numbers = [Double](repeating: 0, count: matrix.columnCount)
            for position in matrix.range(row: row) {
                numbers[Int(matrix.columns[position])] += Double(matrix.values[position])
            }
            return numbers
        }
    }

    @Test(arguments: shapes)
    func `the weighted inner products of rows are those of plain loops`(rows: Int, columns: Int) throws {
        let matrix = SparseMatrix.random(rows: rows, columns: columns)
        let weights = (0..<columns).map { 0.5 + Float($0 % 3) }
        let transposed = matrix.transposed()
        let gram = try matrix.gram(transposed: transposed, weights: weights, threads: 2)
        #expect(gram == (try matrix.gram(transposed: transposed, weights: weights, threads: 1)))
        let dense = dense(matrix)
        for left in 0..<rows {
            for right in 0..<rows {
                let exact = (0..<columns).reduce(0.0) {
                    $0 + dense[left][$1] * dense[right][$1] * Double(weights[$1])
                }
                #expect(abs(Double(gram[left, right]) - exact) <= 1e-5 * max(1, exact))
            }
        }
    }

    @Test(arguments: shapes, [1, 4, 17])
    func `the product with a dense matrix is that of plain loops`(shape: (rows: Int, columns: Int), width: Int) {
        let matrix = SparseMatrix.random(rows: shape.rows, columns: shape.columns)
        let right = Matrix.random(shape.columns, width)
        let sums = matrix.weightedSums(of: right)
        for (row, numbers) in dense(matrix).enumerated() {
            for column in 0..<width {
                let exact = numbers.enumerated().reduce(0.0) { $0 + $1.element * Double(right[$1.offset, column]) }
                #expect(abs(Double(sums[row, column]) - exact) < 1e-4)
            }
        }
    }

    @Test func `the product of the unit matrix is the other`() {
        let matrix = Matrix.random(9, 5)
        #expect(SparseMatrix.identity(9).weightedSums(of: matrix) == matrix)
        #expect(SparseMatrix.identity(0).rowCount == 0)
    }

    @Test(arguments: shapes)
    func `sums of mapped rows are those of plain loops, and none of no rows`(rows: Int, columns: Int) {
        let matrix = SparseMatrix.random(rows: rows, columns: columns)
        let mapped = MappedRows(columns: MappedArray(matrix.columns), values: MappedArray(matrix.values))
        let chosen = (0..<rows).filter { $0 % 3 != 1 }
        let sums = mapped.sums(
            of: chosen.map { (rows: matrix.range(row: $0), weight: Float($0 % 4) - 1) },
            columnCount: columns
        )
        let dense = dense(matrix)
        for column in 0..<columns {
            let exact = chosen.reduce(0.0) { $0 + dense[$1][column] * Double($1 % 4 - 1) }
            #expect(abs(Double(sums[column]) - exact) < 1e-4)
        }
        #expect(mapped.sums(of: [], columnCount: 3) == [0, 0, 0])
    }

    @Test(arguments: shapes)
    func `rows are made to add up to one, and long ones emptied`(rows: Int, columns: Int) {
        let matrix = SparseMatrix.random(rows: rows, columns: columns)
        for (row, numbers) in dense(matrix.normalizingRows()).enumerated() where !matrix.range(row: row).isEmpty {
            #expect(abs(numbers.reduce(0, +) - 1) < 1e-5)
        }
        for limit in [0, 1, 5, columns] {
            let kept = matrix.emptyingRows(longerThan: limit)
            #expect(kept.rowCount == rows && kept.columnCount == columns)
            for row in 0..<rows {
                let range = matrix.range(row: row)
                let expected = range.count <= limit ? Array(matrix.columns[range]) : []
                #expect(Array(kept.columns[kept.range(row: row)]) == expected)
            }
        }
    }

    @Test func `a row whose values cancel out stays as it is`() {
        let matrix = SparseMatrix(columnCount: 2, sortedOffsets: [0, 2], columns: [0, 1], values: [1, -1])
        #expect(matrix.normalizingRows() == matrix)
    }

    @Test(arguments: [(0, 3), (1, 1), (4, 16), (7, 17)])
    func `rows of two matrices lie one after another, and multiples add up`(rows: Int, columns: Int) {
        let (first, second) = (Matrix.random(rows, columns), Matrix.random(rows, columns, stream: 2))
        let both = first.appending(second)
        for row in 0..<rows {
            #expect(both.row(row) == first.row(row))
            #expect(both.row(rows + row) == second.row(row))
        }
        var sum = first
        sum.addMultiple(of: second, factor: -2)
        var squares = 0.0
        for row in 0..<rows {
            for column in 0..<columns {
                #expect(abs(sum[row, column] - (first[row, column] - 2 * second[row, column])) < 1e-5)
                squares += Double(first[row, column]) * Double(first[row, column])
            }
        }
        let deviation = (squares / Double(max(rows * columns, 1))).squareRoot()
        #expect(abs(Double(first.deviation) - deviation) < 1e-5)
    }
}
