import Testing

@testable import Kernels

@Suite struct SequenceTrainingTests {
    private static let items = 9

    /// Nine items of which some have features, and three rows of features.
    private func network(units: Int) -> SequenceNetwork {
        var parts = (offsets: [0], columns: [UInt32](), values: [Float]())
        for item in 0..<Self.items {
            parts.columns += [UInt32(item)] + (item % 3 == 0 ? [9, 11] : [])
            parts.values += [1] + (item % 3 == 0 ? [0.5, 1.5] : [])
            parts.offsets.append(parts.columns.count)
        }
        let bags = SparseMatrix(
            columnCount: 12,
            sortedOffsets: parts.offsets,
            columns: parts.columns,
            values: parts.values
        )
        var network = SequenceNetwork(
            rows: .random(12, units),
            memory: 8,
            bags: bags,
            random: CounterRandom(seed: 1, stream: 1)
        )
        for row in 0..<12 { network.table[row, units] = Float(row) / 20 }
        return network
    }

    private func batch(lanes: Int, steps: Int, seed: UInt64 = 2) -> SequenceBatch {
        let random = CounterRandom(seed: seed, stream: 2)
        var batch = SequenceBatch(lanes: lanes, steps: steps)
        for position in 0..<lanes * steps where position % 11 != 10 {
            let bits = random.bits(at: UInt64(position))
            batch.inputs[position] = UInt32(bits % 9)
            batch.targets[position] = UInt32((bits >> 8) % 9)
            batch.weights[position] = 0.5 + Float(position % 4)
            batch.starts[position] = position < lanes || position % 7 == 3
        }
        return batch
    }

    private func sample(_ items: [UInt32], all: Bool) -> NegativeSample {
        NegativeSample(items: items, expectations: all ? [] : (0..<9).map { Float($0) / 10 - 0.3 })
    }

    private func training(_ network: SequenceNetwork, lanes: Int, steps: Int) -> SequenceTraining {
        SequenceTraining(
            network,
            settings: .init(inputDropout: 0, outputDropout: 0),
            lanes: lanes,
            steps: steps,
            negatives: 9,
            random: CounterRandom(seed: 1, stream: 3)
        )
    }

    @Test(arguments: [(1, 1, 1), (3, 2, 3), (4, 3, 5), (2, 10, 2)], [false, true])
    func `the loss and all gradients are those of the definition`(
        size: (units: Int, lanes: Int, steps: Int),
        all: Bool
    ) {
        let network = network(units: size.units)
        let batch = batch(lanes: size.lanes, steps: size.steps)
        let negatives = all ? sample(Array(0..<9), all: true) : sample([3, 1, 1, 7, 0], all: false)
        var training = training(network, lanes: size.lanes, steps: size.steps)
        let found = training.gradients(of: batch, against: negatives, threads: 2)
        var reference = SequenceReference(network)
        #expect(abs(found.loss - reference.loss(batch, against: negatives)) < 1e-5)
        func check(_ path: WritableKeyPath<SequenceReference, [[Double]]>, _ gradients: Matrix) {
            for row in 0..<gradients.rows {
                for column in 0..<gradients.columns {
                    // What lies between the gates.
                    guard column % network.unit.stride < size.units || gradients.columns == size.units + 1 else {
                        #expect(gradients[row, column] == 0)
                        continue
                    }
                    let value = reference[keyPath: path][row][column]
                    reference[keyPath: path][row][column] = value + 1e-4
                    let above = reference.loss(batch, against: negatives)
                    reference[keyPath: path][row][column] = value - 1e-4
                    let below = reference.loss(batch, against: negatives)
                    reference[keyPath: path][row][column] = value
                    #expect(abs((above - below) / 2e-4 - Double(gradients[row, column])) < 2e-5, "\(row) \(column)")
                }
            }
        }
        check(\.table, found.table)
        check(\.input, found.input)
        check(\.recurrent, found.recurrent)
    }

    @Test func `states go on from window to window`() {
        let network = network(units: 6)
        let whole = batch(lanes: 3, steps: 8)
        let negatives = sample(Array(0..<9), all: true)
        var parts = (0..<2).map { _ in SequenceBatch(lanes: 3, steps: 4) }
        for position in 0..<24 {
            let (part, index) = (position / 12, position % 12)
            parts[part].inputs[index] = whole.inputs[position]
            parts[part].targets[index] = whole.targets[position]
            parts[part].weights[index] = whole.weights[position]
            parts[part].starts[index] = whole.starts[position]
        }
        var training = training(network, lanes: 3, steps: 4)
        let shares = parts.map { Double($0.weights.reduce(0, +) / whole.weights.reduce(0, +)) }
        let losses = parts.map { training.gradients(of: $0, against: negatives, threads: 1).loss }
        let expected = SequenceReference(network).loss(whole, against: negatives)
        #expect(abs(zip(losses, shares).reduce(0) { $0 + $1.0 * $1.1 } - expected) < 1e-5)
    }

    @Test(arguments: [1, 4, 43]) func `a state rolled over inputs is the definition's`(units: Int) {
        let network = network(units: units)
        let reference = SequenceReference(network)
        let items: [UInt32] = [3, 8, 8, 0, 5]
        let found = network.unit.state(
            after: network.itemRows().gathering(rows: items),
            from: network.unit.initialState
        )
        let expected = items.reduce([Double](repeating: 0, count: units) + [1]) {
            reference.state(after: reference.row($1), from: $0)
        }
        for (left, right) in zip(found, expected) { #expect(abs(Double(left) - right) < 1e-5) }
        let rows = network.itemRows()
        let first = network.unit.state(after: rows.gathering(rows: [3, 8]), from: network.unit.initialState)
        #expect(network.unit.state(after: rows.gathering(rows: [8, 0, 5]), from: first) == found)
        #expect(network.unit.state(after: rows.gathering(rows: []), from: first) == first)
    }

    @Test func `a network has the same bytes for any number of threads, with what is left out`() {
        let trained = [1, 2, 3].map { threads in
            var training = SequenceTraining(
                network(units: 10),
                settings: .init(inputDropout: 0.3, outputDropout: 0.2),
                lanes: 30,
                steps: 5,
                negatives: 9,
                random: CounterRandom(seed: 1, stream: 3)
            )
            for window in 0..<6 {
                _ = training.learn(
                    from: batch(lanes: 30, steps: 5, seed: UInt64(window)),
                    against: sample([1, 2, 3, 4], all: false),
                    learningRate: 0.1,
                    threads: threads
                )
            }
            return training.network
        }
        #expect(trained[0] == trained[1])
        #expect(trained[0] == trained[2])
        #expect(trained[0] != network(units: 10))
        #expect(trained[0].table.values.allSatisfy { $0.isFinite })
    }

    @Test func `a window learnt again and again is known in the end`() {
        var training = training(network(units: 16), lanes: 2, steps: 6)
        var batch = SequenceBatch(lanes: 2, steps: 6)
        for position in 0..<12 {
            batch.inputs[position] = UInt32(position / 2 % 3)
            batch.targets[position] = UInt32(position * 5 % 9)
            batch.weights[position] = 1
            batch.starts[position] = position < 2
        }
        batch.inputs[1] = 8
        let all = sample(Array(0..<9), all: true)
        let losses = (0..<300).map { _ in training.learn(from: batch, against: all, learningRate: 0.2, threads: 1) }
        #expect(losses[0] > 1.5)
        #expect(losses[299] < 0.05)
    }

    @Test func `steps are those of Adagrad, shorter ones of the unit's weights`() {
        let network = network(units: 5)
        let negatives = sample([1, 4, 6], all: false)
        var training = training(network, lanes: 4, steps: 3)
        var other = self.training(network, lanes: 4, steps: 3)
        var (expected, squares) = (network.table, [Float](repeating: 0, count: 12 * 6))
        var (input, inputSquares) = (network.unit.input, [Float](repeating: 0, count: 5 * network.unit.input.columns))
        for window in 0..<3 {
            let batch = batch(lanes: 4, steps: 3, seed: UInt64(window))
            other.network = training.network
            let found = other.gradients(of: batch, against: negatives, threads: 1)
            let loss = training.learn(from: batch, against: negatives, learningRate: 0.3, threads: 1)
            #expect(loss == found.loss)
            step(&expected, &squares, found.table, 0.3)
            step(&input, &inputSquares, found.input, 0.06)
        }
        for row in 0..<12 {
            for (left, right) in zip(training.network.table.row(row), expected.row(row)) {
                #expect(abs(left - right) < 1e-5)
            }
        }
        for row in 0..<5 {
            for (left, right) in zip(training.network.unit.input.row(row), input.row(row)) {
                #expect(abs(left - right) < 1e-5)
            }
        }
    }

    private func step(_ matrix: inout Matrix, _ squares: inout [Float], _ gradients: Matrix, _ rate: Float) {
        for row in 0..<matrix.rows {
            for column in 0..<matrix.columns {
                let gradient = gradients[row, column]
                squares[row * matrix.columns + column] += gradient * gradient
                guard gradient != 0 else { continue }
                matrix[row, column] -= rate * gradient / (squares[row * matrix.columns + column].squareRoot() + 1e-8)
            }
        }
    }

    @Test(arguments: [Float(0), 0.2, 0.5, 0.9]) func `dropout leaves out its share and makes up for it`(share: Float) {
        let dropout = Dropout(input: share, output: 0, random: CounterRandom(seed: 1, stream: 1))
        let factors = VectorBuffer(20_000)
        for row in 0..<1000 { unsafe dropout.write(share, position: row, to: factors.base + row * 20, 20) }
        var matrix = Matrix(rows: 1, columns: 80_000)
        factors.copy(to: &matrix)
        let left = matrix.values.count { $0 == 0 }
        #expect(abs(Float(left) / 80_000 - share) < 0.01)
        #expect(abs(matrix.values.reduce(0, +) / 80_000 - 1) < 0.04)
        #expect(Set(matrix.values).count <= 2)
    }
}
