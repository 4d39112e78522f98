/// Gradients of the rows of a table, of which few are touched at a time.
struct SparseGradients {
    private let columns: Int
    private let vectors: Int
    private let sums: VectorBuffer
    private var isTouched: [Bool]
    private var touched: [UInt32] = []

    init(like table: Matrix) {
        (columns, vectors) = (table.columns, table.vectors)
        sums = VectorBuffer(table.rows * table.vectors)
        isTouched = [Bool](repeating: false, count: table.rows)
    }

    /// Adds the gradient of an item's row to all rows that it is the sum of.
    mutating func add(_ gradient: UnsafePointer<Vector>, item: UInt32, bags: SparseMatrix) {
        guard item != SequenceBatch.none else { return }
        for position in bags.range(row: Int(item)) {
            let row = Int(bags.columns[position])
            if !isTouched[row] {
                isTouched[row] = true
                touched.append(bags.columns[position])
            }
            unsafe Kernels.add(bags.values[position], gradient, to: sums.base + row * vectors, vectors)
        }
    }

    /// A step of all touched rows, after which none is touched.
    mutating func update(_ table: inout Matrix, squares: inout Matrix, by step: Adagrad) {
        unsafe table.withUnsafeMutableVectors { table in
            unsafe squares.withUnsafeMutableVectors { squares in
                for row in touched {
                    let start = Int(row) * vectors
                    unsafe step.update(
                        table + start,
                        squares: squares + start,
                        gradients: sums.base + start,
                        count: vectors
                    )
                    unsafe (sums.base + start).update(repeating: .zero, count: vectors)
                }
            }
        }
        forget()
    }

    /// The sums of all rows, after which none is touched.
    mutating func takeSums() -> Matrix {
        var taken = Matrix(rows: isTouched.count, columns: columns)
        sums.copy(to: &taken)
        sums.clear()
        forget()
        return taken
    }

    private mutating func forget() {
        for row in touched { isTouched[Int(row)] = false }
        touched.removeAll(keepingCapacity: true)
    }
}
