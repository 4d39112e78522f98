import FoundationEssentials
import Kernels

#if canImport(Glibc)
    import Glibc
#endif

/// A recurrent network and its loss by the plainest loops, in double precision.
struct SequenceReference {
    var table: [[Double]]
    var input: [[Double]]
    var recurrent: [[Double]]
    let units: Int
    let stride: Int
    let bags: SparseMatrix

    init(_ network: SequenceNetwork) {
        let doubles = { (matrix: Matrix) in (0..<matrix.rows).map { matrix.row($0).map(Double.init) } }
        table = doubles(network.table)
        input = doubles(network.unit.input)
        recurrent = doubles(network.unit.recurrent)
        units = network.unit.units
        stride = network.unit.stride
        bags = network.bags
    }

    func row(_ item: UInt32) -> [Double] {
        var sum = [Double](repeating: 0, count: units + 1)
        guard item != SequenceBatch.none else { return sum }
        for position in bags.range(row: Int(item)) {
            for (column, value) in table[Int(bags.columns[position])].enumerated() {
                sum[column] += Double(bags.values[position]) * value
            }
        }
        return sum
    }

    func state(after input: [Double], from state: [Double]) -> [Double] {
        let projected = { (gate: Int, unit: Int) in
            (0..<units).reduce(0) { $0 + input[$1] * self.input[$1][gate * stride + unit] }
        }
        let returned = { (gate: Int, unit: Int) in
            (0...units).reduce(0) { $0 + state[$1] * recurrent[$1][gate * stride + unit] }
        }
        let logistic = { (value: Double) in 1 / (1 + exp(-value)) }
        return (0..<units).map { unit in
            let keep = logistic(projected(0, unit) + returned(0, unit))
            let reset = logistic(projected(1, unit) + returned(1, unit))
            let new = tanh(projected(2, unit) + reset * returned(2, unit))
            return keep * state[unit] + (1 - keep) * new
        } + [1]
    }

    /// The mean loss over a window.
    func loss(_ batch: SequenceBatch, against negatives: NegativeSample) -> Double {
        let start = [Double](repeating: 0, count: units) + [1]
        var total = 0.0
        for lane in 0..<batch.lanes {
            var state = [Double](repeating: 0, count: units + 1)
            for step in 0..<batch.steps {
                let position = step * batch.lanes + lane
                state = self.state(after: row(batch.inputs[position]), from: batch.starts[position] ? start : state)
                guard batch.weights[position] > 0 else { continue }
                total += Double(batch.weights[position]) * loss(state, batch.targets[position], negatives)
            }
        }
        return total / Double(batch.weights.reduce(0, +))
    }

    private func loss(_ state: [Double], _ target: UInt32, _ negatives: NegativeSample) -> Double {
        let score = { (item: UInt32) in
            let expected = negatives.expectations.isEmpty ? 0 : Double(negatives.expectations[Int(item)])
            return zip(state, row(item)).reduce(0) { $0 + $1.0 * $1.1 } - expected
        }
        let own = score(target)
        let others = negatives.items.filter { $0 != target }.reduce(0) { $0 + exp(score($1)) }
        return log(exp(own) + others) - own
    }
}
