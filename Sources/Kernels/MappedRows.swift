/// The columns and values of sparse rows, usually in a mapped file.
public struct MappedRows: Sendable {
    private let columns: MappedArray<UInt32>
    private let values: MappedArray<Float>

    /// Rows over numbers that are already there.
    ///
    /// - Parameters:
    ///   - columns: The columns, row after row.
    ///   - values: The values, as many.
    public init(columns: MappedArray<UInt32>, values: MappedArray<Float>) {
        precondition(columns.count == values.count, "a column has no value")
        self.columns = columns
        self.values = values
    }

    /// The weighted sum of rows.
    ///
    /// - Parameters:
    ///   - rows: The positions of each row and its weight, added in their order.
    ///   - columnCount: The number of columns; all columns of the rows must be less.
    /// - Returns: A number a column.
    public func sums(of rows: [(rows: Range<Int>, weight: Float)], columnCount: Int) -> [Float] {
        var sums = [Float](repeating: 0, count: columnCount)
        unsafe sums.withUnsafeMutableBufferPointer { sums in
            unsafe columns.withUnsafeBufferPointer { columns in
                unsafe values.withUnsafeBufferPointer { values in
                    for row in rows {
                        precondition(row.rows.upperBound <= columns.count, "a row lies beyond the end")
                        for position in row.rows {
                            let column = unsafe Int(columns[position])
                            precondition(column < sums.count, "a column lies beyond the last")
                            unsafe sums[column] += values[position] * row.weight
                        }
                    }
                }
            }
        }
        return sums
    }
}
