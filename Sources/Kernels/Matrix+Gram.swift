internal import CKernels

extension Matrix {
    /// The inner products of the columns with one another, XᵀX, times a factor.
    ///
    /// The rows are summed in a fixed number of parts, in a fixed order, whatever the number of threads.
    ///
    /// - Parameters:
    ///   - factor: What all products are multiplied by.
    ///   - threads: The most threads to work at once.
    /// - Returns: A symmetric matrix with a row and a column for each column.
    public func gram(factor: Float = 1, threads: Int) -> Matrix {
        // The blocks cannot fail.
        let parts = try? Parallel.mapBlocks(count: rows, blockSize: max(64, rows / 32 + 1), threads: threads) { block in
            self.gram(of: block)
        }
        var total = Matrix(rows: columns, columns: columns)
        let count = columns * stride
        unsafe total.withUnsafeMutableNumbers { total in
            for part in parts ?? [] {
                unsafe part.withUnsafeNumbers { part in
                    for index in 0..<count { unsafe total[index] += part[index] * factor }
                }
            }
        }
        total.copyUpperTriangleDown()
        return total
    }

    /// The upper triangle of XᵀX over some of the rows, and whatever lies in its blocks before the diagonal.
    private func gram(of block: Range<Int>) -> Matrix {
        var part = Matrix(system: columns)
        unsafe part.withUnsafeMutableNumbers { part in
            unsafe withUnsafeNumbers { rows in
                let rows = unsafe rows + block.lowerBound * stride
                unsafe millrace_gram(rows, block.count, columns, blocks, part)
            }
        }
        return part
    }

    /// A square matrix with memory for as many rows as the innermost loops write, a multiple of eight.
    init(system columns: Int) { self.init(rows: (columns + 7) / 8 * 8, columns: columns) }

    private mutating func copyUpperTriangleDown() {
        let (columns, stride) = (columns, stride)
        unsafe withUnsafeMutableNumbers { values in
            for row in 0..<columns {
                for column in 0..<row { unsafe values[row * stride + column] = values[column * stride + row] }
            }
        }
    }
}
