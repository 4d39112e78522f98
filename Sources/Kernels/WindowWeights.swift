/// What all groups of lanes read while one window is worked on: the sampled items' rows, and weights turned around.
final class WindowWeights: Sendable {
    /// The number of sampled items, rounded up to four; those beyond have rows of zero and are never likely.
    let count: Int
    /// The items, `SequenceBatch.none` beyond the last.
    let items: [UInt32]
    /// What is taken from each item's score.
    let corrections: [Float]
    /// What is taken from a target's score; nothing when the sample is all items.
    let expectations: [Float]
    /// A row an item, and a column an item.
    let negatives: VectorBuffer
    let negativesTransposed: VectorBuffer
    let negativeGradients: VectorBuffer
    let inputTransposed: VectorBuffer
    let recurrentTransposed: VectorBuffer

    init(_ network: SequenceNetwork, negatives sample: NegativeSample) {
        let (unit, vectors) = (network.unit, network.unit.vectors)
        let padding = (4 - sample.items.count % 4) % 4
        count = sample.items.count + padding
        items = sample.items + [UInt32](repeating: SequenceBatch.none, count: padding)
        corrections = sample.corrections + [Float](repeating: 1e30, count: padding)
        expectations = sample.expectations
        negatives = VectorBuffer(count * vectors)
        negativesTransposed = VectorBuffer(count * vectors)
        negativeGradients = VectorBuffer(count * vectors)
        inputTransposed = VectorBuffer(12 * vectors * vectors)
        recurrentTransposed = VectorBuffer(12 * vectors * vectors)
        for (index, item) in items.enumerated() {
            unsafe network.addRow(of: item, to: negatives.base + index * vectors)
        }
        unsafe transpose(negatives.base, rows: count, vectors: vectors, into: negativesTransposed, stride: count)
        unsafe unit.input.withUnsafeVectors {
            unsafe transpose($0, rows: unit.units, vectors: 3 * vectors, into: inputTransposed, stride: 4 * vectors)
        }
        unsafe unit.recurrent.withUnsafeVectors {
            unsafe transpose(
                $0,
                rows: unit.units + 1,
                vectors: 3 * vectors,
                into: recurrentTransposed,
                stride: 4 * vectors
            )
        }
    }
}

/// Writes rows as columns; `stride` is how far the columns' numbers lie apart.
private func transpose(
    _ source: UnsafePointer<Vector>,
    rows: Int,
    vectors: Int,
    into target: VectorBuffer,
    stride: Int
) {
    let target = unsafe UnsafeMutableRawPointer(target.base).assumingMemoryBound(to: Float.self)
    for row in 0..<rows {
        for index in 0..<vectors {
            let vector = unsafe source[row &* vectors &+ index]
            for lane in 0..<4 { unsafe target[(index &* 4 &+ lane) &* stride &+ row] = vector[lane] }
        }
    }
}

/// What is left out at random while a window is learnt from.
struct Dropout: Sendable {
    let input: Float
    let output: Float
    let random: CounterRandom

    /// Writes factors: 0 for what is left out, and for the rest what makes up for it.
    ///
    /// The position is a number of its own for each row of the window.
    @inline(__always)
    func write(_ share: Float, position: Int, to factors: UnsafeMutablePointer<Vector>, _ vectors: Int) {
        guard share > 0 else {
            for index in 0..<vectors { unsafe factors[index] = Vector(repeating: 1) }
            return
        }
        let limit = UInt64(min(share, 0.99) * 65536)
        let kept = 65536 / Float(65536 - limit)
        for index in 0..<vectors {
            let bits = random.bits(at: UInt64(position &* vectors &+ index))
            var factor = Vector(repeating: kept)
            for lane in 0..<4 where bits >> UInt64(16 * lane) & 0xFFFF < limit { factor[lane] = 0 }
            unsafe factors[index] = factor
        }
    }
}
