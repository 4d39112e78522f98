extension SparseMatrix {
    /// A matrix with ones on its diagonal and nothing else.
    public static func identity(_ count: Int) -> SparseMatrix {
        SparseMatrix(
            unchecked: count,
            offsets: Array(0...count),
            columns: (0..<count).map { UInt32($0) },
            values: [Float](repeating: 1, count: count)
        )
    }

    /// The same columns with values that add up to one in each row that has any.
    public func normalizingRows() -> SparseMatrix {
        var shares = values
        for row in 0..<rowCount {
            let range = range(row: row)
            let total = values[range].reduce(0, +)
            guard total != 0 else { continue }
            for position in range { shares[position] /= total }
        }
        return SparseMatrix(unchecked: columnCount, offsets: offsets, columns: columns, values: shares)
    }

    /// The product with a dense matrix: for each row the sum of the dense rows that its columns name, by its values.
    ///
    /// - Parameter rows: A row a column.
    /// - Returns: A matrix with a row a row.
    public func weightedSums(of rows: Matrix) -> Matrix {
        precondition(rows.rows >= columnCount, "the columns name rows beyond the matrix")
        var sums = Matrix(rows: rowCount, columns: rows.columns)
        let vectors = rows.vectors
        unsafe sums.withUnsafeMutableVectors { sums in
            unsafe rows.withUnsafeVectors { rows in
                for row in 0..<rowCount {
                    for position in range(row: row) {
                        let source = unsafe rows + Int(columns[position]) * vectors
                        unsafe Kernels.add(values[position], source, to: sums + row * vectors, vectors)
                    }
                }
            }
        }
        return sums
    }
}

extension Matrix {
    /// Rows by number, one after another.
    ///
    /// - Parameter numbers: The rows' numbers; each must be within the matrix.
    /// - Returns: A matrix with a row a number.
    public func gathering(rows numbers: [UInt32]) -> Matrix {
        var gathered = Matrix(rows: numbers.count, columns: columns)
        let (rows, vectors) = (rows, vectors)
        unsafe gathered.withUnsafeMutableVectors { target in
            unsafe withUnsafeVectors { source in
                for (index, number) in numbers.enumerated() {
                    precondition(number < rows, "row out of range")
                    unsafe (target + index * vectors).update(from: source + Int(number) * vectors, count: vectors)
                }
            }
        }
        return gathered
    }

    /// Writes rows from the first on; where there is none, zeros stay.
    ///
    /// - Parameter rows: At most as many rows as the matrix has, each as long as the columns, or nil.
    public mutating func setRows(_ rows: some Sequence<[Float]?>) {
        let (count, columns, stride) = (self.rows, columns, stride)
        unsafe withUnsafeMutableVectors { vectors in
            let values = unsafe UnsafeMutableRawPointer(vectors).assumingMemoryBound(to: Float.self)
            for (index, row) in rows.enumerated() {
                guard let row else { continue }
                precondition(index < count && row.count == columns, "the row does not fit the matrix")
                for (column, value) in row.enumerated() { unsafe values[index * stride + column] = value }
            }
        }
    }

    /// The rows with those of another matrix after them.
    ///
    /// - Parameter other: A matrix with as many columns.
    /// - Returns: A matrix with the rows of both.
    public func appending(_ other: Matrix) -> Matrix {
        precondition(columns == other.columns, "the matrices differ in their columns")
        var all = Matrix(rows: rows + other.rows, columns: columns)
        let (first, second) = (rows * vectors, other.rows * vectors)
        unsafe all.withUnsafeMutableVectors { all in
            unsafe withUnsafeVectors { unsafe all.update(from: $0, count: first) }
            unsafe other.withUnsafeVectors { unsafe (all + first).update(from: $0, count: second) }
        }
        return all
    }

    /// Adds a multiple of another matrix of the same size.
    ///
    /// - Parameters:
    ///   - other: The other matrix.
    ///   - factor: What it is multiplied by.
    public mutating func addMultiple(of other: Matrix, factor: Float) {
        precondition(rows == other.rows && columns == other.columns, "the sizes do not fit")
        let count = rows * vectors
        unsafe withUnsafeMutableVectors { sum in
            unsafe other.withUnsafeVectors { unsafe Kernels.add(factor, $0, to: sum, count) }
        }
    }

    /// The root of the mean square of all numbers in rows that are not zero, or 0 without any.
    public var deviation: Float {
        var total = 0.0
        var count = 0
        for row in 0..<rows where !isZero(row: row) {
            total += values[row * stride..<row * stride + columns].reduce(0.0) { $0 + Double($1) * Double($1) }
            count += columns
        }
        return count > 0 ? Float((total / Double(count)).squareRoot()) : 0
    }

    /// The same with a column of zeros after the last.
    func addingColumn() -> Matrix {
        var wide = Matrix(rows: rows, columns: columns + 1)
        let (rows, columns, stride, width) = (rows, columns, stride, wide.stride)
        unsafe wide.withUnsafeMutableVectors { target in
            unsafe withUnsafeVectors { source in
                let source = unsafe UnsafeRawPointer(source).assumingMemoryBound(to: Float.self)
                let target = unsafe UnsafeMutableRawPointer(target).assumingMemoryBound(to: Float.self)
                for row in 0..<rows {
                    unsafe (target + row * width).update(from: source + row * stride, count: columns)
                }
            }
        }
        return wide
    }
}
