/// Work on many bytes at a time: the inner loops of the import.
///
/// Words are loaded from bytes without alignment, which the bounds checks of `RawSpan` keep within the span.
enum ByteScanning {
    /// A hash of bytes, the same on every machine and in every version: snapshots keep tables made with it.
    static func hash(_ bytes: Span<UInt8>) -> UInt64 {
        let raw = unsafe bytes.bytes
        let count = raw.byteCount
        var hash = UInt64(truncatingIfNeeded: count) &* multiplier
        var offset = 0
        while offset + 8 <= count {
            hash = mixed(hash, word(raw, offset))
            offset += 8
        }
        if offset < count { hash = mixed(hash, lastWord(bytes, from: offset)) }
        hash ^= hash >> 29
        hash = hash &* multiplier
        return hash ^ hash >> 32
    }

    /// Whether two runs of bytes are the same.
    static func areEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        let (a, b) = unsafe (left.bytes, right.bytes)
        var offset = 0
        while offset + 8 <= a.byteCount {
            if word(a, offset) != word(b, offset) { return false }
            offset += 8
        }
        while offset < left.count {
            if left[offset] != right[offset] { return false }
            offset += 1
        }
        return true
    }

    /// Whether all bytes are below 128.
    static func isASCII(_ bytes: Span<UInt8>) -> Bool {
        let raw = unsafe bytes.bytes
        var offset = 0
        var seen: UInt64 = 0
        while offset + 8 <= raw.byteCount {
            seen |= word(raw, offset)
            offset += 8
        }
        if offset < bytes.count { seen |= lastWord(bytes, from: offset) }
        return seen & 0x8080_8080_8080_8080 == 0
    }

    /// Whether a byte occurs.
    static func contains(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
        let raw = unsafe bytes.bytes
        let pattern = UInt64(byte) &* 0x0101_0101_0101_0101
        var offset = 0
        while offset + 8 <= raw.byteCount {
            let difference = word(raw, offset) ^ pattern
            if (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080 != 0 { return true }
            offset += 8
        }
        while offset < bytes.count {
            if bytes[offset] == byte { return true }
            offset += 1
        }
        return false
    }

    private static let multiplier: UInt64 = 0x9e37_79b9_7f4a_7c15

    @inline(__always)
    private static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word).multipliedFullWidth(by: multiplier)
        return product.high ^ product.low
    }

    @inline(__always)
    private static func word(_ bytes: RawSpan, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    private static func lastWord(_ bytes: Span<UInt8>, from offset: Int) -> UInt64 {
        var word: UInt64 = 0
        for position in offset..<bytes.count { word = word << 8 | UInt64(bytes[position]) }
        return word
    }
}
