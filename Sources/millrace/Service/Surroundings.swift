import Crypto
import Foundation
import Synchronization

/// The real world, handed in: only here are the clock read and random numbers drawn.
struct Surroundings: Sendable {
    /// The wall time.
    var now: @Sendable () -> Date
    /// What everything sleeps on.
    var clock: any Clock<Duration>
    /// New ids.
    var makeID: @Sendable () -> UUID
    /// A number from 0 to 1.
    var random: @Sendable () -> Double

    /// This machine's clock and randomness.
    static let real = Surroundings(
        now: { Date() },
        clock: ContinuousClock(),
        makeID: { .random() },
        random: { Double.random(in: 0...1) }
    )
}

extension UUID {
    /// A new random id (version 4), without opening the system's random device as `UUID()` does each time.
    fileprivate static func random() -> UUID {
        let (first, second) = RandomWords.shared.next()
        let high = first & ~0xf000 | 0x4000
        let low = second & ~(0b11 << 62) | 0b10 << 62
        func byte(_ word: UInt64, _ index: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: word >> (56 - 8 * index)) }
        return UUID(
            uuid: (
                byte(high, 0), byte(high, 1), byte(high, 2), byte(high, 3), byte(high, 4), byte(high, 5),
                byte(high, 6), byte(high, 7), byte(low, 0), byte(low, 1), byte(low, 2), byte(low, 3), byte(low, 4),
                byte(low, 5), byte(low, 6), byte(low, 7)
            )
        )
    }
}

/// Random numbers as good as keys, drawn many at a time: each request is given two ids.
private final class RandomWords: Sendable {
    static let shared = RandomWords()

    private static let capacity = 64
    private let words = Mutex<[UInt64]>([])

    /// Two words that were never given before.
    func next() -> (UInt64, UInt64) {
        words.withLock { words in
            if words.isEmpty { words = Self.draw() }
            return (words.removeLast(), words.removeLast())
        }
    }

    private static func draw() -> [UInt64] {
        let key = SymmetricKey(size: SymmetricKeySize(bitCount: capacity * UInt64.bitWidth))
        return unsafe key.withUnsafeBytes { bytes in
            (0..<capacity).map { unsafe bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self) }
        }
    }
}
