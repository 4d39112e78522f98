/// Draws from a discrete distribution in constant time, by the alias method.
///
/// [Walker: "An efficient method for generating discrete random variables with general distributions", 1977; Vose: "A
/// linear algorithm for generating random numbers with a given distribution", 1991]
public struct AliasTable: Sendable, Equatable {
    private let thresholds: [Double]
    private let aliases: [UInt32]

    /// The number of outcomes.
    public var count: Int { thresholds.count }

    /// A table of outcomes `0 ..< weights.count`.
    ///
    /// - Parameter weights: How likely each outcome is, in any unit; zero or more, finite, and not all zero.
    public init(weights: [Double]) {
        let total = weights.reduce(0, +)
        precondition(total > 0 && total.isFinite && weights.allSatisfy { $0 >= 0 }, "no distribution has these weights")
        var shares = weights.map { $0 / total * Double(weights.count) }
        var aliases = weights.indices.map { UInt32($0) }
        var small = shares.indices.filter { shares[$0] < 1 }
        var large = shares.indices.filter { shares[$0] >= 1 }
        while let less = small.popLast(), let more = large.last {
            aliases[less] = UInt32(more)
            shares[more] -= 1 - shares[less]
            guard shares[more] < 1 else { continue }
            large.removeLast()
            small.append(more)
        }
        // Rounding may leave an outcome without its alias: only an impossible one needs it.
        let heaviest = weights.indices.max { weights[$0] < weights[$1] } ?? 0
        for outcome in weights.indices where weights[outcome] == 0 && aliases[outcome] == UInt32(outcome) {
            shares[outcome] = 0
            aliases[outcome] = UInt32(heaviest)
        }
        thresholds = shares
        self.aliases = aliases
    }

    /// The outcome that 64 random bits stand for.
    ///
    /// - Parameter bits: Evenly distributed bits.
    /// - Returns: An outcome.
    public func outcome(_ bits: UInt64) -> UInt32 {
        let (column, rest) = UInt64(count).multipliedFullWidth(by: bits)
        let isOwn = Double(rest >> 11) * 0x1p-53 < thresholds[Int(column)]
        return isOwn ? UInt32(column) : aliases[Int(column)]
    }
}
