internal import CKernels

/// The inverse of a symmetric positive definite matrix, by sweeping blocks of its rows.
///
/// Sweeping all rows, in any order, makes −A⁻¹ of A; the rows of a block are swept together, so that nearly all of the
/// work is a product of matrices. Only the upper triangle is kept up to date.
/// [Goodnight: "A tutorial on the SWEEP operator", 1979]
public enum SymmetricInverse {
    /// The rows swept together.
    private static let blockSize = 256
    private static let tall = Int(MILLRACE_TILE_ROWS)
    private static let wide = Int(MILLRACE_TILE_COLUMNS)

    /// Replaces a matrix by its inverse.
    ///
    /// - Parameters:
    ///   - matrix: A; only its upper triangle is read, both triangles of the inverse are written.
    ///   - threads: The most threads to work at once; the result is the same for any number.
    ///   - checkpoint: Called after each block of rows; what it throws ends the work.
    /// - Returns: Whether there is an inverse, to the precision of 32 bits; if not, the matrix is in ruins.
    /// - Throws: What `checkpoint` throws.
    public static func invert(
        _ matrix: inout Matrix,
        threads: Int,
        checkpoint: () throws -> Void = {}
    ) throws -> Bool {
        precondition(matrix.rows == matrix.columns, "only square matrices have inverses")
        let (count, stride) = (matrix.rows, matrix.stride)
        return try unsafe matrix.withUnsafeMutableNumbers { values in
            for start in Swift.stride(from: 0, to: count, by: blockSize) {
                let block = start..<min(start + blockSize, count)
                let sweep = unsafe Sweep(values: values, count: count, stride: stride, block: block)
                guard try sweep.run(threads: threads) else { return false }
                try checkpoint()
            }
            unsafe finish(values, count: count, stride: stride)
            return true
        }
    }

    /// Turns −A⁻¹ into A⁻¹ and copies the upper triangle down.
    private static func finish(_ values: UnsafeMutablePointer<Float>, count: Int, stride: Int) {
        for row in 0..<count {
            for column in row..<count { unsafe values[row * stride + column] = -values[row * stride + column] }
        }
        // In squares, so that neither the rows read nor the rows written leave the cache.
        for first in Swift.stride(from: 0, to: count, by: wide) {
            for left in Swift.stride(from: 0, through: first, by: wide) {
                for row in first..<min(first + wide, count) {
                    for column in left..<min(left + wide, row) {
                        unsafe values[row * stride + column] = values[column * stride + row]
                    }
                }
            }
        }
    }

    /// The sweep of one block of rows.
    @safe
    private struct Sweep: Sendable {
        nonisolated(unsafe) let values: UnsafeMutablePointer<Float>
        let count: Int
        let stride: Int
        let block: Range<Int>

        /// A panel is 32 columns of the block's rows, a tile 8; the last ones are filled up with zeros.
        private var panels: Int { (count + wide - 1) / wide }

        func run(threads: Int) throws -> Bool {
            let depth = block.count
            guard let inverse = pivotInverse() else { return false }
            // The block's rows of A as tiles and as panels, and as panels times the inverse of the pivot.
            var memory = (
                tiles: Matrix(rows: panels, columns: depth * wide), panels: Matrix(rows: panels, columns: depth * wide),
                products: Matrix(rows: panels, columns: depth * wide)
            )
            try unsafe memory.tiles.withUnsafeMutableNumbers { tiles in
                try unsafe memory.panels.withUnsafeMutableNumbers { rows in
                    try unsafe memory.products.withUnsafeMutableNumbers { products in
                        nonisolated(unsafe) let (tiles, rows, products) = unsafe (tiles, rows, products)
                        try Parallel.forEach(count: panels, threads: threads) { panel in
                            unsafe gather(panel, into: rows + panel * depth * wide, tiles + panel * depth * wide)
                            unsafe multiply(inverse, rows + panel * depth * wide, products + panel * depth * wide)
                        }
                        try Parallel.forEach(count: panels, threads: threads) { panel in
                            // The widest first, so that no thread is left with a long one at the end.
                            let panel = panels - 1 - panel
                            unsafe update(panel, tiles: tiles, product: products + panel * depth * wide)
                        }
                        unsafe writeBack(inverse, products)
                    }
                }
            }
            return true
        }

        /// The inverse of the block's own square, in double precision, or nil where it is not positive definite.
        private func pivotInverse() -> Matrix? {
            let size = block.count
            var square = [Double](repeating: 0, count: size * size)
            for row in 0..<size {
                for column in row..<size {
                    let value = unsafe Double(values[(block.lowerBound + row) * stride + block.lowerBound + column])
                    square[row * size + column] = value
                    square[column * size + row] = value
                }
            }
            for pivot in 0..<size {
                guard SymmetricInverse.sweep(&square, size: size, pivot: pivot) else { return nil }
            }
            // As tiles of eight rows, zero beyond the last.
            var tiles = Matrix(rows: (size + tall - 1) / tall, columns: size * tall)
            for row in 0..<size {
                for column in 0..<size {
                    tiles[row / tall, column * tall + row % tall] = Float(-square[row * size + column])
                }
            }
            return tiles
        }

        /// Gathers the block's rows of one panel; within the block itself they are zero.
        private func gather(
            _ panel: Int,
            into rows: UnsafeMutablePointer<Float>,
            _ tiles: UnsafeMutablePointer<Float>
        ) {
            let depth = block.count
            let columns = panel * wide..<min(panel * wide + wide, count)
            for column in columns where !block.contains(column) {
                let lane = column - panel * wide
                // What lies before the block is in the column's own row, what lies after in the block's rows.
                let isBefore = column < block.lowerBound
                let base =
                    isBefore
                    ? column * stride + block.lowerBound : block.lowerBound * stride + column
                let step = isBefore ? 1 : stride
                for k in 0..<depth {
                    let value = unsafe values[base + k * step]
                    unsafe rows[k * wide + lane] = value
                    unsafe tiles[lane / tall * depth * tall + k * tall + lane % tall] = value
                }
            }
        }

        /// The product of the pivot's inverse and a panel.
        private func multiply(
            _ inverse: Matrix,
            _ rows: UnsafeMutablePointer<Float>,
            _ product: UnsafeMutablePointer<Float>
        ) {
            let depth = block.count
            unsafe inverse.withUnsafeNumbers { inverse in
                unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: tall * wide) { spare in
                    guard let spare = spare.baseAddress else { return }
                    for first in Swift.stride(from: 0, to: depth, by: tall) {
                        let isWhole = first + tall <= depth
                        let target = unsafe isWhole ? product + first * wide : spare
                        unsafe millrace_multiply(inverse + first * inverseStride, rows, depth, 0, target, wide)
                        guard !isWhole else { continue }
                        unsafe (product + first * wide).update(from: spare, count: (depth - first) * wide)
                    }
                }
            }
        }

        /// How far a row of the inverse's tiles lies from the next, for each of its eight rows.
        private var inverseStride: Int { Matrix.stride(columns: block.count * tall) / tall }

        /// Takes Rᵀ P⁻¹ R from one panel of the matrix, down to the diagonal.
        private func update(_ panel: Int, tiles: UnsafePointer<Float>, product: UnsafePointer<Float>) {
            let depth = block.count
            let isWhole = panel * wide + wide <= stride
            let end = min(panel * wide + wide, count)
            unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: tall * wide) { spare in
                guard let spare = spare.baseAddress else { return }
                for first in Swift.stride(from: 0, to: end, by: tall) {
                    let tile = unsafe tiles + first * depth
                    if isWhole && first + tall <= count {
                        let target = unsafe values + first * stride + panel * wide
                        unsafe millrace_multiply(tile, product, depth, 1, target, stride)
                    } else {
                        unsafe millrace_multiply(tile, product, depth, 0, spare, wide)
                        for row in first..<min(first + tall, count) {
                            for column in panel * wide..<end {
                                unsafe values[row * stride + column] -=
                                    spare[(row - first) * wide + column - panel * wide]
                            }
                        }
                    }
                }
            }
        }

        /// Writes what the block's rows and columns become.
        private func writeBack(_ inverse: Matrix, _ products: UnsafePointer<Float>) {
            let depth = block.count
            for k in 0..<depth {
                let row = block.lowerBound + k
                for column in 0..<count where !block.contains(column) {
                    let value = unsafe products[column / wide * depth * wide + k * wide + column % wide]
                    let position = column < row ? column * stride + row : row * stride + column
                    unsafe values[position] = value
                }
                for column in k..<depth {
                    let value = inverse[k / tall, column * tall + k % tall]
                    unsafe values[row * stride + block.lowerBound + column] = -value
                }
            }
        }
    }

    /// Sweeps one row of a small matrix; false where its pivot is not positive.
    private static func sweep(_ square: inout [Double], size: Int, pivot: Int) -> Bool {
        let diagonal = square[pivot * size + pivot]
        guard diagonal > 0, diagonal.isFinite else { return false }
        unsafe square.withUnsafeMutableBufferPointer { square in
            for row in 0..<size where row != pivot {
                let factor = unsafe square[row * size + pivot] / diagonal
                for column in 0..<size { unsafe square[row * size + column] -= factor * square[pivot * size + column] }
                unsafe square[row * size + pivot] = factor
            }
            for column in 0..<size { unsafe square[pivot * size + column] /= diagonal }
            unsafe square[pivot * size + pivot] = -1 / diagonal
        }
        return true
    }
}
