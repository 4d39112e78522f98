import Kernels
import Testing

@Suite struct SparseMatrixTests {
    @Test func `columnar values become rows in one pass, in their order`() throws {
        let matrix = try SparseMatrix(
            rowCount: 3,
            columnCount: 4,
            rows: MappedArray([2, 0, 2, 0]),
            columns: MappedArray([3, 1, 0, 2]),
            values: MappedArray([1, 2, 3, 4])
        )
        #expect(matrix.offsets == [0, 2, 2, 4])
        #expect(matrix.columns == [1, 2, 3, 0])
        #expect(matrix.values == [2, 4, 1, 3])
        #expect(matrix.occupiedRowCount == 2)
    }

    @Test func `columns that differ in length or leave the matrix are refused`() {
        #expect(throws: KernelError.self) {
            try SparseMatrix(rowCount: 1, columnCount: 1, rows: [0, 0].mapped, columns: [0].mapped, values: [1].mapped)
        }
        #expect(throws: KernelError.self) {
            try SparseMatrix(rowCount: 1, columnCount: 1, rows: [1].mapped, columns: [0].mapped, values: [1].mapped)
        }
        #expect(throws: KernelError.self) {
            try SparseMatrix(rowCount: 1, columnCount: 1, rows: [0].mapped, columns: [1].mapped, values: [1].mapped)
        }
        #expect(throws: KernelError.self) {
            try SparseMatrix(columnCount: 1, offsets: [0, 2, 1], columns: [0], values: [1])
        }
    }

    @Test func `a transpose has every value at its exchanged place, and twice it is the same`() {
        let matrix = SparseMatrix.random(rows: 31, columns: 17)
        let transposed = matrix.transposed()
        #expect(transposed.rowCount == 17)
        for row in 0..<17 {
            let range = transposed.range(row: row)
            #expect(transposed.columns[range] == transposed.columns[range].sorted()[...])
            for position in range {
                let other = matrix.range(row: Int(transposed.columns[position]))
                let found = other.first { matrix.columns[$0] == UInt32(row) }
                #expect(found.map { matrix.values[$0] } == transposed.values[position])
            }
        }
        #expect(transposed.transposed() == matrix)
    }

    @Test func `equal columns of a row are added up`() {
        let matrix = SparseMatrix(
            columnCount: 3,
            sortedOffsets: [0, 3, 4],
            columns: [1, 1, 2, 2],
            values: [1, 2, 3, 4]
        )
        let summed = matrix.summingDuplicates()
        #expect(summed.offsets == [0, 2, 3])
        #expect(summed.columns == [1, 2, 2])
        #expect(summed.values == [3, 3, 4])
        #expect(summed.mapValues { $0 * 2 }.values == [6, 6, 8])
    }
}

extension Array where Element: BitwiseCopyable & Sendable {
    var mapped: MappedArray<Element> { MappedArray(self) }
}
