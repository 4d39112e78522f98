/// The check of two contents one behind the other, from the check of each: multiplication by a power of x, modulo the
/// polynomial.
public enum ChecksumCombination {
    /// The checksum of two contents together.
    ///
    /// - Parameters:
    ///   - first: The checksum of the first, as `Checksum.bytes` has it.
    ///   - second: That of the second.
    ///   - count: How many bytes the second has.
    ///   - algorithm: One that is not cryptographic.
    /// - Returns: The checksum of both.
    public static func combine(
        _ first: [UInt8],
        _ second: [UInt8],
        count: Int,
        _ algorithm: ChecksumAlgorithm
    ) -> [UInt8] {
        let polynomial: UInt64
        switch algorithm {
        case .crc32: polynomial = 0xEDB8_8320
        case .crc32c: polynomial = 0x82F6_3B78
        case .crc64nvme: polynomial = 0x9A6C_9329_AC4B_C9B5
        case .sha1, .sha256: preconditionFailure("a cryptographic hash cannot be combined")
        }
        let field = Field(polynomial: polynomial, degree: algorithm.byteCount * 8)
        let moved = field.product(number(first), field.power(ofBytes: count))
        return bytes(moved ^ number(second), algorithm.byteCount)
    }

    private static func number(_ bytes: [UInt8]) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }

    private static func bytes(_ number: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: number >> UInt64($0 * 8)) }
    }

    /// Polynomials modulo another, their bits reflected: the highest bit is the lowest power.
    private struct Field {
        let polynomial: UInt64
        let degree: Int

        private var one: UInt64 { 1 << UInt64(degree - 1) }

        func product(_ left: UInt64, _ right: UInt64) -> UInt64 {
            var (result, factor) = (UInt64(0), right)
            for bit in 0..<degree {
                if left & one >> UInt64(bit) != 0 { result ^= factor }
                factor = factor & 1 == 1 ? factor >> 1 ^ polynomial : factor >> 1
            }
            return result
        }

        /// x to eight times a number of bytes.
        func power(ofBytes count: Int) -> UInt64 {
            var (result, square, left) = (one, one >> 8, count)
            while left > 0 {
                if left & 1 == 1 { result = product(result, square) }
                square = product(square, square)
                left >>= 1
            }
            return result
        }
    }
}
