/// Solves A x = b for a symmetric positive definite A by its factor L, A = L Lᵀ.
public enum Cholesky {
    /// Solves one system.
    ///
    /// - Parameters:
    ///   - matrix: A; only its lower triangle is read.
    ///   - right: b, as long as A has columns.
    /// - Returns: x, or nil when A is not positive definite (to the precision of 32 bits).
    public static func solve(_ matrix: Matrix, _ right: [Float]) -> [Float]? {
        precondition(matrix.rows == matrix.columns && right.count == matrix.rows, "the system is not square")
        var factor = matrix
        var solution = Matrix(rows: 1, columns: right.count)
        for (column, value) in right.enumerated() { solution[0, column] = value }
        let isSolved = unsafe factor.withUnsafeMutableVectors { factor in
            unsafe solution.withUnsafeMutableVectors { solution in
                unsafe solve(factor, solution, columns: matrix.columns, vectors: matrix.vectors)
            }
        }
        return isSolved ? solution.row(0) : nil
    }

    /// Solves in place: the matrix becomes its factor, the right-hand side the solution.
    static func solve(
        _ matrix: UnsafeMutablePointer<Vector>,
        _ right: UnsafeMutablePointer<Vector>,
        columns: Int,
        vectors: Int
    ) -> Bool {
        guard unsafe factor(matrix, columns: columns, vectors: vectors) else { return false }
        let right = unsafe UnsafeMutableRawPointer(right).assumingMemoryBound(to: Float.self)
        let values = unsafe UnsafeMutableRawPointer(matrix).assumingMemoryBound(to: Float.self)
        let stride = vectors * 4
        for row in 0..<columns {
            let known = unsafe product(matrix + row * vectors, UnsafeMutableRawPointer(right), count: row)
            unsafe right[row] = (right[row] - known) / values[row * stride + row]
        }
        for row in (0..<columns).reversed() {
            unsafe right[row] /= values[row * stride + row]
            for column in 0..<row { unsafe right[column] -= values[row * stride + column] * right[row] }
        }
        return true
    }

    private static func factor(_ matrix: UnsafeMutablePointer<Vector>, columns: Int, vectors: Int) -> Bool {
        let values = unsafe UnsafeMutableRawPointer(matrix).assumingMemoryBound(to: Float.self)
        let stride = vectors * 4
        for row in 0..<columns {
            let current = unsafe matrix + row * vectors
            for column in 0...row {
                let known = unsafe product(current, UnsafeMutableRawPointer(matrix + column * vectors), count: column)
                let rest = unsafe values[row * stride + column] - known
                if column < row {
                    unsafe values[row * stride + column] = rest / values[column * stride + column]
                } else {
                    guard rest > 0, rest.isFinite else { return false }
                    unsafe values[row * stride + row] = rest.squareRoot()
                }
            }
        }
        return true
    }

    /// The inner product of the first numbers of two rows.
    @inline(__always)
    private static func product(
        _ left: UnsafeMutablePointer<Vector>,
        _ right: UnsafeMutableRawPointer,
        count: Int
    ) -> Float {
        let whole = count >> 2
        var total = unsafe dot(left, right.assumingMemoryBound(to: Vector.self), whole)
        let values = unsafe UnsafeMutableRawPointer(left).assumingMemoryBound(to: Float.self)
        let others = unsafe right.assumingMemoryBound(to: Float.self)
        for index in whole << 2..<count { unsafe total += values[index] * others[index] }
        return total
    }
}
