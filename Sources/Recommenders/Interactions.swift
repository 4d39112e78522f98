internal import Kernels

/// What recommenders learn from: each user's events from the oldest to the newest, as columns.
///
/// Users and items are codes `0 ..< count`; the caller keeps the table of ids. Events of one user with the same item,
/// timestamp and type count once. The order of the rows it was made from does not matter.
public struct Interactions: Sendable, Equatable {
    /// The number of user codes.
    public let userCount: Int
    /// The number of item codes.
    public let itemCount: Int
    /// Where each user's events begin, and after the last user where they end.
    public let offsets: [Int]
    /// The item of each event, user after user.
    public let items: [UInt32]
    /// When each event happened, in seconds since 1970, user after user.
    public let timestamps: [Int64]
    /// How much each event counts, user after user; empty when all count 1.
    public let weights: [Float]
    /// What the items are like, where that is known; for the recipes that use it.
    public var itemFeatures: ItemFeatures?
    /// How often each term is in the items' names and descriptions, where there are any; for the recipes that use it.
    public var itemTexts: ItemFeatures?
    /// When items came to be, in seconds since 1970, by code, where that is known; for the recipe that uses it.
    public var itemCreations: [Int64?] = []
    /// What actions there are and what users did with them, where that is known; for the recipe that uses it.
    public var actions: ActionEvents?

    /// The number of events.
    public var count: Int { items.count }

    init(userCount: Int, itemCount: Int, offsets: [Int], items: [UInt32], timestamps: [Int64], weights: [Float]) {
        self.userCount = userCount
        self.itemCount = itemCount
        self.offsets = offsets
        self.items = items
        self.timestamps = timestamps
        self.weights = weights
    }

    /// The positions of a user's events.
    public func range(user: UInt32) -> Range<Int> { offsets[Int(user)]..<offsets[Int(user) + 1] }

    /// The items of a user's events, from the oldest to the newest.
    public func history(user: UInt32) -> ArraySlice<UInt32> { items[range(user: user)] }

    /// How much an event counts.
    public func weight(at position: Int) -> Float { weights.isEmpty ? 1 : weights[position] }

    /// The number of users with at least so many events.
    public func userCount(withAtLeast events: Int) -> Int {
        zip(offsets, offsets.dropFirst()).count { $1 - $0 >= events }
    }

    /// The share of events that repeat an earlier pair of user and item, from 0 to 1.
    public var repeatShare: Double {
        guard count > 0 else { return 0 }
        return 1 - Double(itemsByUser().count) / Double(count)
    }

    /// The same events without those of users that a condition refuses; all codes stay.
    public func keepingUsers(where isKept: (UInt32) -> Bool) -> Interactions {
        keepingEvents { user, _ in isKept(user) }
    }

    /// The same events without those that a condition on their user and their position refuses; all codes stay.
    public func keepingEvents(where isKept: (UInt32, Int) -> Bool) -> Interactions {
        var kept = (offsets: [0], items: [UInt32](), timestamps: [Int64](), weights: [Float]())
        kept.offsets.reserveCapacity(userCount + 1)
        kept.items.reserveCapacity(count)
        kept.timestamps.reserveCapacity(count)
        for user in 0..<UInt32(userCount) {
            for position in range(user: user) where isKept(user, position) {
                kept.items.append(items[position])
                kept.timestamps.append(timestamps[position])
                if !weights.isEmpty { kept.weights.append(weights[position]) }
            }
            kept.offsets.append(kept.items.count)
        }
        var part = Interactions(
            userCount: userCount,
            itemCount: itemCount,
            offsets: kept.offsets,
            items: kept.items,
            timestamps: kept.timestamps,
            weights: kept.weights
        )
        part.itemFeatures = itemFeatures
        part.itemTexts = itemTexts
        part.itemCreations = itemCreations
        part.actions = actions
        return part
    }

    /// The summed weight of each pair of user and item: a row a user, its items ascending.
    func itemsByUser() -> SparseMatrix { usersByItem().transposed() }

    /// The summed weight of each pair of user and item: a row an item, its users ascending.
    func usersByItem() -> SparseMatrix {
        SparseMatrix(
            columnCount: itemCount,
            sortedOffsets: offsets,
            columns: items,
            values: weights.isEmpty ? [Float](repeating: 1, count: count) : weights
        )
        .transposed()
        .summingDuplicates()
    }
}
