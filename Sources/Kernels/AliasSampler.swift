/// Draws numbers below a count with given weights, each in constant time.
///
/// [Walker: "An efficient method for generating discrete random variables with general distributions", 1977; Vose: "A
/// linear algorithm for generating random numbers with a given distribution", 1991]
public struct AliasSampler: Sendable, Equatable {
    /// The share of each number's column that is its own; the rest is its alias's.
    private let shares: [Float]
    private let aliases: [UInt32]

    /// A sampler.
    ///
    /// - Parameter weights: The weight of each number, zero or more and finite; where all are zero, all count alike.
    public init(weights: [Float]) {
        let total = weights.reduce(0.0) { $0 + Double($1) }
        precondition(total.isFinite && weights.allSatisfy { $0 >= 0 }, "a weight is negative or not a number")
        let count = Double(weights.count)
        var shares = weights.map { total > 0 ? Double($0) / total * count : 1 }
        var aliases = (0..<UInt32(weights.count)).map { $0 }
        var small = shares.indices.filter { shares[$0] < 1 }
        var large = shares.indices.filter { shares[$0] >= 1 }
        while let poor = small.popLast(), let rich = large.last {
            aliases[poor] = UInt32(rich)
            shares[rich] -= 1 - shares[poor]
            if shares[rich] < 1 {
                large.removeLast()
                small.append(rich)
            }
        }
        self.shares = shares.indices.map { aliases[$0] == UInt32($0) ? 1 : Float(shares[$0]) }
        self.aliases = aliases
    }

    /// The number of numbers that may be drawn.
    public var count: Int { shares.count }

    /// The number that a position of a stream of random numbers draws; there must be one.
    ///
    /// - Parameters:
    ///   - position: The position.
    ///   - random: The stream.
    /// - Returns: A number below the count.
    public func draw(at position: UInt64, from random: CounterRandom) -> UInt32 {
        let bits = random.bits(at: position)
        let column = (bits >> 32).multipliedFullWidth(by: UInt64(shares.count) << 32).high
        let fraction = Float(UInt32(truncatingIfNeeded: bits) >> 8) * 0x1p-24
        return fraction < shares[Int(column)] ? UInt32(column) : aliases[Int(column)]
    }
}
