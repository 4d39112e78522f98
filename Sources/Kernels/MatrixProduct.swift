/// Adds products of dense blocks, C += A B and C += Aᵀ B.
///
/// Panels of B are packed side by side, and tiles of four rows and two vectors of C stay in registers while the depth
/// goes by. [Goto, van de Geijn: "Anatomy of high-performance matrix multiplication", 2008] Every number of C is summed
/// in the order of the depth, so a result does not depend on how rows are shared out among threads.
enum MatrixProduct {
    private static let panelDepth = 256

    /// C += A B.
    static func add(
        _ left: LeftBlock,
        _ right: UnsafePointer<Vector>,
        to sum: UnsafeMutablePointer<Vector>,
        _ size: Size
    ) {
        guard size.rows >= 4 else {
            for row in 0..<size.rows { unsafe addRow(left.at(row: row), right, to: sum + row * size.sumStride, size) }
            return
        }
        unsafe withUnsafeTemporaryAllocation(of: Vector.self, capacity: 2 * panelDepth) { panel in
            guard let panel = panel.baseAddress else { return }
            for depth in stride(from: 0, to: size.depth, by: panelDepth) {
                let count = min(panelDepth, size.depth - depth)
                for vector in stride(from: 0, to: size.vectors, by: 2) {
                    let isPair = vector + 1 < size.vectors
                    let start = unsafe right + depth * size.rightStride + vector
                    unsafe pack(start, stride: size.rightStride, isPair: isPair, count: count, into: panel)
                    unsafe addPanel(left.at(depth: depth), panel, count, to: sum + vector, size, isPair: isPair)
                }
            }
        }
    }

    /// One row of C, along the rows of B as they lie.
    @inline(__always)
    private static func addRow(
        _ left: LeftBlock,
        _ right: UnsafePointer<Vector>,
        to sum: UnsafeMutablePointer<Vector>,
        _ size: Size
    ) {
        for depth in 0..<size.depth {
            unsafe Kernels.add(left[0, depth], right + depth * size.rightStride, to: sum, size.vectors)
        }
    }

    @inline(__always)
    private static func pack(
        _ right: UnsafePointer<Vector>,
        stride: Int,
        isPair: Bool,
        count: Int,
        into panel: UnsafeMutablePointer<Vector>
    ) {
        for depth in 0..<count {
            unsafe panel[2 &* depth] = right[depth &* stride]
            unsafe panel[2 &* depth &+ 1] = isPair ? right[depth &* stride &+ 1] : .zero
        }
    }

    @inline(__always)
    private static func addPanel(
        _ left: LeftBlock,
        _ panel: UnsafePointer<Vector>,
        _ depth: Int,
        to sum: UnsafeMutablePointer<Vector>,
        _ size: Size,
        isPair: Bool
    ) {
        var row = 0
        while row &+ 4 <= size.rows {
            let tile = unsafe Tile(left.at(row: row), panel, depth)
            unsafe tile.add(to: sum + row &* size.sumStride, stride: size.sumStride, isPair: isPair)
            row &+= 4
        }
        while row < size.rows {
            var (first, second) = (Vector.zero, Vector.zero)
            for index in 0..<depth {
                let value = unsafe left[row, index]
                unsafe first += panel[2 &* index] * value
                unsafe second += panel[2 &* index &+ 1] * value
            }
            unsafe sum[row &* size.sumStride] += first
            if isPair { unsafe sum[row &* size.sumStride &+ 1] += second }
            row &+= 1
        }
    }

    /// How large a product is, and how far the rows of B and C lie apart, in vectors.
    struct Size {
        var rows: Int
        var depth: Int
        var vectors: Int
        var rightStride: Int
        var sumStride: Int
    }

    /// A, whose number of a row and a depth lies at `row * rowStride + depth * depthStride`.
    @unsafe
    struct LeftBlock {
        let base: UnsafePointer<Float>
        let rowStride: Int
        let depthStride: Int

        /// A as it lies, a row of so many vectors after another.
        static func rows(_ base: UnsafePointer<Vector>, vectors: Int) -> LeftBlock {
            let base = unsafe UnsafeRawPointer(base).assumingMemoryBound(to: Float.self)
            return unsafe LeftBlock(base: base, rowStride: 4 * vectors, depthStride: 1)
        }

        /// The transpose of what lies there.
        static func columns(_ base: UnsafePointer<Vector>, vectors: Int) -> LeftBlock {
            let base = unsafe UnsafeRawPointer(base).assumingMemoryBound(to: Float.self)
            return unsafe LeftBlock(base: base, rowStride: 1, depthStride: 4 * vectors)
        }

        @inline(__always)
        func at(row: Int = 0, depth: Int = 0) -> LeftBlock {
            unsafe LeftBlock(
                base: base + (row &* rowStride &+ depth &* depthStride),
                rowStride: rowStride,
                depthStride: depthStride
            )
        }

        @inline(__always)
        subscript(row: Int, depth: Int) -> Float { unsafe base[row &* rowStride &+ depth &* depthStride] }
    }
}

/// Four rows and two vectors of a product.
private struct Tile {
    private var rows: (Vector, Vector, Vector, Vector, Vector, Vector, Vector, Vector)

    @inline(__always)
    init(_ left: MatrixProduct.LeftBlock, _ panel: UnsafePointer<Vector>, _ depth: Int) {
        var (a, b, c, d) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
        var (e, f, g, h) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
        for index in 0..<depth {
            let (first, second) = unsafe (panel[2 &* index], panel[2 &* index &+ 1])
            let (upper, lower) = unsafe (left[0, index], left[1, index])
            a += first * upper
            b += second * upper
            c += first * lower
            d += second * lower
            let (third, fourth) = unsafe (left[2, index], left[3, index])
            e += first * third
            f += second * third
            g += first * fourth
            h += second * fourth
        }
        rows = (a, b, c, d, e, f, g, h)
    }

    @inline(__always)
    func add(to sum: UnsafeMutablePointer<Vector>, stride: Int, isPair: Bool) {
        unsafe sum[0] += rows.0
        unsafe sum[stride] += rows.2
        unsafe sum[2 &* stride] += rows.4
        unsafe sum[3 &* stride] += rows.6
        guard isPair else { return }
        unsafe sum[1] += rows.1
        unsafe sum[stride &+ 1] += rows.3
        unsafe sum[2 &* stride &+ 1] += rows.5
        unsafe sum[3 &* stride &+ 1] += rows.7
    }
}

extension Matrix {
    /// Adds the product of two matrices.
    ///
    /// - Parameters:
    ///   - left: A, or with `isTransposed` its transpose.
    ///   - right: B.
    ///   - isTransposed: Whether rows and columns of `left` are exchanged first.
    public mutating func addProduct(_ left: Matrix, _ right: Matrix, isTransposed: Bool = false) {
        let (height, depth) = isTransposed ? (left.columns, left.rows) : (left.rows, left.columns)
        precondition(rows == height && depth == right.rows && columns == right.columns, "the sizes do not fit")
        let size = MatrixProduct.Size(
            rows: rows,
            depth: depth,
            vectors: vectors,
            rightStride: right.vectors,
            sumStride: vectors
        )
        unsafe withUnsafeMutableVectors { sum in
            unsafe left.withUnsafeVectors { base in
                let block =
                    unsafe isTransposed
                    ? MatrixProduct.LeftBlock.columns(base, vectors: left.vectors)
                    : MatrixProduct.LeftBlock.rows(base, vectors: left.vectors)
                unsafe right.withUnsafeVectors { unsafe MatrixProduct.add(block, $0, to: sum, size) }
            }
        }
    }

    /// The matrix with rows and columns exchanged.
    public func transposed() -> Matrix {
        var result = Matrix(rows: columns, columns: rows)
        let (rows, columns, stride, width) = (rows, columns, stride, result.stride)
        unsafe result.withUnsafeMutableVectors { target in
            unsafe withUnsafeVectors { source in
                let source = unsafe UnsafeRawPointer(source).assumingMemoryBound(to: Float.self)
                let target = unsafe UnsafeMutableRawPointer(target).assumingMemoryBound(to: Float.self)
                for row in 0..<rows {
                    for column in 0..<columns { unsafe target[column * width + row] = source[row * stride + column] }
                }
            }
        }
        return result
    }
}
