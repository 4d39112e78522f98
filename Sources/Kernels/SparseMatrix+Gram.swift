extension SparseMatrix {
    /// The weighted inner products of the rows with one another, A W Aᵀ with a diagonal W.
    ///
    /// - Parameters:
    ///   - transposed: Aᵀ.
    ///   - weights: The diagonal of W, one a column.
    ///   - threads: The most threads to work at once.
    ///   - checkpoint: Called on any thread every few rows; what it throws ends the work.
    /// - Returns: A symmetric matrix with a row and a column for each row.
    /// - Throws: What `checkpoint` throws.
    public func gram(
        transposed: SparseMatrix,
        weights: [Float],
        threads: Int,
        checkpoint: @escaping @Sendable () throws -> Void = {}
    ) throws -> Matrix {
        precondition(transposed.rowCount == columnCount && weights.count == columnCount, "the sides differ")
        var product = Matrix(rows: rowCount, columns: rowCount)
        let stride = product.stride
        try unsafe product.withUnsafeMutableNumbers { values in
            nonisolated(unsafe) let values = unsafe values
            try Parallel.forEachBlock(count: rowCount, blockSize: 16, threads: threads) { block in
                try checkpoint()
                for row in block {
                    for position in range(row: row) {
                        let column = Int(columns[position])
                        let factor = self.values[position] * weights[column]
                        unsafe transposed.add(row: column, times: factor, to: values + row * stride)
                    }
                }
            }
        }
        return product
    }

    /// Adds a row times a factor to numbers that lie one after another.
    @inline(__always)
    func add(row: Int, times factor: Float, to sums: UnsafeMutablePointer<Float>) {
        unsafe columns.withUnsafeBufferPointer { columns in
            unsafe values.withUnsafeBufferPointer { values in
                for position in range(row: row) {
                    unsafe sums[Int(columns[position])] += values[position] * factor
                }
            }
        }
    }
}
