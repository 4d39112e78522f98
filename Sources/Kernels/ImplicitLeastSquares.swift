internal import CKernels

/// One half of alternating least squares for implicit feedback.
///
/// It solves for each row x of one side, the other side fixed,
///
///     (G + λI + Σ c h hᵀ) x = Σ c h
///
/// over the fixed rows h that x was observed with, c being the observation's weight and G what stands for all the rest.
/// [Hu, Koren, Volinsky: "Collaborative filtering for implicit feedback datasets", 2008; the conjugate gradient from
/// Takács, Pilászy, Tikk: "Applications of the conjugate gradient method for implicit feedback collaborative
/// filtering", 2011]
public struct ImplicitLeastSquares: Sendable {
    /// How a row's system is solved.
    public enum Solver: Sendable, Equatable {
        /// Exactly, by the Cholesky factor: cubic in the number of columns.
        case cholesky
        /// By so many steps of conjugate gradient from the row's present value.
        case conjugateGradient(steps: Int)
    }

    let fixed: Matrix
    let gram: Matrix

    /// The systems of one side.
    ///
    /// - Parameters:
    ///   - fixed: The rows of the other side.
    ///   - gram: G: usually the unobserved weight times the fixed rows' `gram`.
    public init(fixed: Matrix, gram: Matrix) {
        precondition(gram.rows == fixed.columns && gram.columns == fixed.columns, "G does not fit the fixed rows")
        self.fixed = fixed
        self.gram = gram
    }

    /// Solves for all rows; rows without an observation become zero.
    ///
    /// - Parameters:
    ///   - rows: Their present values, which become the solutions.
    ///   - observed: The weights, a row a row, a column a fixed row.
    ///   - regularization: λ of each row, more than zero.
    ///   - solver: How each system is solved.
    ///   - threads: The most threads to work at once.
    ///   - checkpoint: Called on any thread every few rows; what it throws ends the work.
    /// - Throws: What `checkpoint` throws; the rows are then partly solved.
    public func solve(
        _ rows: inout Matrix,
        observed: SparseMatrix,
        regularization: [Float],
        solver: Solver,
        threads: Int,
        checkpoint: @escaping @Sendable () throws -> Void = {}
    ) throws {
        precondition(rows.columns == fixed.columns && rows.rows == observed.rowCount, "rows and observations differ")
        precondition(regularization.count == rows.rows && observed.columnCount == fixed.rows, "sizes differ")
        let stride = rows.stride
        try unsafe rows.withUnsafeMutableNumbers { base in
            nonisolated(unsafe) let base = unsafe base
            // Small blocks, since a single row may take as long as a thousand others.
            let blockSize = max(1, min(64, observed.rowCount / 256))
            try Parallel.forEachBlock(count: observed.rowCount, blockSize: blockSize, threads: threads) { block in
                try checkpoint()
                var workspace = Workspace(columns: fixed.columns, isExact: solver == .cholesky)
                for row in block {
                    unsafe solve(
                        base + row * stride,
                        observed: observed,
                        row: row,
                        regularization: regularization[row],
                        solver: solver,
                        workspace: &workspace
                    )
                }
            }
        }
    }

    private func solve(
        _ solution: UnsafeMutablePointer<Float>,
        observed: SparseMatrix,
        row: Int,
        regularization: Float,
        solver: Solver,
        workspace: inout Workspace
    ) {
        let range = observed.range(row: row)
        guard !range.isEmpty else {
            unsafe solution.update(repeating: 0, count: fixed.stride)
            return
        }
        unsafe observed.columns.withUnsafeBufferPointer { columns in
            unsafe observed.values.withUnsafeBufferPointer { values in
                unsafe fixed.withUnsafeNumbers { fixed in
                    unsafe gram.withUnsafeNumbers { gram in
                        guard let columns = columns.baseAddress, let values = values.baseAddress else { return }
                        var system = unsafe millrace_system(
                            fixed: fixed,
                            gram: gram,
                            columns: self.fixed.columns,
                            blocks: self.fixed.blocks,
                            regularization: regularization,
                            observed: columns + range.lowerBound,
                            weights: values + range.lowerBound,
                            count: range.count
                        )
                        unsafe solve(&system, solution, solver: solver, workspace: &workspace)
                    }
                }
            }
        }
    }

    private func solve(
        _ system: inout millrace_system,
        _ solution: UnsafeMutablePointer<Float>,
        solver: Solver,
        workspace: inout Workspace
    ) {
        var steps = fixed.columns
        if case .conjugateGradient(let count) = solver {
            steps = count
        } else if unsafe solveExactly(&system, solution, in: &workspace.system) {
            return
        }
        unsafe workspace.directions.withUnsafeMutableNumbers { memory in
            unsafe millrace_descend(&system, solution, steps, memory)
        }
    }

    /// Solves by the Cholesky factor; where there is none to the precision of 32 bits, the solution becomes zero.
    private func solveExactly(
        _ system: inout millrace_system,
        _ solution: UnsafeMutablePointer<Float>,
        in matrix: inout Matrix
    ) -> Bool {
        let (columns, stride) = (fixed.columns, fixed.stride)
        unsafe solution.update(repeating: 0, count: stride)
        let isSolved = unsafe matrix.withUnsafeMutableNumbers { matrix in
            unsafe matrix.update(from: system.gram, count: columns * stride)
            for row in 0..<columns { unsafe matrix[row * stride + row] += system.regularization }
            unsafe millrace_accumulate(&system, matrix, solution)
            return unsafe Cholesky.solve(matrix, solution, columns: columns, stride: stride)
        }
        if !isSolved { unsafe solution.update(repeating: 0, count: stride) }
        return isSolved
    }
}

/// Memory that one thread solves its rows in.
private struct Workspace {
    var system: Matrix
    var directions: Matrix

    init(columns: Int, isExact: Bool) {
        system = Matrix(system: isExact ? columns : 0)
        directions = Matrix(rows: 3, columns: columns)
    }
}
