/// A user's rating of an item.
public struct Rating: Sendable, Equatable, BitwiseCopyable {
    /// The user's row.
    public let user: UInt32
    /// The item's row.
    public let item: UInt32
    /// The rating.
    public let value: Float

    /// A user's rating of an item.
    ///
    /// - Parameters:
    ///   - user: The user's row.
    ///   - item: The item's row.
    ///   - value: The rating.
    public init(user: UInt32, item: UInt32, value: Float) {
        self.user = user
        self.item = item
        self.value = value
    }
}

/// The order in which an epoch of stochastic gradient descent goes through ratings, on any number of threads.
///
/// Users and items are each dealt into four parts, so the ratings into sixteen blocks. An epoch has four rounds; the
/// blocks of a round share neither users nor items, so threads take them in any order and the result is the same.
/// [Gemulla, Nijkamp, Haas, Sismanis: "Large-scale matrix factorization with distributed stochastic gradient descent",
/// 2011]
public struct RatingSchedule: Sendable {
    /// The number of parts of each side, and of rounds.
    public static let parts = 4

    /// The ratings, block after block; those of a user lie together within a block.
    public let ratings: MappedArray<Rating>
    /// Where each block begins, and after the last where it ends: the block of user part u and item part i is u · 4 + i.
    let offsets: [Int]
    /// The number of users' rows.
    let userCount: Int
    /// The number of items' rows.
    let itemCount: Int
    /// The mean of all ratings; 0 when there are none.
    public let mean: Double

    /// The number of ratings.
    public var count: Int { ratings.count }

    /// A schedule of ratings.
    ///
    /// - Parameters:
    ///   - ratings: The ratings, those of a user side by side.
    ///   - userCount: The number of users; each rating's is less.
    ///   - itemCount: The number of items; each rating's is less.
    public init(_ ratings: [Rating], userCount: Int, itemCount: Int) {
        precondition(
            ratings.allSatisfy { Int($0.user) < userCount && Int($0.item) < itemCount },
            "a rating of a user or an item beyond the last"
        )
        self.userCount = userCount
        self.itemCount = itemCount
        mean = ratings.isEmpty ? 0 : ratings.reduce(0) { $0 + Double($1.value) } / Double(ratings.count)
        let random = CounterRandom(seed: 0, stream: 0)
        let itemParts = (0..<itemCount).map { UInt32(random.bits(at: UInt64($0)) % UInt64(Self.parts)) }
        var userParts = [UInt32](repeating: 0, count: ratings.count)
        // Parts of users end where a user ends, so that each holds about as many ratings and none shares a user.
        for (position, rating) in ratings.enumerated() where position > 0 {
            let isSameUser = rating.user == ratings[position - 1].user
            userParts[position] =
                isSameUser ? userParts[position - 1] : UInt32(position * Self.parts / ratings.count)
        }
        let keys = zip(userParts, ratings).map { $0 * UInt32(Self.parts) + itemParts[Int($1.item)] }
        let sort = CountingSort(keys: keys, count: Self.parts * Self.parts)
        offsets = sort.offsets
        self.ratings = MappedArray(sort.order.map { ratings[Int($0)] })
    }

    /// The positions of the ratings of one block of a round.
    public func range(round: Int, part: Int) -> Range<Int> {
        let block = part * Self.parts + (part + round) % Self.parts
        return offsets[block]..<offsets[block + 1]
    }

    /// Which rows of users have a rating, and which of items.
    var occupied: (users: [Bool], items: [Bool]) {
        var occupied = (
            users: [Bool](repeating: false, count: userCount), items: [Bool](repeating: false, count: itemCount)
        )
        for rating in ratings {
            occupied.users[Int(rating.user)] = true
            occupied.items[Int(rating.item)] = true
        }
        return occupied
    }
}
