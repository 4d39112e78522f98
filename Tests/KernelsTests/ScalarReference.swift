import Kernels

/// The same numbers by the plainest loops, in double precision, for the kernels to agree with.
enum ScalarReference {
    static func gram(_ matrix: Matrix, factor: Double) -> [[Double]] {
        (0..<matrix.columns).map { left in
            (0..<matrix.columns).map { right in
                (0..<matrix.rows).reduce(0) { $0 + Double(matrix[$1, left]) * Double(matrix[$1, right]) } * factor
            }
        }
    }

    /// Gaussian elimination with pivoting.
    static func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
        var rows = zip(matrix, right).map { $0 + [$1] }
        let count = rows.count
        for column in 0..<count {
            let pivot = (column..<count).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
            rows.swapAt(column, pivot)
            for row in 0..<count where row != column {
                let factor = rows[row][column] / rows[column][column]
                for index in column...count { rows[row][index] -= factor * rows[column][index] }
            }
        }
        return (0..<count).map { rows[$0][count] / rows[$0][$0] }
    }

    /// Gauss-Jordan elimination, for matrices that need no pivoting.
    static func inverse(_ matrix: [[Double]]) -> [[Double]] {
        let count = matrix.count
        var rows = matrix.enumerated().map { row in row.element + (0..<count).map { $0 == row.offset ? 1 : 0 } }
        for pivot in 0..<count {
            let scale = 1 / rows[pivot][pivot]
            for index in 0..<2 * count { rows[pivot][index] *= scale }
            let current = rows[pivot]
            for row in 0..<count where row != pivot {
                let factor = rows[row][pivot]
                if factor != 0 { for index in 0..<2 * count { rows[row][index] -= factor * current[index] } }
            }
        }
        return rows.map { Array($0[count...]) }
    }

    /// (G + λI + Σ c h hᵀ) x = Σ c h for one row of observations.
    static func leastSquares(
        fixed: Matrix,
        gram: Matrix,
        regularization: Float,
        columns: ArraySlice<UInt32>,
        weights: ArraySlice<Float>
    ) -> [Double] {
        let size = fixed.columns
        var system = (0..<size).map { row in (0..<size).map { Double(gram[row, $0]) } }
        var right = [Double](repeating: 0, count: size)
        for row in 0..<size { system[row][row] += Double(regularization) }
        for (column, weight) in zip(columns, weights) {
            for row in 0..<size {
                right[row] += Double(weight) * Double(fixed[Int(column), row])
                for other in 0..<size {
                    system[row][other] +=
                        Double(weight) * Double(fixed[Int(column), row]) * Double(fixed[Int(column), other])
                }
            }
        }
        return solve(system, right)
    }
}

extension Matrix {
    static func random(_ rows: Int, _ columns: Int, stream: UInt64 = 0) -> Matrix {
        Matrix(rows: rows, columns: columns, deviation: 1, random: CounterRandom(seed: 7, stream: stream))
    }
}

extension SparseMatrix {
    /// A matrix whose rows hold from none to many values.
    ///
    /// With a share, every value is there with this probability.
    static func random(rows: Int, columns: Int, stream: UInt64 = 1, share: Double? = nil) -> SparseMatrix {
        let random = CounterRandom(seed: 11, stream: stream)
        var offsets = [0]
        var entries: [UInt32] = []
        for row in 0..<rows {
            let share = share ?? Double(row % 7) / 7
            entries += (0..<columns).filter { random.uniform(at: UInt64(row * columns + $0)) < share }.map(UInt32.init)
            offsets.append(entries.count)
        }
        let values = entries.indices.map { Float(0.5 + random.uniform(at: UInt64(1_000_000 + $0))) }
        return SparseMatrix(columnCount: columns, sortedOffsets: offsets, columns: entries, values: values)
    }
}
