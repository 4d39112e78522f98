/// A 64-bit checksum that finds damaged files; it is no protection against forgery.
///
/// Four lanes of multiply and rotate over 32 bytes at a time, mixed at the end in the manner of xxHash (Collet, 2012).
public enum Checksum {
    private static let primes: SIMD4<UInt64> = [
        0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x85EB_CA77_C2B2_AE63,
    ]

    /// The checksum of an array's bytes from a position on.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - start: The first that counts; at most their number.
    /// - Returns: The checksum.
    public static func of(_ bytes: [UInt8], from start: Int = 0) -> UInt64 {
        unsafe bytes.withUnsafeBytes { unsafe of(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    }

    /// The checksum of a file's bytes from a position on.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - start: The first byte that counts; at most the file's length.
    /// - Returns: The checksum.
    public static func of(_ file: MappedFile, from start: Int = 0) -> UInt64 {
        unsafe file.withUnsafeBytes { unsafe of(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    }

    private static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var lanes = primes
        var offset = 0
        while offset &+ 32 <= bytes.count {
            let words = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt64>.self)
            lanes = mix(lanes, words)
            offset &+= 32
        }
        var rest = SIMD4<UInt64>.zero
        for index in offset..<bytes.count {
            let position = index - offset
            unsafe rest[position / 8] |= UInt64(bytes[index]) << UInt64(position % 8 * 8)
        }
        lanes = mix(lanes, rest)
        var total = UInt64(bytes.count)
        for lane in 0..<4 {
            total = (total ^ lanes[lane]) &* primes[0]
            total ^= total >> 29
        }
        return total
    }

    @inline(__always)
    private static func mix(_ lanes: SIMD4<UInt64>, _ words: SIMD4<UInt64>) -> SIMD4<UInt64> {
        var mixed = lanes
        for lane in 0..<4 {
            let sum = lanes[lane] &+ words[lane] &* primes[1]
            mixed[lane] = (sum << 31 | sum >> 33) &* primes[0]
        }
        return mixed
    }
}

extension MappedArray {
    /// The bytes of the elements, as they lie in memory.
    public var bytes: [UInt8] {
        unsafe withUnsafeBufferPointer { unsafe Array(UnsafeRawBufferPointer($0)) }
    }
}
