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
        var total = Matrix(rows: columns, columns: columns)
        let parts = try? Parallel.mapBlocks(count: rows, blockSize: max(64, rows / 32 + 1), threads: threads) { block in
            self.gram(of: block)
        }
        let vectors = vectors
        let count = columns * vectors
        unsafe total.withUnsafeMutableVectors { total in
            for part in parts ?? [] {
                unsafe part.withUnsafeVectors { unsafe add(factor, $0, to: total, count) }
            }
        }
        total.copyLowerTriangleUp()
        return total
    }

    /// The lower triangle of XᵀX over some of the rows, and whatever lies in its vectors beyond the diagonal.
    private func gram(of block: Range<Int>) -> Matrix {
        var part = Matrix(rows: columns, columns: columns)
        let (columns, vectors) = (columns, vectors)
        unsafe part.withUnsafeMutableVectors { part in
            unsafe withUnsafeVectors { rows in
                var row = block.lowerBound
                while row < block.upperBound {
                    let count = min(4, block.upperBound - row)
                    let four = unsafe FourRows(rows + row * vectors, stride: vectors, count: count)
                    unsafe four.addOuterProduct(factors: Vector(repeating: 1), to: part, columns, vectors)
                    row += 4
                }
            }
        }
        return part
    }

    private mutating func copyLowerTriangleUp() {
        let (columns, stride) = (columns, stride)
        unsafe withUnsafeMutableVectors { vectors in
            let values = unsafe UnsafeMutableRawPointer(vectors).assumingMemoryBound(to: Float.self)
            for row in 0..<columns {
                for column in 0..<row { unsafe values[column * stride + row] = values[row * stride + column] }
                for column in columns..<stride { unsafe values[row * stride + column] = 0 }
            }
        }
    }
}

/// Up to four rows that are worked on together; where there are fewer, the first stands in with a factor of zero.
@unsafe
struct FourRows {
    typealias Row = UnsafePointer<Vector>
    let rows: (Row, Row, Row, Row)
    let present: Vector

    /// Rows that lie together.
    init(_ first: Row, stride: Int, count: Int) {
        unsafe rows = unsafe (
            first, first + (count > 1 ? stride : 0), first + (count > 2 ? 2 * stride : 0),
            first + (count > 3 ? 3 * stride : 0)
        )
        unsafe present = Vector(1, count > 1 ? 1 : 0, count > 2 ? 1 : 0, count > 3 ? 1 : 0)
    }

    /// Rows of a matrix by number.
    @inline(__always)
    init(_ base: Row, stride: Int, numbers: UnsafePointer<UInt32>, count: Int) {
        let first = unsafe Int(numbers[0])
        unsafe rows = unsafe (
            base + first &* stride,
            base + (count > 1 ? Int(numbers[1]) : first) &* stride,
            base + (count > 2 ? Int(numbers[2]) : first) &* stride,
            base + (count > 3 ? Int(numbers[3]) : first) &* stride
        )
        unsafe present = Vector(1, count > 1 ? 1 : 0, count > 2 ? 1 : 0, count > 3 ? 1 : 0)
    }

    /// Adds each row times its factor.
    @inline(__always)
    func add(factors: Vector, to sum: UnsafeMutablePointer<Vector>, _ vectors: Int) {
        var index = 0
        while index < vectors {
            let lower = unsafe rows.0[index] * factors.x + rows.1[index] * factors.y
            let upper = unsafe rows.2[index] * factors.z + rows.3[index] * factors.w
            unsafe sum[index] += lower + upper
            index &+= 1
        }
    }

    /// Adds Σ factor · row · rowᵀ, in the vectors up to the diagonal.
    @inline(__always)
    func addOuterProduct(
        factors: Vector,
        to matrix: UnsafeMutablePointer<Vector>,
        _ columns: Int,
        _ vectors: Int
    ) {
        let factors = unsafe factors * present
        for row in 0..<columns {
            let (vector, lane) = (row >> 2, row & 3)
            let values = unsafe Vector(
                rows.0[vector][lane],
                rows.1[vector][lane],
                rows.2[vector][lane],
                rows.3[vector][lane]
            )
            unsafe add(factors: factors * values, to: matrix + row &* vectors, vector &+ 1)
        }
    }
}
