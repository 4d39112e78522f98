/// A recurrent network that tells the next item of a sequence by the inner product of its state with the items' rows.
///
/// An item goes in and comes out by the same row [Inan, Khosravi, Socher: "Tying word vectors and word classifiers",
/// 2017]: the sum of the rows of its bag, which are its own and those of its features.
public struct SequenceNetwork: Sendable, Equatable {
    /// The recurrent unit.
    public internal(set) var unit: GatedRecurrentUnit
    /// The rows: `unit.units` numbers and a bias.
    public internal(set) var table: Matrix
    /// Which rows of the table an item is the sum of, and by which factors: a row an item.
    public let bags: SparseMatrix

    /// A network of random weights.
    ///
    /// - Parameters:
    ///   - units: The number of units.
    ///   - memory: The most steps after which a unit has half forgotten, at the beginning.
    ///   - rows: The number of rows of the table.
    ///   - bags: Which rows of the table an item is the sum of, and by which factors.
    ///   - random: Where the numbers come from.
    public init(units: Int, memory: Int, rows: Int, bags: SparseMatrix, random: CounterRandom) {
        precondition(bags.columnCount <= rows, "the bags name rows beyond the table")
        unit = GatedRecurrentUnit(units: units, memory: memory, random: random)
        let deviation = 0.5 / Float(units).squareRoot()
        table = Matrix(
            rows: rows,
            columns: units + 1,
            deviation: deviation,
            random: CounterRandom(seed: random.bits(at: .max), stream: 1)
        )
        for row in 0..<rows { table[row, units] = 0 }
        self.bags = bags
    }

    /// The row of each item.
    public func itemRows() -> Matrix {
        var rows = Matrix(rows: bags.rowCount, columns: table.columns)
        let vectors = table.vectors
        unsafe rows.withUnsafeMutableVectors { rows in
            for item in 0..<bags.rowCount { unsafe addRow(of: UInt32(item), to: rows + item * vectors) }
        }
        return rows
    }

    /// Adds an item's row.
    @inline(__always)
    func addRow(of item: UInt32, to sum: UnsafeMutablePointer<Vector>) {
        guard item != SequenceBatch.none else { return }
        let vectors = table.vectors
        unsafe table.withUnsafeVectors { table in
            for position in bags.range(row: Int(item)) {
                unsafe add(bags.values[position], table + Int(bags.columns[position]) * vectors, to: sum, vectors)
            }
        }
    }

    /// Adds a row of the table.
    @inline(__always)
    func addContext(_ row: UInt32, to sum: UnsafeMutablePointer<Vector>) {
        guard row != SequenceBatch.none else { return }
        let vectors = table.vectors
        unsafe table.withUnsafeVectors { unsafe add(1, $0 + Int(row) * vectors, to: sum, vectors) }
    }
}

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
    /// - Parameter rows: As many rows as the matrix has, each as long as the columns, or nil.
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
}
