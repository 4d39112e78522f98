/// A sparse matrix in compressed rows: each row's columns and values lie together.
public struct SparseMatrix: Sendable, Equatable {
    /// The number of columns.
    public let columnCount: Int
    /// Where each row begins, and after the last where it ends: one more than there are rows.
    public let offsets: [Int]
    /// The columns of the values, row after row.
    public let columns: [UInt32]
    /// The values, row after row.
    public let values: [Float]

    /// The number of rows.
    public var rowCount: Int { offsets.count - 1 }
    /// The number of rows with a value.
    public var occupiedRowCount: Int { zip(offsets, offsets.dropFirst()).count { $0 < $1 } }
    /// The number of values.
    public var count: Int { columns.count }

    /// A matrix from its parts, which are checked.
    ///
    /// - Parameters:
    ///   - columnCount: The number of columns.
    ///   - offsets: Where each row begins, and where the last ends.
    ///   - columns: The columns of the values.
    ///   - values: The values.
    /// - Throws: `KernelError` with `invalidColumns` when the parts contradict one another.
    public init(columnCount: Int, offsets: [Int], columns: [UInt32], values: [Float]) throws(KernelError) {
        guard columns.count == values.count, offsets.first == 0, offsets.last == columns.count else {
            throw KernelError(.invalidColumns, "a sparse matrix's offsets, columns and values differ in length")
        }
        guard zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 }) else {
            throw KernelError(.invalidColumns, "a sparse matrix's offsets do not ascend")
        }
        if let wrong = columns.first(where: { Int($0) >= columnCount }) {
            throw KernelError(.invalidColumns, "column \(wrong) is beyond the last of \(columnCount) columns")
        }
        self.init(unchecked: columnCount, offsets: offsets, columns: columns, values: values)
    }

    /// A matrix from columnar rows, columns and values, in one counting pass; the order within a row is kept.
    ///
    /// - Parameters:
    ///   - rowCount: The number of rows.
    ///   - columnCount: The number of columns.
    ///   - rows: The row of each value.
    ///   - columns: The column of each value.
    ///   - values: The values.
    /// - Throws: `KernelError` with `invalidColumns` when the lengths differ or an index is beyond the last.
    public init(
        rowCount: Int,
        columnCount: Int,
        rows: MappedArray<UInt32>,
        columns: MappedArray<UInt32>,
        values: MappedArray<Float>
    ) throws(KernelError) {
        guard rows.count == columns.count, rows.count == values.count else {
            throw KernelError(
                .invalidColumns,
                "\(rows.count) rows, \(columns.count) columns and \(values.count) values do not make a table"
            )
        }
        if let wrong = rows.first(where: { Int($0) >= rowCount }) {
            throw KernelError(.invalidColumns, "row \(wrong) is beyond the last of \(rowCount) rows")
        }
        let counting = CountingSort(keys: rows, count: rowCount)
        try self.init(
            columnCount: columnCount,
            offsets: counting.offsets,
            columns: counting.order.map { columns[Int($0)] },
            values: counting.order.map { values[Int($0)] }
        )
    }

    /// A matrix from compressed rows that are known to be right.
    ///
    /// - Parameters:
    ///   - columnCount: The number of columns.
    ///   - sortedOffsets: Where each row begins, and where the last ends.
    ///   - columns: The columns of the values; each less than `columnCount`.
    ///   - values: The values.
    public init(columnCount: Int, sortedOffsets: [Int], columns: [UInt32], values: [Float]) {
        precondition(sortedOffsets.last == columns.count && columns.count == values.count, "parts differ in length")
        self.init(unchecked: columnCount, offsets: sortedOffsets, columns: columns, values: values)
    }

    init(unchecked columnCount: Int, offsets: [Int], columns: [UInt32], values: [Float]) {
        self.columnCount = columnCount
        self.offsets = offsets
        self.columns = columns
        self.values = values
    }

    /// The positions of a row's columns and values.
    public func range(row: Int) -> Range<Int> { offsets[row]..<offsets[row + 1] }

    /// The matrix with rows and columns exchanged; the columns of each of its rows ascend.
    public func transposed() -> SparseMatrix {
        let transposedOffsets = offsets(countingColumns: columns)
        var next = transposedOffsets
        let rows = unsafe [UInt32](unsafeUninitializedCapacity: count) { rows, initialized in
            for row in 0..<rowCount {
                for position in range(row: row) {
                    let column = Int(columns[position])
                    unsafe rows[next[column]] = UInt32(truncatingIfNeeded: row)
                    next[column] += 1
                }
            }
            initialized = count
        }
        next = transposedOffsets
        let moved = unsafe [Float](unsafeUninitializedCapacity: count) { moved, initialized in
            for position in 0..<count {
                let column = Int(columns[position])
                unsafe moved[next[column]] = values[position]
                next[column] += 1
            }
            initialized = count
        }
        return SparseMatrix(unchecked: rowCount, offsets: transposedOffsets, columns: rows, values: moved)
    }

    /// The matrix with the values of equal columns of a row added up; they must lie side by side.
    public func summingDuplicates() -> SparseMatrix {
        guard hasDuplicates else { return self }
        var sums = (offsets: [0], columns: [UInt32](), values: [Float]())
        sums.columns.reserveCapacity(count)
        sums.values.reserveCapacity(count)
        for row in 0..<rowCount {
            let start = sums.columns.count
            for position in range(row: row) {
                if sums.columns.count > start, sums.columns[sums.columns.count - 1] == columns[position] {
                    sums.values[sums.values.count - 1] += values[position]
                } else {
                    sums.columns.append(columns[position])
                    sums.values.append(values[position])
                }
            }
            sums.offsets.append(sums.columns.count)
        }
        return SparseMatrix(
            unchecked: columnCount,
            offsets: sums.offsets,
            columns: sums.columns,
            values: sums.values
        )
    }

    /// The same columns with each value replaced.
    ///
    /// - Parameters:
    ///   - transform: What a value becomes.
    ///   - isChanged: Which values it changes at all; where there are none, the values' memory is shared.
    /// - Returns: The matrix with the new values.
    public func mapValues(
        _ transform: (Float) -> Float,
        where isChanged: (Float) -> Bool = { _ in true }
    ) -> SparseMatrix {
        values.contains(where: isChanged) ? replacingValues(values.map(transform)) : self
    }

    /// The same columns with other values, as many.
    public func replacingValues(_ values: [Float]) -> SparseMatrix {
        precondition(values.count == count, "a column has no value")
        return SparseMatrix(unchecked: columnCount, offsets: offsets, columns: columns, values: values)
    }

    /// The same rows, those with more values than so many empty.
    public func emptyingRows(longerThan limit: Int) -> SparseMatrix {
        guard (0..<rowCount).contains(where: { range(row: $0).count > limit }) else { return self }
        var kept = (offsets: [0], columns: [UInt32](), values: [Float]())
        for row in 0..<rowCount {
            let range = range(row: row)
            if range.count <= limit {
                kept.columns += columns[range]
                kept.values += values[range]
            }
            kept.offsets.append(kept.columns.count)
        }
        return SparseMatrix(unchecked: columnCount, offsets: kept.offsets, columns: kept.columns, values: kept.values)
    }

    /// Whether a row has equal columns side by side.
    private var hasDuplicates: Bool {
        unsafe columns.withUnsafeBufferPointer { columns in
            (0..<rowCount).contains { row in
                range(row: row).dropFirst().contains { unsafe columns[$0] == columns[$0 - 1] }
            }
        }
    }

    private func offsets(countingColumns columns: [UInt32]) -> [Int] {
        var offsets = [Int](repeating: 0, count: columnCount + 1)
        for column in columns { offsets[Int(column) + 1] += 1 }
        for column in 0..<columnCount { offsets[column + 1] += offsets[column] }
        return offsets
    }
}
