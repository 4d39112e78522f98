/// A dense matrix of 32-bit numbers, row after row.
///
/// Each row begins on a cache line: `stride` is `columns` rounded up to sixteen, and what lies between is zero.
public struct Matrix: Sendable, Equatable {
    /// The number of rows.
    public let rows: Int
    /// The number of columns.
    public let columns: Int
    /// The numbers of all rows, each `stride` long.
    public private(set) var values: MappedArray<Float>

    /// How far one row lies from the next, in numbers.
    public var stride: Int { Self.stride(columns: columns) }
    /// The length of a row in blocks of sixteen, in which the innermost loops work.
    var blocks: Int { stride / 16 }
    /// The length of a row in vectors of four.
    var vectors: Int { stride / 4 }

    /// A matrix of zeros.
    public init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        values = MappedArray(unsafeUninitializedCount: rows * Self.stride(columns: columns))
    }

    /// A matrix over numbers that are already there, for example in a mapped file.
    ///
    /// - Parameters:
    ///   - rows: The number of rows.
    ///   - columns: The number of columns.
    ///   - values: The rows, each padded with zeros to a multiple of sixteen numbers and aligned to 16 bytes.
    /// - Throws: `KernelError` with `invalidColumns` when the number of values is another, or they are not aligned.
    public init(rows: Int, columns: Int, values: MappedArray<Float>) throws(KernelError) {
        let expected = rows.multipliedReportingOverflow(by: Self.stride(columns: columns))
        guard rows >= 0, columns >= 0, !expected.overflow, expected.partialValue == values.count else {
            throw KernelError(.invalidColumns, "a matrix of \(rows) × \(columns) does not hold \(values.count) values")
        }
        guard unsafe values.withUnsafeBufferPointer({ Int(bitPattern: $0.baseAddress) % 16 == 0 }) else {
            throw KernelError(.invalidColumns, "the values of a matrix do not begin on a multiple of 16 bytes")
        }
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    /// A matrix of independent numbers of mean 0.
    ///
    /// - Parameters:
    ///   - rows: The number of rows.
    ///   - columns: The number of columns.
    ///   - deviation: The standard deviation.
    ///   - random: Where the numbers come from.
    public init(rows: Int, columns: Int, deviation: Float, random: CounterRandom) {
        self.init(rows: rows, columns: columns)
        let stride = stride
        unsafe values.withUnsafeMutableBufferPointer { values in
            for row in 0..<rows {
                for column in 0..<columns {
                    let position = UInt64(row * columns + column)
                    unsafe values[row * stride + column] = random.normal(at: position) * deviation
                }
            }
        }
    }

    /// One number; the row and the column must be within the matrix.
    public subscript(row: Int, column: Int) -> Float {
        get {
            precondition(column >= 0 && column < columns, "column out of range")
            return values[row * stride + column]
        }
        set {
            precondition(column >= 0 && column < columns && row >= 0 && row < rows, "index out of range")
            let position = row * stride + column
            unsafe values.withUnsafeMutableBufferPointer { unsafe $0[position] = newValue }
        }
    }

    /// The numbers of one row, without its padding.
    public func row(_ row: Int) -> [Float] {
        let range = row * stride..<row * stride + columns
        return unsafe values.withUnsafeBufferPointer { unsafe Array($0[range]) }
    }

    /// Whether all numbers of a row are zero.
    public func isZero(row: Int) -> Bool { values[row * stride..<row * stride + columns].allSatisfy { $0 == 0 } }

    /// A matrix whose rows are made one by one.
    ///
    /// - Parameters:
    ///   - rows: The number of rows.
    ///   - columns: The number of columns.
    ///   - threads: The most threads to work at once.
    ///   - fill: Called on any thread with a row's number and zeros to write its numbers over.
    init(
        rows: Int,
        columns: Int,
        threads: Int,
        fill: @escaping @Sendable (Int, inout MutableSpan<Float>) -> Void
    ) {
        self.init(rows: rows, columns: columns)
        let stride = stride
        unsafe values.withUnsafeMutableBufferPointer { values in
            nonisolated(unsafe) let values = unsafe values
            // The blocks cannot fail.
            try? Parallel.forEachBlock(count: rows, blockSize: 256, threads: threads) { block in
                for row in block {
                    let numbers = unsafe UnsafeMutableBufferPointer(rebasing: values[row * stride..<(row + 1) * stride])
                    var span = unsafe MutableSpan(_unsafeElements: numbers)
                    fill(row, &span)
                }
            }
        }
    }

    /// Takes over the rows of a matrix with as many columns and no more rows; those beyond become zero.
    public mutating func copyRows(of other: Matrix) {
        precondition(other.columns == columns && other.rows <= rows, "the rows do not fit")
        let (count, known) = (rows * stride, other.rows * stride)
        unsafe withUnsafeMutableNumbers { target in
            unsafe other.withUnsafeNumbers { unsafe target.update(from: $0, count: known) }
            unsafe (target + known).update(repeating: 0, count: count - known)
        }
    }

    static func stride(columns: Int) -> Int { (columns + 15) / 16 * 16 }

    func withUnsafeNumbers<Result>(_ body: (UnsafePointer<Float>) throws -> Result) rethrows -> Result {
        try unsafe values.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("a matrix has memory") }
            return try unsafe body(base)
        }
    }

    mutating func withUnsafeMutableNumbers<Result>(
        _ body: (UnsafeMutablePointer<Float>) throws -> Result
    ) rethrows -> Result {
        try unsafe values.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("a matrix has memory") }
            return try unsafe body(base)
        }
    }

    func withUnsafeVectors<Result>(_ body: (UnsafePointer<SIMD4<Float>>) throws -> Result) rethrows -> Result {
        try unsafe values.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("a matrix has memory") }
            return try unsafe body(UnsafeRawPointer(base).assumingMemoryBound(to: SIMD4<Float>.self))
        }
    }

    mutating func withUnsafeMutableVectors<Result>(
        _ body: (UnsafeMutablePointer<SIMD4<Float>>) throws -> Result
    ) rethrows -> Result {
        try unsafe values.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("a matrix has memory") }
            return try unsafe body(UnsafeMutableRawPointer(base).assumingMemoryBound(to: SIMD4<Float>.self))
        }
    }
}
