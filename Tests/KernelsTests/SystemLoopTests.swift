import CKernels
import Kernels
import Testing

/// The innermost loops of the solvers, with each instruction set that the processor has, against elimination.
@Suite struct SystemLoopTests {
    /// One row's system, with memory of its own.
    private struct System {
        let columns: Int
        let stride: Int
        let fixed: [Float]
        let gram: [Float]
        let observed: [UInt32]
        let weights: [Float]
        let regularization: Float = 0.75

        /// Twenty rows, of which so many are observed.
        init(columns: Int, observed count: Int) {
            self.columns = columns
            stride = (columns + 15) / 16 * 16
            let matrix = Matrix.random(20, columns, stream: UInt64(columns))
            let products = Matrix.random(30, columns, stream: 9).gram(factor: 0.1, threads: 1)
            fixed = Array(matrix.values)
            gram = Array(products.values)
            let random = CounterRandom(seed: 31, stream: UInt64(count))
            observed = (0..<count).map { UInt32(random.bits(at: UInt64($0)) % 20) }
            weights = (0..<count).map { Float(0.1 + 3 * random.uniform(at: UInt64(1000 + $0))) }
        }

        func withUnsafeSystem<Result>(_ body: (inout millrace_system) -> Result) -> Result {
            unsafe fixed.withUnsafeBufferPointer { fixed in
                unsafe gram.withUnsafeBufferPointer { gram in
                    unsafe (observed + [0]).withUnsafeBufferPointer { observed in
                        unsafe (weights + [0]).withUnsafeBufferPointer { weights in
                            guard let fixed = fixed.baseAddress, let gram = gram.baseAddress,
                                let observed = observed.baseAddress, let weights = weights.baseAddress
                            else { preconditionFailure("arrays have memory") }
                            var system = unsafe millrace_system(
                                fixed: fixed,
                                gram: gram,
                                columns: columns,
                                blocks: stride / 16,
                                regularization: regularization,
                                observed: observed,
                                weights: weights,
                                count: self.observed.count
                            )
                            return unsafe body(&system)
                        }
                    }
                }
            }
        }

        /// Σ c h hᵀ and Σ c h.
        var sums: (matrix: [[Double]], right: [Double]) {
            var matrix = [[Double]](repeating: [Double](repeating: 0, count: columns), count: columns)
            var right = [Double](repeating: 0, count: columns)
            for (number, weight) in zip(observed, weights) {
                let row = (0..<columns).map { Double(fixed[Int(number) * stride + $0]) }
                for first in 0..<columns {
                    right[first] += Double(weight) * row[first]
                    for second in 0..<columns { matrix[first][second] += Double(weight) * row[first] * row[second] }
                }
            }
            return (matrix, right)
        }

        var solution: [Double] {
            var (matrix, right) = sums
            for first in 0..<columns {
                matrix[first][first] += Double(regularization)
                for second in 0..<columns { matrix[first][second] += Double(gram[first * stride + second]) }
            }
            return right.isEmpty ? [] : ScalarReference.solve(matrix, right)
        }
    }

    private static let sizes = [1, 2, 3, 7, 8, 9, 15, 16, 17, 32, 33, 48, 64, 80, 128]
    private static let counts = [0, 1, 3, 4, 5, 11, 12, 13, 20, 37]

    /// Runs a loop with all instruction sets; those with fused multiplication must agree to the bit.
    private func forEachSet(_ body: () -> [Float]) -> [[Float]] {
        let results = InnerLoopTests.sets.compactMap { set in set.run(body) }
        for other in results.dropFirst(2) { #expect(other.map(\.bitPattern) == results[1].map(\.bitPattern)) }
        return results
    }

    @Test(arguments: sizes, counts)
    func `conjugate gradient comes to the solution`(columns: Int, count: Int) {
        let system = System(columns: columns, observed: count)
        let expected = system.solution
        for solution in forEachSet({
            unsafe system.withUnsafeSystem { raw in
                var solution = [Float](repeating: 0, count: system.stride)
                var memory = [Float](repeating: .nan, count: 3 * system.stride)
                unsafe millrace_descend(&raw, &solution, 3 * columns + 10, &memory)
                return solution
            }
        }) {
            for column in 0..<columns { #expect(abs(Double(solution[column]) - expected[column]) < 2e-3) }
            #expect(solution[columns...].allSatisfy { $0 == 0 })
        }
    }

    @Test func `conjugate gradient stays a number where the system has no bounds`() {
        let system = System(columns: 19, observed: 12)
        for scale in [Float(1e19), 1e30, .greatestFiniteMagnitude] {
            for solution in forEachSet({
                var huge = system.weights
                for index in huge.indices { huge[index] *= scale }
                return unsafe system.withUnsafeSystem { raw in
                    unsafe huge.withUnsafeBufferPointer { huge in
                        guard let base = huge.baseAddress else { return [] }
                        unsafe raw.weights = unsafe base
                        var solution = [Float](repeating: 0, count: system.stride)
                        var memory = [Float](repeating: 0, count: 3 * system.stride)
                        unsafe millrace_descend(&raw, &solution, 5, &memory)
                        return solution
                    }
                }
            }) { #expect(solution.allSatisfy { $0.isFinite }) }
        }
    }

    @Test(arguments: sizes, counts)
    func `outer products of observed rows are added to the upper triangle`(columns: Int, count: Int) {
        let system = System(columns: columns, observed: count)
        let (matrix, right) = system.sums
        let (stride, height) = (system.stride, (columns + 7) / 8 * 8)
        for result in forEachSet({
            unsafe system.withUnsafeSystem { raw in
                var result = [Float](repeating: 0, count: height * stride)
                var sums = [Float](repeating: 1, count: stride)
                unsafe millrace_accumulate(&raw, &result, &sums)
                return result + sums
            }
        }) {
            for row in 0..<columns {
                #expect(abs(Double(result[height * stride + row]) - right[row] - 1) < 1e-4)
                for column in row..<columns {
                    #expect(abs(Double(result[row * stride + column]) - matrix[row][column]) < 2e-4)
                }
            }
        }
    }

    @Test(arguments: sizes, [0, 1, 5, 33, 257])
    func `the inner products of columns are those of plain loops`(columns: Int, count: Int) {
        let matrix = Matrix.random(count, columns)
        let rows = Array(matrix.values) + [0]
        let (stride, height) = ((columns + 15) / 16 * 16, (columns + 7) / 8 * 8)
        let reference = ScalarReference.gram(matrix, factor: 1)
        for result in forEachSet({
            var result = [Float](repeating: 0, count: height * stride)
            unsafe millrace_gram(rows, count, columns, stride / 16, &result)
            return result
        }) {
            for row in 0..<columns {
                for column in row..<columns {
                    let error = abs(Double(result[row * stride + column]) - reference[row][column])
                    #expect(error <= 1e-5 * Double(count + 1))
                }
            }
        }
    }

    @Test(arguments: sizes)
    func `a factor times itself is the matrix, and substitution solves with it`(columns: Int) {
        var matrix = Matrix.random(columns + 9, columns).gram(threads: 1)
        for index in 0..<columns { matrix[index, index] += 1 }
        let (stride, values) = (matrix.stride, Array(matrix.values))
        let right = (0..<stride).map { $0 < columns ? Float($0 % 5) - 2 : 0 }
        let dense = (0..<columns).map { row in (0..<columns).map { Double(matrix[row, $0]) } }
        let expected = ScalarReference.solve(dense, right.prefix(columns).map(Double.init))
        for result in forEachSet({
            var (factor, solution) = (values, right)
            #expect(unsafe millrace_factor(&factor, columns, stride) == 1)
            unsafe millrace_substitute(factor, columns, stride, &solution)
            return factor + solution
        }) {
            for column in 0..<columns {
                #expect(abs(Double(result[columns * stride + column]) - expected[column]) < 2e-3)
                for row in 0...column {
                    let product = (0...row).reduce(0.0) {
                        $0 + Double(result[$1 * stride + row]) * Double(result[$1 * stride + column])
                    }
                    #expect(abs(product - dense[row][column]) < 1e-4 * Double(columns + 9))
                }
            }
        }
    }

    @Test(arguments: [Float(0), -1, .nan, -.infinity, .infinity], [0, 1, 16, 20])
    func `a pivot that is no positive number leaves no factor`(pivot: Float, place: Int) {
        var matrix = Matrix(rows: 21, columns: 21)
        for index in 0..<21 { matrix[index, index] = index == place ? pivot : 2 }
        let (values, stride) = (Array(matrix.values), matrix.stride)
        for result in forEachSet({
            var factor = values
            return [unsafe Float(millrace_factor(&factor, 21, stride))]
        }) { #expect(result == [0]) }
    }
}
