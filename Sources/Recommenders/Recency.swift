internal import Kernels

/// How much a person's events count by how many of his are newer.
public struct Recency: Sendable, Equatable {
    /// After how many newer events an event has lost half of what it can lose; 0 makes all count alike.
    public var halfLife: Double
    /// What an event counts at least, from 0 to 1: what the person likes at all times, beside what he likes now.
    public var floor: Double

    /// All events count alike.
    public static let none = Recency(halfLife: 0)

    /// A loss of weight.
    ///
    /// - Parameters:
    ///   - halfLife: After how many newer events an event has lost half of what it can lose.
    ///   - floor: What an event counts at least.
    public init(halfLife: Double, floor: Double = 0) {
        self.halfLife = halfLife
        self.floor = floor
    }

    /// The weights of so many events, from the oldest to the newest.
    func weights(count: Int) -> [Float] {
        guard halfLife > 0 else { return [Float](repeating: 1, count: count) }
        return (0..<count).reversed().map { age in
            Float(floor + (1 - floor) * Power.of(0.5, Double(age) / halfLife))
        }
    }
}
