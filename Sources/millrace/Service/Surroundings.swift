import Foundation

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
        makeID: { UUID() },
        random: { Double.random(in: 0...1) }
    )
}
