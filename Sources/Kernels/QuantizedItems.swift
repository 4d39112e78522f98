internal import CKernels

/// The rows of items in numbers of one byte, with what they are off by.
///
/// They take a quarter of the memory, so that what is looked through is near the processor, and say of most items that
/// their product with a query cannot exceed a limit. With v̂ and q̂ what the bytes of an item and a query stand for,
///
///     q·v ≤ q̂·v̂ + ‖q̂‖ ‖v − v̂‖ + ‖q − q̂‖ ‖v‖
///
/// (twice Cauchy and Schwarz), so nothing that belongs into an answer is passed over; what is left is computed exactly.
struct QuantizedItems: Sendable {
    /// A query in bytes.
    struct Query: Sendable {
        fileprivate let numbers: [UInt8]
        fileprivate let scale: Float
        fileprivate let length: Float
        fileprivate let error: Float
    }

    private static let blockSize = Int(MILLRACE_BYTE_BLOCK)
    /// Products of more columns would be too great for the 24 bits of a float's fraction.
    private static let mostColumns = 512

    private let groups: Int
    private var numbers: [Int8]
    private var offsets: [Int32]
    private var scales: [Float]
    private var errors: [Float]
    private var lengths: [Float]

    /// Whether the processor multiplies bytes fast.
    static var isWorthwhile: Bool { millrace_has_byte_products() != 0 }

    /// Items in an order, a block of 128 after the other; nil for too many columns, or numbers that are not finite.
    ///
    /// - Parameters:
    ///   - matrix: A row an item.
    ///   - items: The items.
    init?(_ matrix: Matrix, _ items: [UInt32]) {
        guard matrix.columns <= Self.mostColumns else { return nil }
        groups = (matrix.columns + 3) / 4
        let count = (items.count + Self.blockSize - 1) / Self.blockSize * Self.blockSize
        numbers = [Int8](repeating: 0, count: count * groups * 4)
        offsets = [Int32](repeating: 0, count: count)
        scales = [Float](repeating: 0, count: count)
        errors = [Float](repeating: 0, count: count)
        // The places behind the last item are never near anything.
        lengths = [Float](repeating: -.infinity, count: count)
        for (position, item) in items.enumerated() {
            let row = matrix.row(Int(item))
            let scale = Self.scale(row)
            guard scale.isFinite else { return nil }
            let start = position / Self.blockSize * Self.blockSize * groups * 4 + position % Self.blockSize * 4
            var (sum, error, length) = (Int32(0), 0.0, 0.0)
            for (column, value) in row.enumerated() {
                let byte = Self.byte(value, scale)
                numbers[start + column / 4 * 4 * Self.blockSize + column % 4] = byte
                sum += Int32(byte)
                error += Self.square(Double(value) - Double(scale) * Double(byte))
                length += Self.square(Double(value))
            }
            offsets[position] = 128 * sum
            scales[position] = scale
            errors[position] = Float(error.squareRoot()).nextUp
            lengths[position] = Float(length.squareRoot()).nextUp
        }
    }

    /// A query in bytes.
    ///
    /// - Parameter vector: The query, as long as an item's row.
    /// - Returns: nil when a number of it is not finite.
    func query(_ vector: [Float]) -> Query? {
        let scale = Self.scale(vector)
        guard scale.isFinite else { return nil }
        var numbers = [UInt8](repeating: 128, count: groups * 4)
        var (error, length, whole) = (0.0, 0.0, 0.0)
        for (column, value) in vector.enumerated() {
            let byte = Self.byte(value, scale)
            numbers[column] = UInt8(bitPattern: byte) ^ 0x80
            let meant = Double(scale) * Double(byte)
            error += Self.square(Double(value) - meant)
            length += Self.square(meant)
            whole += Self.square(Double(value))
        }
        // What rounding adds to a product of so many columns, here and where it is computed exactly.
        let rounding = whole.squareRoot() * Double(4 * (vector.count + 64)) * Double(Float.ulpOfOne)
        return Query(
            numbers: numbers,
            scale: scale,
            length: Float(length.squareRoot()).nextUp,
            error: Float(error.squareRoot() + rounding).nextUp
        )
    }

    /// Writes the places in a block of all items whose product with a query may exceed a limit.
    ///
    /// - Parameters:
    ///   - block: The block.
    ///   - query: The query.
    ///   - limit: The limit.
    ///   - places: Where they go; there is room for one more than the items of a block.
    /// - Returns: How many there are.
    func candidates(
        _ block: Int,
        _ query: Query,
        above limit: Float,
        into places: UnsafeMutablePointer<UInt32>
    ) -> Int {
        let first = block * Self.blockSize
        return unsafe numbers.withUnsafeBufferPointer { numbers in
            unsafe offsets.withUnsafeBufferPointer { offsets in
                unsafe withTables { scales, errors, lengths in
                    guard let numbers = numbers.baseAddress, let offsets = offsets.baseAddress else { return 0 }
                    var bytes = unsafe millrace_bytes(
                        numbers: numbers + first * groups * 4,
                        offsets: offsets + first,
                        scales: scales + first,
                        errors: errors + first,
                        lengths: lengths + first
                    )
                    return unsafe query.numbers.withUnsafeBufferPointer { digits in
                        guard let digits = digits.baseAddress else { return 0 }
                        var query = unsafe millrace_byte_query(
                            numbers: digits,
                            groups: groups,
                            scale: query.scale,
                            length: query.length,
                            error: query.error
                        )
                        return unsafe millrace_near_candidates(&bytes, &query, limit, places)
                    }
                }
            }
        }
    }

    private func withTables(
        _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) -> Int
    ) -> Int {
        unsafe scales.withUnsafeBufferPointer { scales in
            unsafe errors.withUnsafeBufferPointer { errors in
                unsafe lengths.withUnsafeBufferPointer { lengths in
                    guard let scales = scales.baseAddress, let errors = errors.baseAddress,
                        let lengths = lengths.baseAddress
                    else { return 0 }
                    return unsafe body(scales, errors, lengths)
                }
            }
        }
    }

    /// What a byte of 1 stands for.
    private static func scale(_ row: [Float]) -> Float {
        row.reduce(0) { $1.isNaN ? .infinity : max($0, abs($1)) } / 127
    }

    private static func byte(_ value: Float, _ scale: Float) -> Int8 {
        scale > 0 ? Int8(max(-127, min(127, (value / scale).rounded()))) : 0
    }

    private static func square(_ value: Double) -> Double { value * value }
}
