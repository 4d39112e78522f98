/// Eight 16-bit numbers: two instructions multiply and add them on every x86-64 and ARM processor.
typealias Lanes = SIMD8<Int16>

/// Rows of length 1 in 16-bit fixed point, for the comparison of directions.
///
/// A row's numbers are whole, and their squares add up to about `unit`². So an inner product of two rows fits 32 bits,
/// whatever the number of columns (Cauchy and Schwarz bound every part of the sum too), is exact, and does not depend on
/// the order of its terms. Rows of zeros stay zeros: they are at a right angle to all others.
public struct UnitVectors: Sendable, Equatable {
    /// The length of a row in fixed point.
    public static let unit: Float = 32_000
    /// The inner product of equal rows, give or take the rounding.
    static let square: Int32 = 32_000 * 32_000

    /// The number of rows.
    public let count: Int
    /// The number of columns.
    public let columns: Int
    /// The rows, each padded with zeros to a multiple of eight numbers.
    public private(set) var values: MappedArray<Int16>

    /// The length of a row in lanes of eight.
    var lanes: Int { Self.lanes(columns: columns) }

    /// The directions of a matrix's rows.
    ///
    /// - Parameters:
    ///   - matrix: Rows of any length; numbers must be finite.
    ///   - threads: The most threads to work at once.
    public init(_ matrix: Matrix, threads: Int = 1) {
        self.init(zeros: matrix.rows, columns: matrix.columns)
        unsafe forEachBlock(threads: threads) { block, target, stride in
            unsafe matrix.withUnsafeVectors { rows in
                for row in block {
                    unsafe Self.round(rows + row * matrix.vectors, stride / 4, into: target + row * stride)
                }
            }
        }
    }

    /// The directions of rows that are made one at a time, so that they need no memory of their own.
    ///
    /// - Parameters:
    ///   - count: The number of rows.
    ///   - columns: The number of columns.
    ///   - threads: The most threads to work at once.
    ///   - fill: Called on any thread with a row's number and zeros to write its numbers over.
    public init(
        count: Int,
        columns: Int,
        threads: Int,
        fill: @escaping @Sendable (Int, inout MutableSpan<Float>) -> Void
    ) {
        self.init(zeros: count, columns: columns)
        unsafe forEachBlock(threads: threads) { block, target, stride in
            for row in block {
                let matrix = Matrix(rows: 1, columns: columns, threads: 1) { _, numbers in fill(row, &numbers) }
                unsafe matrix.withUnsafeVectors {
                    unsafe Self.round($0, stride / 4, into: target + row * stride)
                }
            }
        }
    }

    private mutating func forEachBlock(
        threads: Int,
        _ body: @escaping @Sendable (Range<Int>, UnsafeMutablePointer<Int16>, Int) -> Void
    ) {
        let (stride, count) = (lanes * 8, count)
        unsafe values.withUnsafeMutableBufferPointer { values in
            guard let base = values.baseAddress else { return }
            nonisolated(unsafe) let target = unsafe base
            // The blocks cannot fail.
            try? Parallel.forEachBlock(count: count, blockSize: 64, threads: threads) { block in
                unsafe body(block, target, stride)
            }
        }
    }

    /// Rows that are already there, for example in a mapped file.
    ///
    /// - Parameters:
    ///   - count: The number of rows.
    ///   - columns: The number of columns.
    ///   - values: The rows, each padded to a multiple of eight numbers, aligned to 16 bytes.
    /// - Throws: `KernelError` with `invalidColumns` when the number of values is another, or they are not aligned.
    public init(count: Int, columns: Int, values: MappedArray<Int16>) throws(KernelError) {
        let expected = count.multipliedReportingOverflow(by: Self.lanes(columns: max(0, columns)) * 8)
        guard count >= 0, columns >= 0, !expected.overflow, expected.partialValue == values.count else {
            throw KernelError(.invalidColumns, "\(count) rows of \(columns) do not have \(values.count) numbers")
        }
        guard unsafe values.withUnsafeBufferPointer({ Int(bitPattern: $0.baseAddress) % 16 == 0 }) else {
            throw KernelError(.invalidColumns, "the numbers of rows do not begin on a multiple of 16 bytes")
        }
        self.count = count
        self.columns = columns
        self.values = values
    }

    /// The cosine of the angle between two rows.
    ///
    /// - Parameters:
    ///   - row: The number of a row.
    ///   - other: The other rows.
    ///   - otherRow: The number of one of them.
    /// - Returns: The cosine, right to about four digits.
    public func cosine(_ row: Int, _ other: UnitVectors, _ otherRow: Int) -> Float {
        precondition(row >= 0 && row < count && otherRow >= 0 && otherRow < other.count, "no such row")
        precondition(columns == other.columns, "the rows differ in length")
        let lanes = lanes
        return unsafe withUnsafeLanes { left in
            unsafe other.withUnsafeLanes { right in
                Float(unsafe product(left + row * lanes, right + otherRow * lanes, lanes)) / Float(Self.square)
            }
        }
    }

    /// Some of the rows.
    func rows(_ numbers: some Collection<UInt32>) -> UnitVectors {
        var copy = UnitVectors(zeros: numbers.count, columns: columns)
        let stride = lanes * 8
        unsafe copy.values.withUnsafeMutableBufferPointer { target in
            unsafe values.withUnsafeBufferPointer { source in
                guard let target = target.baseAddress, let source = source.baseAddress else { return }
                for (row, number) in numbers.enumerated() {
                    unsafe (target + row * stride).update(from: source + Int(number) * stride, count: stride)
                }
            }
        }
        return copy
    }

    private init(zeros count: Int, columns: Int) {
        self.count = count
        self.columns = columns
        values = MappedArray(unsafeUninitializedCount: count * Self.lanes(columns: columns) * 8)
    }

    static func lanes(columns: Int) -> Int { (columns + 7) / 8 }

    func withUnsafeLanes<Result>(_ body: (UnsafePointer<Lanes>) throws -> Result) rethrows -> Result {
        try unsafe values.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("rows have memory") }
            return try unsafe body(UnsafeRawPointer(base).assumingMemoryBound(to: Lanes.self))
        }
    }

    private static func round(_ row: UnsafePointer<Vector>, _ vectors: Int, into target: UnsafeMutablePointer<Int16>) {
        var greatest = Vector.zero
        for index in 0..<vectors { unsafe greatest = greater(of: greatest, row[index]) }
        let peak = greatest.max()
        guard peak > 0, peak.isFinite else { return }
        // Divided by the greatest first, so that the squares neither overflow nor vanish.
        var squares: Float = 0
        for index in 0..<vectors {
            let scaled = unsafe row[index] / peak
            squares += sum(scaled * scaled)
        }
        let factor = Self.unit / squares.squareRoot()
        for index in 0..<vectors {
            let rounded = unsafe (row[index] / peak * factor).rounded(.toNearestOrEven)
            for lane in 0..<4 { unsafe target[index * 4 + lane] = Int16(rounded[lane]) }
        }
    }
}

/// The greater of the numbers of one vector and the sizes of another's.
@inline(__always)
private func greater(of greatest: Vector, _ vector: Vector) -> Vector {
    let size = vector.replacing(with: -vector, where: vector .< 0)
    return greatest.replacing(with: size, where: size .> greatest)
}

/// The inner product of two rows in fixed point.
@inline(__always)
func product(_ left: UnsafePointer<Lanes>, _ right: UnsafePointer<Lanes>, _ lanes: Int) -> Int32 {
    var total = SIMD4<Int32>.zero
    for index in 0..<lanes { unsafe total &+= pairs(left[index], right[index]) }
    return total.wrappedSum()
}

/// The inner products of one row with four others in fixed point.
@inline(__always)
func products(
    _ row: UnsafePointer<Lanes>,
    _ others: (UnsafePointer<Lanes>, UnsafePointer<Lanes>, UnsafePointer<Lanes>, UnsafePointer<Lanes>),
    _ lanes: Int
) -> SIMD4<Int32> {
    typealias Four = SIMD4<Int32>
    var (first, second, third, fourth) = (Four.zero, Four.zero, Four.zero, Four.zero)
    for index in 0..<lanes {
        let value = unsafe row[index]
        unsafe first &+= pairs(value, others.0[index])
        unsafe second &+= pairs(value, others.1[index])
        unsafe third &+= pairs(value, others.2[index])
        unsafe fourth &+= pairs(value, others.3[index])
    }
    return Four(first.wrappedSum(), second.wrappedSum(), third.wrappedSum(), fourth.wrappedSum())
}

/// The products of two lanes, added in pairs: one instruction (`pmaddwd`) in place of many.
@inline(__always)
private func pairs(_ left: Lanes, _ right: Lanes) -> SIMD4<Int32> {
    let products = SIMD8<Int32>(truncatingIfNeeded: left) &* SIMD8<Int32>(truncatingIfNeeded: right)
    return products.evenHalf &+ products.oddHalf
}
