/// A small generator whose whole state is one number, so that it can be saved.
///
/// SplitMix64 of Steele, Lea and Flood (2014).
struct SeededGenerator: RandomNumberGenerator, Sendable, Equatable {
    var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension SeededGenerator {
    private static let hexadecimal = Array("0123456789abcdef".utf8)

    /// Sixteen random bytes as the text of a UUID, version 4.
    mutating func uuid() -> String {
        let high = next() & ~0xF000 | 0x4000
        let low = next() & ~(0xC0 << 56) | (0x80 << 56)
        let digits = Self.digits(high) + Self.digits(low)
        return [digits[0..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20..<32]]
            .map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
    }

    private static func digits(_ value: UInt64) -> [UInt8] {
        (0..<16).map { hexadecimal[Int((value >> (60 - 4 * UInt64($0))) & 15)] }
    }
}
