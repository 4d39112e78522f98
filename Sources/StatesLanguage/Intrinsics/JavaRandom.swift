/// The generator of `java.util.Random`, with whose numbers AWS answers a call that gives a seed.
///
/// The linear congruential generator of 48 bits of Knuth, *The Art of Computer Programming*, volume 2, 3.2.1.
struct JavaRandom {
    private static let multiplier: UInt64 = 0x5_DEEC_E66D
    private static let mask: UInt64 = 1 << 48 - 1

    private var state: UInt64

    init(seed: Int64) {
        state = (UInt64(bitPattern: seed) ^ Self.multiplier) & Self.mask
    }

    /// So many random bits, 32 at most.
    mutating func next(bits: Int) -> Int32 {
        state = (state &* Self.multiplier &+ 0xB) & Self.mask
        return Int32(truncatingIfNeeded: Int64(state) >> (48 - Int64(bits)))
    }

    /// A number from 0 up to, but not including, a bound.
    mutating func next(below bound: Int32) -> Int32 {
        if bound & -bound == bound { return Int32((Int64(bound) * Int64(next(bits: 31))) >> 31) }
        while true {
            let bits = next(bits: 31)
            let value = bits % bound
            // Numbers of the last, incomplete run would come too often.
            if bits &- value &+ (bound - 1) >= 0 { return value }
        }
    }

    /// A number from 0 up to 1.
    mutating func nextDouble() -> Double {
        let high = Int64(next(bits: 26)) << 27
        return Double(high + Int64(next(bits: 27))) * 0x1p-53
    }
}
