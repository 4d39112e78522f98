/// A window of sequences that a network learns from at once: in each lane one sequence goes by, step after step.
///
/// All columns hold `steps × lanes` entries, all lanes of a step together. Where a sequence ends, the next begins in the
/// same lane. [Hidasi, Karatzoglou, Baltrunas, Tikk: "Session-based recommendations with recurrent neural networks",
/// 2016, for such mini-batches]
public struct SequenceBatch: Sendable, Equatable {
    /// What stands where there is no item.
    public static let none = UInt32.max

    /// The number of lanes.
    public let lanes: Int
    /// The number of steps.
    public let steps: Int
    /// The items that go in.
    public var inputs: [UInt32]
    /// The items that should come out.
    public var targets: [UInt32]
    /// How much each target counts; 0 where there is none.
    public var weights: [Float]
    /// Where a sequence begins.
    public var starts: [Bool]

    /// A window in which nothing happens.
    ///
    /// - Parameters:
    ///   - lanes: The number of lanes.
    ///   - steps: The number of steps.
    public init(lanes: Int, steps: Int) {
        self.lanes = lanes
        self.steps = steps
        let count = lanes * steps
        inputs = [UInt32](repeating: Self.none, count: count)
        targets = inputs
        weights = [Float](repeating: 0, count: count)
        starts = [Bool](repeating: false, count: count)
    }
}

/// The items that each target of a window is told from.
public struct NegativeSample: Sendable, Equatable {
    /// The items; those that equal a target do not count for it.
    public let items: [UInt32]
    /// The logarithm of how often each was to be expected in the sample.
    public let corrections: [Float]
    /// The same for all items of the network, or nothing when the sample is all of them.
    public let expectations: [Float]

    /// A sample.
    ///
    /// - Parameters:
    ///   - items: The items.
    ///   - expectations: The logarithm of how often each item of the network was to be expected in the sample; empty
    ///     when the sample is all items.
    public init(items: [UInt32], expectations: [Float]) {
        self.items = items
        self.expectations = expectations
        corrections = items.map { expectations.isEmpty ? 0 : expectations[Int($0)] }
    }
}
