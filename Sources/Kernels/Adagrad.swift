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
