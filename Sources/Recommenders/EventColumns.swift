public import Kernels

/// The interaction events of one snapshot as columns of equal length, usually in a mapped file.
public struct EventColumns: Sendable {
    /// The user of each event, as the snapshot codes them.
    public var users: MappedArray<UInt32>
    /// The item of each event, as the snapshot codes them.
    public var items: MappedArray<UInt32>
    /// When each event happened, in seconds since 1970.
    public var timestamps: MappedArray<Int64>
    /// The type of each event, as the snapshot codes them; all alike when absent.
    public var types: MappedArray<UInt32>?
    /// How much each event counts; 1 when absent.
    public var weights: MappedArray<Float>?
    /// The snapshot's user codes in terms of the whole data; the same when absent.
    ///
    /// `EventColumns.none` leaves an event out.
    public var userCodes: [UInt32]?
    /// The snapshot's item codes in terms of the whole data; the same when absent.
    ///
    /// `EventColumns.none` leaves an event out.
    public var itemCodes: [UInt32]?
    /// How much an event of each type counts, times its weight; 0 leaves the type out; all count 1 when absent.
    public var typeWeights: [Float]?

    /// The code of a user or an item whose events are left out.
    public static let none = UInt32.max

    /// Columns whose codes are those of the whole data.
    ///
    /// - Parameters:
    ///   - users: The user of each event.
    ///   - items: The item of each event.
    ///   - timestamps: When each event happened, in seconds since 1970.
    ///   - types: The type of each event.
    ///   - weights: How much each event counts.
    public init(
        users: MappedArray<UInt32>,
        items: MappedArray<UInt32>,
        timestamps: MappedArray<Int64>,
        types: MappedArray<UInt32>? = nil,
        weights: MappedArray<Float>? = nil
    ) {
        self.users = users
        self.items = items
        self.timestamps = timestamps
        self.types = types
        self.weights = weights
    }
}
