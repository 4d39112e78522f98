import Testing

@testable import Kernels

@Suite struct MatrixProductTests {
    @Test(arguments: [(1, 1, 1), (3, 5, 2), (4, 44, 8), (7, 300, 13), (33, 17, 44), (5, 256, 9), (64, 515, 1)])
    func `products are those of plain loops, also of what is turned around`(rows: Int, depth: Int, columns: Int) {
        let left = Matrix.random(rows, depth, stream: 1)
        let right = Matrix.random(depth, columns, stream: 2)
        let start = Matrix.random(rows, columns, stream: 3)
        var sum = start
        sum.addProduct(left, right)
        var turned = start
        turned.addProduct(left.transposed(), right, isTransposed: true)
        for row in 0..<rows {
            for column in 0..<columns {
                let product = (0..<depth).reduce(Double(start[row, column])) {
                    $0 + Double(left[row, $1]) * Double(right[$1, column])
                }
                #expect(abs(Double(sum[row, column]) - product) < 1e-4 * Double(depth).squareRoot())
                #expect(abs(Double(turned[row, column]) - product) < 1e-4 * Double(depth).squareRoot())
            }
        }
        #expect(sum.transposed().transposed() == sum)
    }

    @Test func `what lies between the rows stays zero`() {
        var sum = Matrix(rows: 6, columns: 5)
        sum.addProduct(.random(6, 9), .random(9, 5))
        for row in 0..<6 { #expect(sum.values[row * sum.stride + 5..<(row + 1) * sum.stride].allSatisfy { $0 == 0 }) }
    }

    @Test func `rows are gathered and set by number`() {
        let matrix = Matrix.random(5, 3)
        let gathered = matrix.gathering(rows: [4, 0, 4])
        #expect((0..<3).map { gathered.row($0) } == [matrix.row(4), matrix.row(0), matrix.row(4)])
        var other = Matrix(rows: 3, columns: 2)
        other.setRows([[1, 2], nil, [3, 4]])
        #expect((0..<3).map { other.row($0) } == [[1, 2], [0, 0], [3, 4]])
    }
}
