internal import Kernels

/// Draws the items that the targets of a window are told from.
///
/// Items are drawn in proportion to a power of their counts; all are taken where there are few.
struct NegativeSampler {
    /// How many items there are in a sample.
    let count: Int
    private let all: [UInt32]
    private let table: AliasTable
    private let expectations: [Float]
    private let random: CounterRandom

    /// How likely an item is to be drawn: its count to this power.
    ///
    /// [Mikolov, Sutskever, Chen, Corrado, Dean: "Distributed representations of words and phrases and their
    /// compositionality", 2013]
    private static let exponent = 0.75

    /// A sampler.
    ///
    /// - Parameters:
    ///   - data: All events; at least one.
    ///   - limit: The most items of a sample.
    ///   - codes: The number of codes of an item in the network: 1, or 2 when it can be known by its features alone.
    ///   - random: What is drawn.
    init(_ data: Interactions, limit: Int, codes: Int, random: CounterRandom) {
        var counts = [Int](repeating: 0, count: data.itemCount)
        for item in data.items { counts[Int(item)] += 1 }
        let known = (0..<UInt32(data.itemCount)).filter { counts[Int($0)] > 0 }
        let weights = counts.map { $0 == 0 ? 0 : Power.of(Double($0), Self.exponent) }
        let total = weights.reduce(0, +)
        let count = min(known.count, max(limit, 1))
        let logarithms = weights.map { $0 > 0 ? Float(Logarithm.of($0 / total * Double(count))) : 0 }
        all = known.count == count ? known : []
        expectations = all.isEmpty ? (0..<codes).flatMap { _ in logarithms } : []
        table = AliasTable(weights: weights)
        self.random = random
        self.count = count
    }

    /// The sample for a window.
    ///
    /// - Parameters:
    ///   - window: Its number.
    ///   - code: The code by which an item is known in it.
    /// - Returns: The items' codes with how often they were to be expected.
    func sample(_ window: UInt64, code: (UInt32) -> UInt32) -> NegativeSample {
        guard all.isEmpty else { return NegativeSample(items: all.map(code), expectations: []) }
        let first = window &* UInt64(count)
        let items = (0..<UInt64(count)).map { code(table.outcome(random.bits(at: first &+ $0))) }
        return NegativeSample(items: items, expectations: expectations)
    }
}
