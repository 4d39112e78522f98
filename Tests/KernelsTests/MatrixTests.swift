import Kernels
import Testing

@Suite struct MatrixTests {
    @Test(arguments: [(1, 1), (3, 5), (130, 7), (257, 64), (1000, 33)])
    func `the Gram product agrees with plain loops`(rows: Int, columns: Int) {
        let matrix = Matrix.random(rows, columns)
        let gram = matrix.gram(factor: 0.5, threads: 2)
        let reference = ScalarReference.gram(matrix, factor: 0.5)
        for row in 0..<columns {
            for column in 0..<columns {
                let tolerance = 1e-5 * Double(rows)
                #expect(abs(Double(gram[row, column]) - reference[row][column]) < tolerance)
            }
        }
    }

    @Test func `the Gram product has the same bytes for any number of threads`() {
        let matrix = Matrix.random(5000, 17)
        let one = matrix.gram(threads: 1)
        #expect(one == matrix.gram(threads: 2))
        #expect(one == matrix.gram(threads: 5))
    }

    @Test func `writing one copy leaves the other as it was`() {
        let original = Matrix.random(3, 3)
        var changed = original
        changed[1, 1] = 42
        #expect(changed[1, 1] == 42)
        #expect(original[1, 1] != 42)
        #expect(original == Matrix.random(3, 3))
    }

    @Test func `values of another number than rows times stride are refused`() {
        #expect(throws: KernelError.self) { try Matrix(rows: 2, columns: 3, values: MappedArray([1, 2, 3])) }
        #expect(throws: KernelError.self) { try Matrix(rows: .max, columns: 8, values: MappedArray([1, 2, 3])) }
    }

    @Test func `a row has its columns and no padding`() throws {
        let padding = [Float](repeating: 0, count: 13)
        let matrix = try Matrix(rows: 2, columns: 3, values: MappedArray([1, 2, 3] + padding + [4, 5, 6] + padding))
        #expect(matrix.row(1) == [4, 5, 6])
        #expect(matrix.dot(row: 1, [1, 10, 100]) == 654)
        #expect(!matrix.isZero(row: 0))
        var cleared = matrix
        cleared.clear(row: 0)
        #expect(cleared.isZero(row: 0))
    }
}
