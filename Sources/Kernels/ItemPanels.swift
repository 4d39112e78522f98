internal import CKernels

/// The rows of items as blocks of columns, which is how one vector, or many, are multiplied with them fastest.
///
/// The longest items come first: a product is at most that of the lengths, so that whoever looks for the greatest ones
/// can stop early. [Teflioudi, Gemulla, Mykytiuk: "LEMP: Fast retrieval of large entries in a matrix product", 2015]
struct ItemPanels: Sendable {
    /// The items of a block: four panels.
    static let blockSize = 4 * Int(MILLRACE_TILE_COLUMNS)

    /// The item at each position.
    let items: [UInt32]
    /// The length of a row.
    let columns: Int
    /// For each block, what no product with a vector of length 1 exceeds, in falling order.
    let bounds: [Float]
    /// A row a block.
    private let blocks: Matrix
    /// How far one panel lies from the next, in numbers.
    private let panel: Int
    /// The same items in bytes, where the processor is fast at them.
    let quantized: QuantizedItems?
    /// The rows as they were given.
    private let rows: Matrix

    /// Turns items into panels.
    ///
    /// - Parameters:
    ///   - matrix: A row an item.
    ///   - left: Items that are left out, a bit each, 64 to a word.
    init(_ matrix: Matrix, without left: [UInt64]) {
        let lengths = matrix.lengths()
        items = (0..<UInt32(matrix.rows)).filter { item in
            let word = Int(item) / 64
            return word >= left.count || left[word] >> UInt64(item % 64) & 1 == 0
        }
        .sorted { (lengths[Int($0)], $1) > (lengths[Int($1)], $0) }
        columns = matrix.columns
        panel = matrix.stride * Int(MILLRACE_TILE_COLUMNS)
        bounds = stride(from: 0, to: items.count, by: Self.blockSize).map { [items, columns = matrix.columns] start in
            // More than what rounding could add to a sum of so many products.
            lengths[Int(items[start])] * (1 + 2 * Float(columns + 16) * .ulpOfOne)
        }
        blocks = Self.turned(matrix, items)
        quantized = QuantizedItems.isWorthwhile ? QuantizedItems(matrix, items) : nil
        rows = matrix
    }

    private static func turned(_ matrix: Matrix, _ items: [UInt32]) -> Matrix {
        let (width, stride) = (Int(MILLRACE_TILE_COLUMNS), matrix.stride)
        let count = (items.count + blockSize - 1) / blockSize
        var blocks = Matrix(rows: count, columns: blockSize * stride)
        var rows = Matrix(rows: width, columns: matrix.columns)
        for start in Swift.stride(from: 0, to: items.count, by: width) {
            let some = items[start..<min(start + width, items.count)]
            unsafe matrix.withUnsafeNumbers { from in
                unsafe rows.withUnsafeMutableNumbers { to in
                    for (row, item) in some.enumerated() {
                        unsafe (to + row * stride).update(from: from + Int(item) * stride, count: stride)
                    }
                }
            }
            unsafe rows.withUnsafeNumbers { rows in
                unsafe blocks.withUnsafeMutableNumbers { blocks in
                    unsafe millrace_pack(rows, stride, some.count, matrix.columns, blocks + start * stride)
                }
            }
        }
        return blocks
    }

    /// The positions of a block's items.
    func positions(_ block: Int) -> Range<Int> {
        block * Self.blockSize..<min((block + 1) * Self.blockSize, items.count)
    }

    /// The products of one vector and a block's items, those of a tile to the last bit.
    func multiply(_ block: Int, _ vector: [Float], into scores: UnsafeMutablePointer<Float>) {
        unsafe blocks.withUnsafeNumbers { blocks in
            unsafe vector.withUnsafeBufferPointer { vector in
                guard let base = vector.baseAddress else { return }
                unsafe millrace_score(base, blocks + block * 4 * panel, panel, columns, scores)
            }
        }
    }

    /// The products of one vector and some items, those of a block to the last bit.
    func multiply(_ some: UnsafeBufferPointer<UInt32>, _ vector: [Float], into scores: UnsafeMutablePointer<Float>) {
        guard let chosen = some.baseAddress else { return }
        unsafe rows.withUnsafeNumbers { numbers in
            unsafe vector.withUnsafeBufferPointer { vector in
                guard let base = vector.baseAddress else { return }
                unsafe millrace_score_rows(base, numbers, rows.stride, columns, chosen, some.count, scores)
            }
        }
    }

    /// The products of up to eight vectors and a block's items.
    ///
    /// - Parameters:
    ///   - block: The block.
    ///   - tile: The vectors: for each column the numbers of all.
    ///   - scores: Where they go, a row a vector.
    func multiply(_ block: Int, tile: UnsafePointer<Float>, into scores: inout Matrix) {
        unsafe scores.withUnsafeMutableNumbers { scores in
            unsafe blocks.withUnsafeNumbers { blocks in
                for index in 0..<4 {
                    let panel = unsafe blocks + (block * 4 + index) * panel
                    let target = unsafe scores + index * Int(MILLRACE_TILE_COLUMNS)
                    unsafe millrace_multiply(tile, panel, columns, 0, target, Self.blockSize)
                }
            }
        }
    }
}

extension Matrix {
    /// The length of each row, rounded up.
    fileprivate func lengths() -> [Float] {
        let (stride, columns) = (stride, columns)
        return unsafe withUnsafeNumbers { numbers in
            (0..<rows).map { row in
                var sum = 0.0
                for column in 0..<columns {
                    let value = unsafe Double(numbers[row * stride + column])
                    sum += value * value
                }
                return Float(sum.squareRoot()).nextUp
            }
        }
    }
}
