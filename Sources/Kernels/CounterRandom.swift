/// Random numbers that are a function of a seed, a stream and a position, so that any thread can draw any of them.
///
/// Each draw is the SplitMix64 finaliser (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014)
/// applied to the mixed key and position.
public struct CounterRandom: Sendable {
    private let key: UInt64

    /// The numbers of one stream of a seed.
    ///
    /// - Parameters:
    ///   - seed: What the whole training was seeded with.
    ///   - stream: Which of its streams this is.
    public init(seed: UInt64, stream: UInt64) {
        key = Self.mix(Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15) ^ (stream &* 0xD1B5_4A32_D192_ED03))
    }

    /// The 64 bits at a position.
    public func bits(at position: UInt64) -> UInt64 {
        Self.mix(key &+ (position &+ 1) &* 0x9E37_79B9_7F4A_7C15)
    }

    /// The number in `0 ..< 1` at a position.
    public func uniform(at position: UInt64) -> Double {
        Double(bits(at: position) >> 11) * 0x1p-53
    }

    /// A number of mean 0 and variance 1 at a position: the scaled sum of four uniform 16-bit numbers.
    public func normal(at position: UInt64) -> Float {
        let bits = bits(at: position)
        let sum = (0..<4).reduce(into: 0) { $0 += Int(bits >> (UInt64($1) * 16) & 0xFFFF) }
        return (Float(sum) / 65536 - 2) * 1.732_050_8
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
