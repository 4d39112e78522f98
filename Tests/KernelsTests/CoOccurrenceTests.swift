import Kernels
import Testing

@Suite struct CoOccurrenceTests {
    /// Users' rows; of 600 items each is met by few, so that only those met are looked at, of 30 by many.
    private func users(items: Int) -> SparseMatrix {
        items > 100
            ? SparseMatrix.random(rows: 90, columns: items, share: 0.01) : SparseMatrix.random(rows: 40, columns: items)
    }

    @Test(arguments: [(1, 1), (16, 3), (30, 1), (30, 3), (600, 1), (600, 2)], [false, true])
    func `neighbours are those of counted pairs`(shape: (items: Int, minimum: Int), isWeighted: Bool) throws {
        let users = users(items: shape.items)
        let items = users.transposed()
        let factors = (0..<shape.items).map { 1 / Float(1 + $0 % 5) }
        let weights = (0..<users.rowCount).map { isWeighted ? 0.5 + Float($0 % 3) : 1 }
        let counting = CoOccurrence(
            itemsByUser: users,
            usersByItem: items,
            itemFactors: factors,
            userWeights: isWeighted ? weights : nil,
            minimum: shape.minimum,
            neighbours: 5
        )
        let nearest = try counting.nearest(threads: 2)
        #expect(nearest == (try counting.nearest(threads: 1)))
        let sets = (0..<shape.items).map { Set(items.columns[items.range(row: $0)]) }
        for item in 0..<shape.items {
            let expected = (0..<shape.items).compactMap { other -> Double? in
                let common = sets[other].intersection(sets[item])
                guard other != item, common.count >= shape.minimum else { return nil }
                return common.reduce(0) { $0 + Double(weights[Int($1)]) }
                    * Double(factors[item]) * Double(factors[other])
            }
            .sorted(by: >).prefix(5)
            let found = nearest.values[nearest.range(row: item)]
            #expect(found.count == expected.count)
            for (left, right) in zip(found, expected) { #expect(abs(Double(left) - right) < 1e-5 * right) }
            #expect(!nearest.columns[nearest.range(row: item)].contains(UInt32(item)))
        }
    }

    @Test func `without users or items there are no neighbours`() throws {
        let empty = SparseMatrix(columnCount: 3, sortedOffsets: [0], columns: [], values: [])
        let counting = CoOccurrence(
            itemsByUser: empty,
            usersByItem: empty.transposed(),
            itemFactors: [1, 1, 1],
            minimum: 1,
            neighbours: 5
        )
        #expect(try counting.nearest(threads: 2).offsets == [0, 0, 0, 0])
    }
}
