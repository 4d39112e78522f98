import Kernels
import Testing

@Suite struct SymmetricInverseTests {
    private func positive(_ size: Int) -> Matrix {
        var matrix = Matrix.random(size + 5, size).gram(factor: 1 / Float(size), threads: 1)
        for index in 0..<size { matrix[index, index] += 0.5 }
        return matrix
    }

    @Test(arguments: [1, 2, 7, 8, 9, 31, 32, 33, 64, 100, 255, 256, 257, 300, 530])
    func `the product with the inverse is the unit matrix`(size: Int) throws {
        let matrix = positive(size)
        var inverse = matrix
        #expect(try SymmetricInverse.invert(&inverse, threads: 2))
        var other = matrix
        #expect(try SymmetricInverse.invert(&other, threads: 1))
        #expect(inverse == other)
        var worst = 0.0
        for row in stride(from: 0, to: size, by: size > 100 ? 3 : 1) {
            for column in stride(from: row % 13, to: size, by: size > 100 ? 13 : 1) {
                let product = (0..<size).reduce(0.0) { $0 + Double(matrix[row, $1]) * Double(inverse[$1, column]) }
                worst = max(worst, abs(product - (row == column ? 1 : 0)))
            }
        }
        #expect(worst < 1e-3)
    }

    @Test(arguments: [1, 5, 300])
    func `a matrix that is not positive definite has none`(size: Int) throws {
        var matrix = positive(size)
        matrix[size - 1, size - 1] = -1
        #expect(try !SymmetricInverse.invert(&matrix, threads: 2))
        var undefined = positive(size)
        undefined[size / 2, size / 2] = .nan
        #expect(try !SymmetricInverse.invert(&undefined, threads: 2))
    }

    @Test(arguments: [(30, 20, 20), (20, 30, 30), (9, 1, 1), (70, 70, 70), (4, 120, 4), (1, 150, 1)])
    func `weights are those of the closed form, by items and by users`(users: Int, items: Int, size: Int) throws {
        let rows = SparseMatrix.random(rows: users, columns: items, share: items > 100 ? 0.25 : nil)
        let columns = rows.transposed()
        let regularization = (0..<items).map { 2 + Float($0 % 4) }
        let autoencoder = ShallowAutoencoder(
            itemsByUser: rows,
            usersByItem: columns,
            regularization: regularization,
            neighbours: items
        )
        #expect(autoencoder.size == size)
        let weights = try #require(try autoencoder.weights(threads: 2))
        #expect(weights == (try autoencoder.weights(threads: 1)))
        let inverse = inverse(of: columns, regularization)
        for item in 0..<items {
            var row = [Double](repeating: 0, count: items)
            for position in weights.range(row: item) {
                row[Int(weights.columns[position])] = Double(weights.values[position])
            }
            for other in 0..<items {
                let isKnown = !columns.range(row: item).isEmpty && item != other
                let expected = isKnown ? -inverse[item][other] / inverse[other][other] : 0
                #expect(abs(row[other] - expected) < 1e-4)
            }
            let magnitudes = weights.values[weights.range(row: item)].map(\.magnitude)
            #expect(magnitudes == magnitudes.sorted(by: >))
        }
    }

    /// (XᵀX + D)⁻¹ by elimination.
    private func inverse(of columns: SparseMatrix, _ regularization: [Float]) -> [[Double]] {
        let count = columns.rowCount
        let dense = (0..<count).map { item in
            var row = [Double](repeating: 0, count: columns.columnCount)
            for position in columns.range(row: item) {
                row[Int(columns.columns[position])] = Double(columns.values[position])
            }
            return row
        }
        let system = (0..<count).map { left in
            (0..<count).map { right -> Double in
                let product = zip(dense[left], dense[right]).reduce(0.0) { $0 + $1.0 * $1.1 }
                return product + (left == right ? Double(regularization[left]) : 0)
            }
        }
        return ScalarReference.inverse(system)
    }
}
