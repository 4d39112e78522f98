/// The cross-entropy of targets against a sample of items, and its gradients, for some rows of a group of lanes.
///
/// A score is the inner product of an output with an item's row, less the logarithm of how often the item was to be
/// expected in the sample; a target that is in the sample too counts once.
struct SampledSoftmax {
    let group: LaneGroup
    let shared: WindowWeights

    /// Works out some rows.
    ///
    /// - Parameters:
    ///   - rows: The rows of the group's outputs, at most `LaneGroup.chunk`.
    ///   - targets: The target of each row of the group.
    ///   - weights: How much each counts.
    /// - Returns: The sum of the losses, each times its weight.
    func work(on rows: Range<Int>, targets: [UInt32], weights: [Float]) -> Double {
        let (vectors, width) = (group.unit.vectors, shared.count / 4)
        let start = rows.lowerBound * vectors
        let outputs = unsafe MatrixProduct.LeftBlock.rows(group.outputs.base + start, vectors: vectors)
        let logits = unsafe group.logits.base
        unsafe logits.update(repeating: .zero, count: rows.count * width)
        var size = MatrixProduct.Size(
            rows: rows.count,
            depth: group.unit.units + 1,
            vectors: width,
            rightStride: width,
            sumStride: width
        )
        unsafe MatrixProduct.add(outputs, shared.negativesTransposed.base, to: logits, size)
        var loss = 0.0
        for (index, row) in rows.enumerated() {
            unsafe loss += lose(row, target: targets[row], weight: weights[row], logits: logits + index * width)
        }
        size = .init(rows: rows.count, depth: shared.count, vectors: vectors, rightStride: vectors, sumStride: vectors)
        let gradients = unsafe MatrixProduct.LeftBlock.rows(logits, vectors: width)
        unsafe MatrixProduct.add(gradients, shared.negatives.base, to: group.outputGradients.base + start, size)
        size = .init(rows: shared.count, depth: rows.count, vectors: vectors, rightStride: vectors, sumStride: vectors)
        let turned = unsafe MatrixProduct.LeftBlock.columns(logits, vectors: width)
        unsafe MatrixProduct.add(turned, group.outputs.base + start, to: group.negativeGradients.base, size)
        return loss
    }

    /// The loss of one row; its scores become their gradients.
    private func lose(_ row: Int, target: UInt32, weight: Float, logits: UnsafeMutablePointer<Vector>) -> Double {
        let (vectors, width) = (group.unit.vectors, shared.count / 4)
        let output = unsafe group.outputs.base + row * vectors
        let (own, ownGradient) = unsafe (
            group.targets.base + row * vectors, group.targetGradients.base + row * vectors
        )
        let outputGradient = unsafe group.outputGradients.base + row * vectors
        for index in 0..<vectors {
            unsafe ownGradient[index] = .zero
            unsafe outputGradient[index] = .zero
        }
        guard weight > 0 else {
            unsafe logits.update(repeating: .zero, count: width)
            return 0
        }
        let expected = shared.expectations.isEmpty ? 0 : shared.expectations[Int(target)]
        let score = unsafe dot(output, own, vectors) - expected
        let highest = unsafe max(score, mask(logits, width, target: target))
        let mine = exponential(Vector(repeating: score - highest)).x
        let total = unsafe mine + exponentiate(logits, width, highest)
        let factor = weight / total
        for index in 0..<width { unsafe logits[index] *= factor }
        let gradient = mine * factor - weight
        unsafe add(gradient, output, to: ownGradient, vectors)
        unsafe add(gradient, own, to: outputGradient, vectors)
        return Double(weight) * (Logarithm.of(Double(total)) - Double(score - highest))
    }

    /// Corrects the scores, takes the target's out, and returns the highest.
    @inline(__always)
    private func mask(_ logits: UnsafeMutablePointer<Vector>, _ width: Int, target: UInt32) -> Float {
        var highest = Vector(repeating: -1e30)
        let targets = SIMD4(repeating: target)
        unsafe shared.items.withUnsafeBytes { items in
            unsafe shared.corrections.withUnsafeBytes { corrections in
                let items = unsafe items.assumingMemoryBound(to: SIMD4<UInt32>.self)
                let corrections = unsafe corrections.assumingMemoryBound(to: Vector.self)
                for index in 0..<width {
                    let score = unsafe logits[index] - corrections[index]
                    let masked = unsafe score.replacing(with: -1e30, where: items[index] .== targets)
                    unsafe logits[index] = masked
                    highest.replace(with: masked, where: masked .> highest)
                }
            }
        }
        return highest.max()
    }

    /// Turns the scores into their exponentials, and returns the sum.
    @inline(__always)
    private func exponentiate(_ logits: UnsafeMutablePointer<Vector>, _ width: Int, _ highest: Float) -> Float {
        var total = Vector.zero
        for index in 0..<width {
            let power = unsafe exponential(logits[index] - highest)
            unsafe logits[index] = power
            total += power
        }
        return sum(total)
    }
}
