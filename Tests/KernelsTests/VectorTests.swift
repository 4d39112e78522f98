import Testing

@testable import Kernels

@Suite struct VectorTests {
    private static let lengths = [0, 1, 2, 3, 4, 5, 7, 8, 16, 33]

    private func buffer(_ vectors: Int, stream: UInt64) -> [Float] {
        let random = CounterRandom(seed: 41, stream: stream)
        return (0..<vectors * 4).map { random.normal(at: UInt64($0)) }
    }

    private func withVectors<Result>(_ numbers: [Float], _ body: (UnsafePointer<Vector>) -> Result) -> Result {
        let storage = AlignedStorage(byteCount: numbers.count * 4)
        let base = unsafe storage.base.bindMemory(to: Float.self, capacity: max(numbers.count, 1))
        for (index, number) in numbers.enumerated() { unsafe base[index] = number }
        defer { withExtendedLifetime(storage) {} }
        return unsafe body(UnsafeRawPointer(base).assumingMemoryBound(to: Vector.self))
    }

    private func product(_ left: [Float], _ right: [Float]) -> Double {
        zip(left, right).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }

    @Test(arguments: lengths) func `inner products are those of plain loops`(vectors: Int) {
        let rows = (0..<5).map { buffer(vectors, stream: $0) }
        unsafe withVectors(rows[0]) { row in
            unsafe withVectors(rows.flatMap { $0 }) { all in
                let others = unsafe (all + vectors, all + 2 * vectors, all + 3 * vectors, all + 4 * vectors)
                let four = unsafe dots(row, others, vectors)
                for lane in 0..<4 {
                    let exact = product(rows[0], rows[lane + 1])
                    let tolerance = 1e-5 * Double(vectors + 1)
                    #expect(abs(Double(four[lane]) - exact) <= tolerance)
                    #expect(abs(Double(unsafe dot(row, all + (lane + 1) * vectors, vectors)) - exact) <= tolerance)
                }
            }
        }
    }

    @Test func `sums of vectors keep what is infinite and what is no number`() {
        let plain = Vector(1, 2, 3, 4)
        let sums = sums(plain, Vector(.infinity, 1, 1, 1), Vector(1, -.infinity, .infinity, 1), -plain)
        #expect(sums.x == 10 && sums.y == .infinity && sums.z.isNaN && sums.w == -10)
        #expect(sum(plain) == 10)
    }

    @Test(arguments: lengths, [Float(0), -2.5, 1e30])
    func `a multiple of a row is added number by number`(vectors: Int, factor: Float) {
        let row = buffer(vectors, stream: 7)
        let start = buffer(vectors, stream: 8)
        var matrix = Matrix(rows: 1, columns: vectors * 4)
        for (column, number) in start.enumerated() { matrix[0, column] = number }
        unsafe withVectors(row) { row in
            unsafe matrix.withUnsafeMutableVectors { unsafe add(factor, row, to: $0, vectors) }
        }
        for column in row.indices {
            let exact = Double(start[column]) + Double(row[column]) * Double(factor)
            #expect(abs(Double(matrix[0, column]) - exact) <= 1e-6 * max(1, abs(exact)))
        }
    }

    @Test func `powers of e are right to a relative error of 3e-7, and limited at eighty`() {
        let random = CounterRandom(seed: 42, stream: 0)
        for draw in 0..<10_000 {
            let value = Float(random.uniform(at: UInt64(draw)) * 160 - 80)
            let exact = Power.of(2.718_281_828_459_045_1, Double(value))
            #expect(abs(Double(exponential(Vector(repeating: value)).z) - exact) <= 4e-7 * exact)
        }
        let limits = exponential(Vector(.infinity, -.infinity, .greatestFiniteMagnitude, -1e30))
        #expect(limits == exponential(Vector(80, -80, 80, -80)))
        #expect(exponential(.zero) == Vector(repeating: 1))
    }

    @Test(arguments: [0, 1, 2, 5, 100], [1, 2, 7, 1000])
    func `counting sorts rows by key and keeps the order of equal ones`(rows: Int, keys: Int) {
        let random = CounterRandom(seed: 43, stream: UInt64(keys))
        let column = (0..<rows).map { UInt32(random.bits(at: UInt64($0)) % UInt64(keys)) }
        let sort = CountingSort(keys: column, count: keys)
        let expected = (0..<rows).sorted { (column[$0], $0) < (column[$1], $1) }
        #expect(sort.order == expected.map { UInt32($0) })
        #expect(sort.offsets == (0...keys).map { key in column.count { $0 < key } })
    }
}
