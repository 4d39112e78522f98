/// A gated recurrent unit: how a state h goes on with an input x.
///
///     z = σ(x Wz + h Uz),  r = σ(x Wr + h Ur),  n = tanh(x Wn + r ⊙ (h Un)),  h' = z ⊙ h + (1 − z) ⊙ n
///
/// A state has one number more than there are units: a constant 1, so that the last row of U holds the biases, and so
/// that an item's bias can be a column of its row. [Cho et al.: "Learning phrase representations using RNN
/// encoder–decoder for statistical machine translation", 2014, with the reset gate applied after the product]
public struct GatedRecurrentUnit: Sendable, Equatable {
    /// The number of units.
    public let units: Int
    /// W: a row a unit of the input; the columns of z, r and n lie `stride` apart.
    public internal(set) var input: Matrix
    /// U: a row a unit of the state and one of biases; columns as in W.
    public internal(set) var recurrent: Matrix

    /// How many numbers a state takes: the units and a constant 1, rounded up as a matrix's rows are.
    public var stride: Int { Self.stride(units: units) }
    /// The length of a state in vectors.
    var vectors: Int { stride / 4 }

    /// A unit whose weights are already there.
    ///
    /// - Parameters:
    ///   - units: The number of units.
    ///   - input: W.
    ///   - recurrent: U.
    /// - Throws: `KernelError` with `invalidColumns` when the sizes differ.
    public init(units: Int, input: Matrix, recurrent: Matrix) throws(KernelError) {
        self.units = units
        self.input = input
        self.recurrent = recurrent
        guard units > 0, input.rows == units, recurrent.rows == units + 1, input.columns == 3 * stride,
            recurrent.columns == 3 * stride
        else { throw KernelError(.invalidColumns, "the weights do not fit a unit of \(units)") }
    }

    /// A unit of random weights.
    ///
    /// The biases of z are spread so that the units forget within 1 to `memory` steps. [Tallec, Ollivier: "Can recurrent
    /// neural networks warp time?", 2018]
    ///
    /// - Parameters:
    ///   - units: The number of units.
    ///   - memory: The most steps after which a unit has half forgotten, at the beginning.
    ///   - random: Where the numbers come from.
    public init(units: Int, memory: Int, random: CounterRandom) {
        self.units = units
        let stride = Self.stride(units: units)
        input = Matrix(rows: units, columns: 3 * stride)
        recurrent = Matrix(rows: units + 1, columns: 3 * stride)
        let deviation = 1 / Float(units).squareRoot()
        var position: UInt64 = 0
        for row in 0..<units {
            for column in 0..<3 * units {
                let index = column / units * stride + column % units
                input[row, index] = random.normal(at: position) * deviation
                recurrent[row, index] = random.normal(at: position + 1) * deviation
                position += 2
            }
        }
        for unit in 0..<units {
            let steps = 1 + Double(max(memory, 2) - 1) * (Double(unit) + 0.5) / Double(units)
            recurrent[units, unit] = Float(Logarithm.of(steps))
        }
    }

    /// How many numbers the state of so many units takes; W and U have thrice as many columns.
    public static func stride(units: Int) -> Int { Matrix.stride(columns: units + 1) }

    /// The state before the first input.
    public var initialState: [Float] {
        var state = [Float](repeating: 0, count: units + 1)
        state[units] = 1
        return state
    }

    /// The state after inputs, from the oldest to the newest.
    ///
    /// - Parameters:
    ///   - inputs: A row an input; columns beyond the units do not count.
    ///   - state: The state before the first of them, `units + 1` long.
    /// - Returns: The state after the last.
    public func state(after inputs: Matrix, from state: [Float]) -> [Float] {
        precondition(state.count == units + 1 && (inputs.rows == 0 || inputs.columns >= units), "the sizes do not fit")
        var states = Matrix(rows: 2, columns: stride)
        for (column, value) in state.enumerated() { states[0, column] = value }
        var gates = Matrix(rows: max(inputs.rows, 1), columns: 3 * stride)
        var products = Matrix(rows: 2, columns: 3 * stride)
        for step in 0..<inputs.rows {
            unsafe advance(step, of: inputs, states: &states, gates: &gates, products: &products)
        }
        return Array(states.row(inputs.rows % 2).prefix(units + 1))
    }

    /// One step for one sequence; the rows of the states take turns.
    @unsafe
    private func advance(
        _ step: Int,
        of inputs: Matrix,
        states: inout Matrix,
        gates: inout Matrix,
        products: inout Matrix
    ) {
        let (vectors, width) = (vectors, inputs.vectors)
        unsafe states.withUnsafeMutableVectors { states in
            unsafe gates.withUnsafeMutableVectors { gates in
                unsafe products.withUnsafeMutableVectors { products in
                    unsafe inputs.withUnsafeVectors { inputs in
                        let before = unsafe states + step % 2 * vectors
                        let after = unsafe states + (step + 1) % 2 * vectors
                        let gates = unsafe gates + step * 3 * vectors
                        let row = unsafe MatrixProduct.LeftBlock.rows(inputs + step * width, vectors: width)
                        unsafe project(row, rows: 1, into: gates)
                        unsafe self.step(
                            rows: 1,
                            before: before,
                            gates: gates,
                            candidates: products + 3 * vectors,
                            scratch: products,
                            after: after
                        )
                    }
                }
            }
        }
    }
}

extension GatedRecurrentUnit {
    /// Adds x W of some rows.
    @inline(__always)
    func project(_ inputs: MatrixProduct.LeftBlock, rows: Int, into gates: UnsafeMutablePointer<Vector>) {
        unsafe input.withUnsafeVectors { unsafe MatrixProduct.add(inputs, $0, to: gates, size(rows, depth: units)) }
    }

    /// One step of some sequences.
    ///
    /// - Parameters:
    ///   - rows: How many.
    ///   - before: Their states.
    ///   - gates: x W of each, which become z, r and n.
    ///   - candidates: What becomes h Un, for the way back.
    ///   - scratch: Room for h U.
    ///   - after: What becomes the states.
    @inline(__always)
    func step(
        rows: Int,
        before: UnsafePointer<Vector>,
        gates: UnsafeMutablePointer<Vector>,
        candidates: UnsafeMutablePointer<Vector>,
        scratch: UnsafeMutablePointer<Vector>,
        after: UnsafeMutablePointer<Vector>
    ) {
        let vectors = vectors
        unsafe scratch.update(repeating: .zero, count: rows * 3 * vectors)
        let states = unsafe MatrixProduct.LeftBlock.rows(before, vectors: vectors)
        unsafe recurrent.withUnsafeVectors {
            unsafe MatrixProduct.add(states, $0, to: scratch, size(rows, depth: units + 1))
        }
        let one = unsafe UnsafeMutableRawPointer(after).assumingMemoryBound(to: Float.self)
        for row in 0..<rows {
            let (gate, product) = unsafe (gates + row * 3 * vectors, scratch + row * 3 * vectors)
            for index in 0..<vectors {
                let keep = unsafe sigmoid(gate[index] + product[index])
                let reset = unsafe sigmoid(gate[vectors + index] + product[vectors + index])
                let recurrent = unsafe product[2 * vectors + index]
                let new = unsafe hyperbolicTangent(gate[2 * vectors + index] + reset * recurrent)
                unsafe gate[index] = keep
                unsafe gate[vectors + index] = reset
                unsafe gate[2 * vectors + index] = new
                unsafe candidates[row * vectors + index] = recurrent
                unsafe after[row * vectors + index] = new + keep * (before[row * vectors + index] - new)
            }
            unsafe one[row * 4 * vectors + units] = 1
        }
    }

    /// One step back: what the loss changes with the states after a step becomes what it changes with those before.
    ///
    /// - Parameters:
    ///   - rows: How many sequences.
    ///   - before: Their states before the step.
    ///   - gates: z, r and n, which become the gradients of x W.
    ///   - candidates: h Un.
    ///   - products: What become the gradients of h U.
    ///   - gradients: The gradients of the states after the step, which become those of the states before it.
    ///   - transposed: Uᵀ, a row a column of U.
    @inline(__always)
    func stepBack(
        rows: Int,
        before: UnsafePointer<Vector>,
        gates: UnsafeMutablePointer<Vector>,
        candidates: UnsafePointer<Vector>,
        products: UnsafeMutablePointer<Vector>,
        gradients: UnsafeMutablePointer<Vector>,
        transposed: UnsafePointer<Vector>
    ) {
        let vectors = vectors
        let constant = unsafe UnsafeMutableRawPointer(gradients).assumingMemoryBound(to: Float.self)
        for row in 0..<rows {
            unsafe constant[row * 4 * vectors + units] = 0
            let (gate, product) = unsafe (gates + row * 3 * vectors, products + row * 3 * vectors)
            for index in 0..<vectors {
                let (keep, reset) = unsafe (gate[index], gate[vectors + index])
                let new = unsafe gate[2 * vectors + index]
                let state = unsafe gradients[row * vectors + index]
                let candidate = state * (1 - keep) * (1 - new * new)
                let forResetting = unsafe candidate * candidates[row * vectors + index] * reset * (1 - reset)
                let forKeeping = unsafe state * (before[row * vectors + index] - new) * keep * (1 - keep)
                unsafe gate[index] = forKeeping
                unsafe gate[vectors + index] = forResetting
                unsafe gate[2 * vectors + index] = candidate
                unsafe product[index] = forKeeping
                unsafe product[vectors + index] = forResetting
                unsafe product[2 * vectors + index] = candidate * reset
                unsafe gradients[row * vectors + index] = state * keep
            }
        }
        let block = unsafe MatrixProduct.LeftBlock.rows(products, vectors: 3 * vectors)
        let size = MatrixProduct.Size(
            rows: rows,
            depth: 12 * vectors,
            vectors: vectors,
            rightStride: vectors,
            sumStride: vectors
        )
        unsafe MatrixProduct.add(block, transposed, to: gradients, size)
    }

    private func size(_ rows: Int, depth: Int) -> MatrixProduct.Size {
        let vectors = 3 * vectors
        return .init(rows: rows, depth: depth, vectors: vectors, rightStride: vectors, sumStride: vectors)
    }
}

/// 1 / (1 + e^−x) of each of four numbers.
@inline(__always)
func sigmoid(_ vector: Vector) -> Vector { 1 / (1 + exponential(-vector)) }

/// The hyperbolic tangent of each of four numbers.
@inline(__always)
func hyperbolicTangent(_ vector: Vector) -> Vector { 2 * sigmoid(2 * vector) - 1 }
