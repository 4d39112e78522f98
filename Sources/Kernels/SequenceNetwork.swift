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

    /// A network whose unit has random weights.
    ///
    /// - Parameters:
    ///   - rows: The rows to begin with, a column a unit; their biases are zero.
    ///   - memory: The most steps after which a unit has half forgotten, at the beginning.
    ///   - bags: Which rows an item is the sum of, and by which factors.
    ///   - random: Where the numbers come from.
    public init(rows: Matrix, memory: Int, bags: SparseMatrix, random: CounterRandom) {
        precondition(bags.columnCount <= rows.rows, "the bags name rows beyond the table")
        unit = GatedRecurrentUnit(units: rows.columns, memory: memory, random: random)
        table = rows.addingColumn()
        self.bags = bags
    }

    /// A network whose weights are already there.
    ///
    /// - Parameters:
    ///   - unit: The recurrent unit.
    ///   - table: The rows: a column a unit, and one of biases.
    ///   - bags: Which rows an item is the sum of, and by which factors.
    public init(unit: GatedRecurrentUnit, table: Matrix, bags: SparseMatrix) {
        precondition(table.columns == unit.units + 1, "the rows do not fit the unit")
        precondition(bags.columnCount <= table.rows, "the bags name rows beyond the table")
        self.unit = unit
        self.table = table
        self.bags = bags
    }

    /// The row of each item.
    public func itemRows() -> Matrix { bags.weightedSums(of: table) }

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
}
