internal import CKernels

/// Solves A x = b for a symmetric positive definite A by its factor U, A = UᵀU.
public enum Cholesky {
    /// Solves one system.
    ///
    /// - Parameters:
    ///   - matrix: A; only its upper triangle is read.
    ///   - right: b, as long as A has columns.
    /// - Returns: x, or nil when A is not positive definite (to the precision of 32 bits).
    public static func solve(_ matrix: Matrix, _ right: [Float]) -> [Float]? {
        precondition(matrix.rows == matrix.columns && right.count == matrix.rows, "the system is not square")
        var factor = matrix
        var solution = Matrix(rows: 1, columns: right.count)
        for (column, value) in right.enumerated() { solution[0, column] = value }
        let isSolved = unsafe factor.withUnsafeMutableNumbers { factor in
            unsafe solution.withUnsafeMutableNumbers { solution in
                unsafe solve(factor, solution, columns: matrix.columns, stride: matrix.stride)
            }
        }
        return isSolved ? solution.row(0) : nil
    }

    /// Solves in place: the matrix becomes its factor, the right-hand side the solution.
    @inline(__always)
    static func solve(
        _ matrix: UnsafeMutablePointer<Float>,
        _ right: UnsafeMutablePointer<Float>,
        columns: Int,
        stride: Int
    ) -> Bool {
        guard unsafe millrace_factor(matrix, columns, stride) != 0 else { return false }
        unsafe millrace_substitute(matrix, columns, stride, right)
        return true
    }
}
