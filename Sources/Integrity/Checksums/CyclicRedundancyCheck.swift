/// A reflected cyclic redundancy check, eight bytes a step ("slicing by eight": Kounavis and Berry, 2005).
struct CyclicRedundancyCheck<Word: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    private let table: [Word]
    private var state = Word.max

    /// A check by a polynomial, its bits reflected.
    init(table: [Word]) { self.table = table }

    /// The eight tables of a polynomial, one behind the other.
    static func table(reflected polynomial: Word) -> [Word] {
        var table = [Word](repeating: 0, count: 8 * 256)
        for index in 0..<256 {
            var word = Word(truncatingIfNeeded: index)
            for _ in 0..<8 { word = word & 1 == 1 ? word >> 1 ^ polynomial : word >> 1 }
            table[index] = word
        }
        for slice in 1..<8 {
            for index in 0..<256 {
                let before = table[(slice - 1) * 256 + index]
                table[slice * 256 + index] = before >> 8 ^ table[Int(truncatingIfNeeded: before & 0xff)]
            }
        }
        return table
    }

    /// Takes more bytes in.
    mutating func update(_ bytes: borrowing RawSpan) {
        var word = state
        let count = bytes.byteCount
        var offset = 0
        let table = self.table
        while offset + 8 <= count {
            let input = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
            let mixed = input ^ UInt64(truncatingIfNeeded: word)
            var next: Word = 0
            for slice in 0..<8 {
                let byte = Int(truncatingIfNeeded: mixed >> UInt64(slice * 8) & 0xff)
                next ^= table[(7 - slice) * 256 + byte]
            }
            word = next
            offset += 8
        }
        while offset < count {
            let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            let index = Int(truncatingIfNeeded: word & 0xff ^ Word(truncatingIfNeeded: byte))
            word = word >> 8 ^ table[index]
            offset += 1
        }
        state = word
    }

    /// The check so far, its most significant byte first.
    var bytes: [UInt8] {
        let value = ~state
        return stride(from: Word.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> Word($0)) }
    }
}

/// The polynomials of S3.
enum CyclicRedundancyTables {
    static let crc32 = CyclicRedundancyCheck<UInt32>.table(reflected: 0xEDB8_8320)
    static let crc32c = CyclicRedundancyCheck<UInt32>.table(reflected: 0x82F6_3B78)
    static let crc64nvme = CyclicRedundancyCheck<UInt64>.table(reflected: 0x9A6C_9329_AC4B_C9B5)
}
