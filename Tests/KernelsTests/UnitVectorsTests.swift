import Kernels
import Testing

@Suite struct UnitVectorsTests {
    private static func cosine(_ matrix: Matrix, _ left: Int, _ right: Int) -> Double {
        let (left, right) = (matrix.row(left).map(Double.init), matrix.row(right).map(Double.init))
        let product = zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
        let squares = [left, right].map { $0.reduce(0) { $0 + $1 * $1 } }
        return squares.contains(0) ? 0 : product / (squares[0] * squares[1]).squareRoot()
    }

    @Test(arguments: [1, 3, 8, 9, 64, 100, 1128], [Float(1), 1e-30, 1e30])
    func `cosines agree with plain loops, for rows of any length`(columns: Int, size: Float) {
        var matrix = Matrix.random(20, columns)
        for row in 0..<20 { for column in 0..<columns { matrix[row, column] *= size } }
        let vectors = UnitVectors(matrix, threads: 2)
        #expect(vectors == UnitVectors(matrix, threads: 1))
        for left in 0..<20 {
            for right in 0..<20 {
                let difference = Double(vectors.cosine(left, vectors, right)) - Self.cosine(matrix, left, right)
                #expect(abs(difference) < 2e-4)
            }
        }
    }

    @Test func `a row of one number and a row of equal ones keep their length, a row of zeros has none`() {
        var matrix = Matrix(rows: 4, columns: 4096)
        matrix[0, 4095] = -7
        for column in 0..<4096 {
            matrix[1, column] = 3
            matrix[2, column] = column == 0 ? 1 : 1e-7
        }
        let vectors = UnitVectors(matrix)
        for row in 0..<3 { #expect(abs(vectors.cosine(row, vectors, row) - 1) < 2e-3) }
        for row in 0..<4 { #expect(vectors.cosine(3, vectors, row) == 0) }
        #expect(vectors.values.min() == -32_000)
    }

    @Test(arguments: [(1, 1), (3, 5), (100, 17), (333, 64)])
    func `the nearest of all are those of a full sort`(rows: Int, columns: Int) {
        let vectors = UnitVectors(Matrix.random(rows, columns))
        let queries = UnitVectors(Matrix.random(11, columns, stream: 3))
        let excluded: [UInt64] = [0b1010]
        let found = vectors.nearest(to: queries, count: 7, excluded: excluded, threads: 2)
        for query in 0..<11 {
            let kept = (0..<rows).filter { $0 != 1 && $0 != 3 }
            let cosines = kept.map { (row: UInt32($0), cosine: vectors.cosine($0, queries, query)) }
            let sorted = cosines.sorted { ($1.cosine, $0.row) < ($0.cosine, $1.row) }.prefix(7)
            #expect(found[query].count == sorted.count)
            for (mine, theirs) in zip(found[query], sorted) { #expect(abs(mine.cosine - theirs.cosine) < 1e-6) }
        }
    }

    @Test func `rows can be made one at a time`() {
        let matrix = Matrix.random(200, 13)
        let vectors = UnitVectors(count: 200, columns: 13, threads: 2) { row, numbers in
            for column in 0..<13 { numbers[column] = matrix[row, column] }
        }
        #expect(vectors == UnitVectors(matrix))
    }

    @Test func `numbers of another count are refused`() throws {
        let vectors = UnitVectors(Matrix.random(3, 9))
        #expect(try UnitVectors(count: 3, columns: 9, values: vectors.values) == vectors)
        #expect(throws: KernelError.self) { try UnitVectors(count: 3, columns: 17, values: vectors.values) }
        #expect(throws: KernelError.self) { try UnitVectors(count: -1, columns: 9, values: vectors.values) }
        #expect(throws: KernelError.self) { try UnitVectors(count: .max, columns: 9, values: vectors.values) }
    }
}
