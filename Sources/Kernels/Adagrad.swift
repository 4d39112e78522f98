/// Steps whose length falls with the squares of all gradients so far, number by number.
///
/// [Duchi, Hazan, Singer: "Adaptive subgradient methods for online learning and stochastic optimization", 2011]
struct Adagrad {
    let learningRate: Float

    /// A step of some numbers.
    @inline(__always)
    func update(
        _ values: UnsafeMutablePointer<Vector>,
        squares: UnsafeMutablePointer<Vector>,
        gradients: UnsafePointer<Vector>,
        count: Int
    ) {
        for index in 0..<count {
            let gradient = unsafe gradients[index]
            let square = unsafe squares[index] + gradient * gradient
            unsafe squares[index] = square
            unsafe values[index] -= gradient / (square.squareRoot() + 1e-8) * learningRate
        }
    }

    /// A step of a whole matrix.
    func update(_ matrix: inout Matrix, squares: inout Matrix, gradients: VectorBuffer) {
        let count = matrix.rows * matrix.vectors
        unsafe matrix.withUnsafeMutableVectors { values in
            unsafe squares.withUnsafeMutableVectors { squares in
                unsafe update(values, squares: squares, gradients: gradients.base, count: count)
            }
        }
    }
}

/// Gradients of the rows of a table, of which few are touched at a time.
struct SparseGradients {
    private var sums: Matrix
    private var isTouched: [Bool]
    private var touched: [UInt32] = []

    init(like table: Matrix) {
        sums = Matrix(rows: table.rows, columns: table.columns)
        isTouched = [Bool](repeating: false, count: table.rows)
    }

    /// Adds the gradient of an item's row to all rows that it is the sum of.
    mutating func add(_ gradient: UnsafePointer<Vector>, item: UInt32, bags: SparseMatrix) {
        guard item != SequenceBatch.none else { return }
        for position in bags.range(row: Int(item)) {
            unsafe add(bags.values[position], gradient, row: bags.columns[position])
        }
    }

    private mutating func add(_ factor: Float, _ gradient: UnsafePointer<Vector>, row: UInt32) {
        if !isTouched[Int(row)] {
            isTouched[Int(row)] = true
            touched.append(row)
        }
        let vectors = sums.vectors
        unsafe sums.withUnsafeMutableVectors {
            unsafe Kernels.add(factor, gradient, to: $0 + Int(row) * vectors, vectors)
        }
    }

    /// The sums of all rows; those of the next window begin at zero.
    mutating func takeSums() -> Matrix {
        let taken = sums
        self = SparseGradients(like: taken)
        return taken
    }

    /// A step of all touched rows, after which none is touched.
    mutating func update(_ table: inout Matrix, squares: inout Matrix, by step: Adagrad) {
        let vectors = sums.vectors
        unsafe sums.withUnsafeMutableVectors { sums in
            unsafe table.withUnsafeMutableVectors { table in
                unsafe squares.withUnsafeMutableVectors { squares in
                    for row in touched {
                        let start = Int(row) * vectors
                        unsafe step.update(
                            table + start,
                            squares: squares + start,
                            gradients: sums + start,
                            count: vectors
                        )
                        unsafe (sums + start).update(repeating: .zero, count: vectors)
                    }
                }
            }
        }
        for row in touched { isTouched[Int(row)] = false }
        touched.removeAll(keepingCapacity: true)
    }
}
