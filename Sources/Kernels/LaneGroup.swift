/// Some lanes of a window: their way forth through the network and back, in memory of their own.
///
/// One thread at a time works on a group.
@safe
final class LaneGroup: Sendable {
    static let chunk = 32

    let lanes: Range<Int>
    let steps: Int
    let unit: GatedRecurrentUnit

    /// The states that the last window has left.
    private let states: VectorBuffer
    // Of all steps of the window, a row a lane.
    let inputs: VectorBuffer
    let inputFactors: VectorBuffer
    let inputGradients: VectorBuffer
    let before: VectorBuffer
    let after: VectorBuffer
    let candidates: VectorBuffer
    let outputs: VectorBuffer
    let outputFactors: VectorBuffer
    let outputGradients: VectorBuffer
    let targets: VectorBuffer
    let targetGradients: VectorBuffer
    let gates: VectorBuffer
    let products: VectorBuffer
    // Of the sampled items.
    let logits: VectorBuffer
    let negativeGradients: VectorBuffer
    // Of the weights.
    let inputWeights: VectorBuffer
    let recurrentWeights: VectorBuffer

    init(lanes: Range<Int>, steps: Int, negatives: Int, unit: GatedRecurrentUnit) {
        (self.lanes, self.steps, self.unit) = (lanes, steps, unit)
        let vectors = unit.vectors
        let rows = { () in VectorBuffer(lanes.count * steps * vectors) }
        states = VectorBuffer(lanes.count * vectors)
        (inputs, inputFactors, inputGradients) = (rows(), rows(), rows())
        (before, after, candidates) = (rows(), rows(), rows())
        (outputs, outputFactors, outputGradients) = (rows(), rows(), rows())
        (targets, targetGradients) = (rows(), rows())
        gates = VectorBuffer(lanes.count * steps * 3 * vectors)
        products = VectorBuffer(lanes.count * steps * 3 * vectors)
        let sampled = (negatives + 3) / 4 * 4
        logits = VectorBuffer(Self.chunk * sampled / 4)
        negativeGradients = VectorBuffer(sampled * vectors)
        inputWeights = VectorBuffer(unit.units * 3 * vectors)
        recurrentWeights = VectorBuffer((unit.units + 1) * 3 * vectors)
    }

    /// Works out the loss of the group's targets and all gradients.
    ///
    /// - Parameters:
    ///   - batch: The window.
    ///   - network: The network, whose weights do not change meanwhile.
    ///   - shared: Its weights turned around, and the sample.
    ///   - dropout: What is left out.
    ///   - scale: What each target's weight is multiplied by.
    /// - Returns: The sum of the losses, each times its scaled weight; nil when there is no target.
    func work(
        on batch: SequenceBatch,
        network: SequenceNetwork,
        shared: WindowWeights,
        dropout: Dropout,
        scale: Float
    ) -> Double? {
        let isActive = (0..<steps).contains { step in
            lanes.contains { batch.weights[step * batch.lanes + $0] > 0 }
        }
        guard isActive else { return nil }
        gather(batch, network, dropout)
        goForth(batch, network.unit)
        let weights = (0..<steps).flatMap { step in lanes.map { batch.weights[step * batch.lanes + $0] * scale } }
        let items = (0..<steps).flatMap { step in lanes.map { batch.targets[step * batch.lanes + $0] } }
        negativeGradients.clear()
        var loss = 0.0
        for start in stride(from: 0, to: items.count, by: Self.chunk) {
            let rows = start..<min(start + Self.chunk, items.count)
            loss += SampledSoftmax(group: self, shared: shared).work(on: rows, targets: items, weights: weights)
        }
        goBack(batch, shared)
        return loss
    }

    /// Sums up the rows of the items that go in and that should come out.
    private func gather(_ batch: SequenceBatch, _ network: SequenceNetwork, _ dropout: Dropout) {
        let vectors = unit.vectors
        inputs.clear()
        targets.clear()
        for step in 0..<steps {
            for (index, lane) in lanes.enumerated() {
                let position = step * batch.lanes + lane
                let row = (step * lanes.count + index) * vectors
                unsafe network.addRow(of: batch.inputs[position], to: inputs.base + row)
                unsafe network.addRow(of: batch.targets[position], to: targets.base + row)
                unsafe dropout.write(dropout.input, position: 2 * position, to: inputFactors.base + row, vectors)
                unsafe dropout.write(dropout.output, position: 2 * position + 1, to: outputFactors.base + row, vectors)
                unsafe keepConstant(outputFactors.base + row)
            }
        }
        inputs.multiply(by: inputFactors)
    }

    /// The constant of a state is never left out: items' biases hang on it.
    private func keepConstant(_ factors: UnsafeMutablePointer<Vector>) {
        unsafe factors[unit.units >> 2][unit.units & 3] = 1
    }

    private func goForth(_ batch: SequenceBatch, _ unit: GatedRecurrentUnit) {
        let (count, vectors) = (lanes.count, unit.vectors)
        gates.clear()
        unsafe unit.project(.rows(inputs.base, vectors: vectors), rows: steps * count, into: gates.base)
        for step in 0..<steps {
            let row = step * count * vectors
            let last = unsafe step == 0 ? states.base : after.base + row - count * vectors
            unsafe (before.base + row).update(from: last, count: count * vectors)
            for (index, lane) in lanes.enumerated() where batch.starts[step * batch.lanes + lane] {
                let state = unsafe before.base + row + index * vectors
                unsafe state.update(repeating: .zero, count: vectors)
                unsafe keepConstant(state)
            }
            unsafe unit.step(
                rows: count,
                before: before.base + row,
                gates: gates.base + 3 * row,
                candidates: candidates.base + row,
                scratch: products.base + 3 * row,
                after: after.base + row
            )
        }
        unsafe states.base.update(from: after.base + (steps - 1) * count * vectors, count: count * vectors)
        unsafe outputs.base.update(from: after.base, count: steps * count * vectors)
        outputs.multiply(by: outputFactors)
    }

    /// From the outputs' gradients to those of the inputs and the weights.
    private func goBack(_ batch: SequenceBatch, _ shared: WindowWeights) {
        let (count, vectors) = (lanes.count, unit.vectors)
        outputGradients.multiply(by: outputFactors)
        let gradients = VectorBuffer(count * vectors)
        for step in (0..<steps).reversed() {
            let row = step * count * vectors
            unsafe add(1, outputGradients.base + row, to: gradients.base, count * vectors)
            unsafe unit.stepBack(
                rows: count,
                before: before.base + row,
                gates: gates.base + 3 * row,
                candidates: candidates.base + row,
                products: products.base + 3 * row,
                gradients: gradients.base,
                transposed: shared.recurrentTransposed.base
            )
            for (index, lane) in lanes.enumerated() where batch.starts[step * batch.lanes + lane] {
                unsafe (gradients.base + index * vectors).update(repeating: .zero, count: vectors)
            }
        }
        addUpWeights(shared)
    }

    private func addUpWeights(_ shared: WindowWeights) {
        let (rows, vectors) = (lanes.count * steps, unit.vectors)
        let wide = MatrixProduct.Size(
            rows: unit.units,
            depth: rows,
            vectors: 3 * vectors,
            rightStride: 3 * vectors,
            sumStride: 3 * vectors
        )
        inputWeights.clear()
        unsafe MatrixProduct.add(.columns(inputs.base, vectors: vectors), gates.base, to: inputWeights.base, wide)
        var tall = wide
        tall.rows += 1
        recurrentWeights.clear()
        unsafe MatrixProduct
            .add(.columns(before.base, vectors: vectors), products.base, to: recurrentWeights.base, tall)
        inputGradients.clear()
        let back = MatrixProduct.Size(
            rows: rows,
            depth: 12 * vectors,
            vectors: vectors,
            rightStride: vectors,
            sumStride: vectors
        )
        unsafe MatrixProduct
            .add(.rows(gates.base, vectors: 3 * vectors), shared.inputTransposed.base, to: inputGradients.base, back)
        inputGradients.multiply(by: inputFactors)
    }
}

/// So many vectors of memory that one thread at a time works on.
@safe
final class VectorBuffer: Sendable {
    let count: Int
    nonisolated(unsafe) let base: UnsafeMutablePointer<Vector>
    private let storage: AlignedStorage

    /// Memory filled with zeros.
    init(_ count: Int) {
        self.count = count
        storage = AlignedStorage(byteCount: count * 16)
        unsafe base = unsafe storage.base.bindMemory(to: Vector.self, capacity: max(count, 1))
    }

    func clear() { unsafe base.update(repeating: .zero, count: count) }

    /// Adds the first vectors of another buffer, or all.
    func add(_ other: VectorBuffer, count: Int? = nil) {
        unsafe Kernels.add(1, other.base, to: base, count ?? self.count)
    }

    /// Overwrites all numbers of a matrix.
    func copy(to matrix: inout Matrix) {
        precondition(matrix.rows * matrix.vectors == count, "the matrix has another size")
        let count = count
        unsafe matrix.withUnsafeMutableVectors { unsafe $0.update(from: base, count: count) }
    }

    func multiply(by factors: VectorBuffer) {
        for index in 0..<count { unsafe base[index] *= factors.base[index] }
    }
}
