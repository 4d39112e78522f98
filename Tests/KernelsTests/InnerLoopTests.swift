import CKernels
import Kernels
import Testing

/// Each of the innermost loops, with each instruction set that the processor has, against the plainest loops.
@Suite struct InnerLoopTests {
    static let sets = InstructionSet.allCases.filter { $0.run { true } != nil }

    /// Lengths around the vectors' of 4, 8 and 16 numbers and the tiles' of 8 and 32, and some that are drawn.
    private static let lengths: [Int] =
        [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 128]
        + (0..<6).map { 18 + Int(CounterRandom(seed: 21, stream: 0).bits(at: $0) % 130) }

    private static func numbers(_ count: Int, stream: UInt64) -> [Float] {
        let random = CounterRandom(seed: 22, stream: stream)
        return (0..<count).map { random.normal(at: UInt64($0)) }
    }

    private static func stride(_ columns: Int) -> Int { max(16, (columns + 15) / 16 * 16) }

    /// Rows padded with zeros to the stride.
    private static func rows(_ count: Int, _ columns: Int, stream: UInt64) -> [Float] {
        let (stride, numbers) = (stride(columns), numbers(count * columns, stream: stream))
        return (0..<count * stride).map {
            $0 % stride < columns ? numbers[$0 / stride * columns + $0 % stride] : 0
        }
    }

    /// Runs a loop with all instruction sets; those with fused multiplication must agree to the bit.
    private func forEachSet(_ body: () throws -> [Float]) rethrows -> [[Float]] {
        let results = try Self.sets.compactMap { set in try set.run(body) }
        for other in results.dropFirst(2) {
            #expect(other.map(\.bitPattern) == results[1].map(\.bitPattern))
        }
        return results
    }

    private func expect(_ value: Float, _ exact: Double, _ tolerance: Double, _ note: @autoclosure () -> String) {
        #expect(abs(Double(value) - exact) <= tolerance, "\(note())")
    }

    // MARK: Panels and tiles

    @Test(arguments: lengths)
    func `rows become columns, those that are missing zeros`(columns: Int) {
        let stride = Self.stride(columns)
        var rows = Self.rows(32, columns, stream: 1)
        for (index, extreme) in [Float.nan, -.infinity, -0, .leastNonzeroMagnitude].enumerated() where columns > index {
            rows[index * 9 * stride + index] = extreme
        }
        for count in [0, 1, 2, 3, 4, 5, 7, 28, 31, 32] {
            let panels = forEachSet {
                var panel = [Float](repeating: 7, count: columns * 32)
                unsafe millrace_pack(rows, stride, count, columns, &panel)
                return panel
            }
            let expected = (0..<columns * 32).map { $0 % 32 < count ? rows[$0 % 32 * stride + $0 / 32] : 0 }
            for panel in panels { #expect(panel.map(\.bitPattern) == expected.map(\.bitPattern)) }
        }
    }

    @Test(arguments: lengths, [false, true])
    func `a tile is the product of its rows and columns`(depth: Int, subtracts: Bool) {
        let left = Self.numbers(depth * 8, stream: 2)
        let right = Self.numbers(depth * 32, stream: 3)
        let start = Self.numbers(8 * 48, stream: 4)
        let products = forEachSet {
            var product = start
            unsafe millrace_multiply(left, right, depth, subtracts ? 1 : 0, &product, 48)
            return product
        }
        for product in products {
            for index in 0..<8 * 48 {
                let (row, column) = (index / 48, index % 48)
                guard column < 32 else {
                    #expect(product[index] == start[index])
                    continue
                }
                let exact = (0..<depth).reduce(0.0) {
                    $0 + Double(left[$1 * 8 + row]) * Double(right[$1 * 32 + column])
                }
                let expected = subtracts ? Double(start[index]) - exact : exact
                expect(product[index], expected, 1e-5 * Double(depth + 1).squareRoot(), "\(depth) at \(index)")
            }
        }
    }

    @Test func `products that are too great become infinite, those of nothing no number`() {
        let left = [Float](repeating: 1e30, count: 8)
        var right = [Float](repeating: 1e30, count: 32)
        (right[1], right[2], right[3]) = (-1e30, .leastNonzeroMagnitude, .nan)
        for product in forEachSet({
            var product = [Float](repeating: 0, count: 8 * 32)
            unsafe millrace_multiply(left, right, 1, 0, &product, 32)
            return product
        }) {
            #expect(product[0] == .infinity)
            #expect(product[1] == -.infinity)
            #expect(product[2] > 0 && product[2].isFinite)
            #expect(product[3].isNaN)
        }
    }

    // MARK: Scores

    @Test(arguments: [0, 16, 32, 48, 160], [Float(0), 0.1, 1, 10])
    func `powers of e are added up, but for scores of minus infinity`(count: Int, scale: Float) {
        var scores = Self.numbers(count, stream: 5)
        for index in Swift.stride(from: 0, to: count, by: 7) { scores[index] = -.infinity }
        for index in Swift.stride(from: 3, to: count, by: 50) { scores[index] = .nan }
        let exact = scores.reduce(0.0) { sum, score in
            score > -.infinity ? sum + Power.of(2.718_281_828_459_045, Double(score * scale)) : sum
        }
        for sums in forEachSet({ [unsafe millrace_exponential_sum(scores, count, scale)] }) {
            expect(sums[0], exact, 1e-5 * exact, "\(count) times \(scale)")
        }
    }

    @Test func `exponents beyond eighty count as eighty`() {
        for (score, limit) in [(Float(1000), Float(80)), (.infinity, 80), (-1000, -80), (.greatestFiniteMagnitude, 80)]
        {
            let scores = [score] + [Float](repeating: -.infinity, count: 15)
            let limits = [limit] + [Float](repeating: -.infinity, count: 15)
            let sums = forEachSet { [unsafe millrace_exponential_sum(scores, 16, 1)] }
            let expected = forEachSet { [unsafe millrace_exponential_sum(limits, 16, 1)] }
            #expect(sums == expected)
            #expect(sums.allSatisfy { $0[0].isFinite && $0[0] > 0 })
        }
    }

    @Test(arguments: [0, 16, 32, 128, 512], [-Float.infinity, -0.5, 0, 1.5, .infinity, .nan])
    func `candidates are the positions above the threshold`(count: Int, threshold: Float) {
        var scores = Self.numbers(count, stream: 6)
        for (index, extreme) in [Float.nan, .infinity, -.infinity, threshold, -0].enumerated() where index < count {
            scores[index * 3] = extreme
        }
        let expected = scores.indices.filter { scores[$0] > threshold }.map { UInt32($0) }
        for set in Self.sets {
            set.run {
                var positions = [UInt32](repeating: .max, count: count)
                let found = unsafe millrace_candidates(scores, count, threshold, &positions)
                #expect(Array(positions.prefix(found)) == expected)
            }
        }
    }
}
