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
        let vectors = rows.vectors
        try unsafe rows.withUnsafeMutableVectors { base in
            nonisolated(unsafe) let base = unsafe base
            try Parallel.forEachBlock(count: observed.rowCount, blockSize: 64, threads: threads) { block in
                try checkpoint()
                var workspace = Workspace(columns: fixed.columns)
                for row in block {
                    unsafe solve(
                        base + row * vectors,
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
        _ solution: UnsafeMutablePointer<Vector>,
        observed: SparseMatrix,
        row: Int,
        regularization: Float,
        solver: Solver,
        workspace: inout Workspace
    ) {
        let range = observed.range(row: row)
        guard !range.isEmpty else {
            for index in 0..<fixed.vectors { unsafe solution[index] = .zero }
            return
        }
        unsafe observed.columns.withUnsafeBufferPointer { columns in
            unsafe observed.values.withUnsafeBufferPointer { values in
                unsafe fixed.withUnsafeVectors { fixed in
                    unsafe gram.withUnsafeVectors { gram in
                        guard let columns = columns.baseAddress, let values = values.baseAddress else { return }
                        let system = unsafe RowSystem(
                            fixed: fixed,
                            gram: gram,
                            columns: self.fixed.columns,
                            vectors: self.fixed.vectors,
                            regularization: regularization,
                            observed: columns + range.lowerBound,
                            weights: values + range.lowerBound,
                            count: range.count
                        )
                        unsafe system.solve(solution, solver: solver, workspace: &workspace)
                    }
                }
            }
        }
    }
}

/// Memory that one thread solves its rows in.
struct Workspace {
    var system: Matrix
    var directions: Matrix

    init(columns: Int) {
        system = Matrix(rows: columns, columns: columns)
        directions = Matrix(rows: 3, columns: columns)
    }
}
