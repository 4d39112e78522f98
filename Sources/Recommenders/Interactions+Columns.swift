internal import Kernels

extension Interactions {
    /// Gathers the events of snapshots by user, without copying the snapshots.
    ///
    /// Events are counted first, then put in order some users at a time, so that what is not yet in order takes little
    /// memory.
    ///
    /// - Parameters:
    ///   - snapshots: The events; their order does not matter.
    ///   - userCount: The number of user codes.
    ///   - itemCount: The number of item codes.
    /// - Throws: `RecommenderError` with `invalidData` when columns differ in length or a code is beyond its count.
    public init(_ snapshots: [EventColumns], userCount: Int, itemCount: Int) throws(RecommenderError) {
        try self.init(snapshots, userCount: userCount, itemCount: itemCount, eventsAtOnce: 1 << 22)
    }

    init(
        _ snapshots: [EventColumns],
        userCount: Int,
        itemCount: Int,
        eventsAtOnce: Int
    ) throws(RecommenderError) {
        for snapshot in snapshots { try snapshot.validate(userCount: userCount, itemCount: itemCount) }
        var offsets = [Int](repeating: 0, count: userCount + 1)
        var isWeighted = false
        for snapshot in snapshots {
            snapshot.forEach { user, event in
                offsets[Int(user) + 1] += 1
                if event.weight != 1 { isWeighted = true }
            }
        }
        for user in 0..<userCount { offsets[user + 1] += offsets[user] }
        var kept = Kept(count: offsets[userCount], userCount: userCount, isWeighted: isWeighted)
        var first = 0
        while first < userCount {
            var end = first + 1
            while end < userCount, offsets[end + 1] - offsets[first] <= eventsAtOnce { end += 1 }
            kept.append(Self.events(of: first..<end, snapshots, offsets: offsets))
            first = end
        }
        self.init(
            userCount: userCount,
            itemCount: itemCount,
            offsets: kept.offsets,
            items: kept.items,
            timestamps: kept.timestamps,
            weights: kept.weights
        )
    }

    /// The events of some users, each user's by time.
    private static func events(
        of users: Range<Int>,
        _ snapshots: [EventColumns],
        offsets: [Int]
    ) -> (events: [Event], ranges: [Range<Int>]) {
        let start = offsets[users.lowerBound]
        var events = [Event](repeating: Event(), count: offsets[users.upperBound] - start)
        var next = users.map { offsets[$0] - start }
        for snapshot in snapshots {
            snapshot.forEach { user, event in
                guard users.contains(Int(user)) else { return }
                let index = Int(user) - users.lowerBound
                events[next[index]] = event
                next[index] += 1
            }
        }
        let ranges = users.map { offsets[$0] - start..<offsets[$0 + 1] - start }
        for range in ranges { sort(&events, in: range) }
        return (events, ranges)
    }

    /// Gathers the events of one snapshot by user.
    ///
    /// - Parameters:
    ///   - columns: The events; their order does not matter.
    ///   - userCount: The number of user codes.
    ///   - itemCount: The number of item codes.
    /// - Throws: `RecommenderError` with `invalidData` when columns differ in length or a code is beyond its count.
    public init(_ columns: EventColumns, userCount: Int, itemCount: Int) throws(RecommenderError) {
        try self.init([columns], userCount: userCount, itemCount: itemCount)
    }

    /// Sorts a user's events by time; what came sorted is only looked at.
    private static func sort(_ events: inout [Event], in range: Range<Int>) {
        let isSorted = range.dropFirst().allSatisfy { events[$0 - 1] <= events[$0] }
        if !isSorted { events[range].sort() }
    }
}

/// The events that are in order, each once.
private struct Kept {
    var offsets = [0]
    var items: [UInt32] = []
    var timestamps: [Int64] = []
    var weights: [Float] = []
    private let isWeighted: Bool

    init(count: Int, userCount: Int, isWeighted: Bool) {
        self.isWeighted = isWeighted
        offsets.reserveCapacity(userCount + 1)
        items.reserveCapacity(count)
        timestamps.reserveCapacity(count)
        if isWeighted { weights.reserveCapacity(count) }
    }

    mutating func append(_ sorted: (events: [Event], ranges: [Range<Int>])) {
        for range in sorted.ranges {
            for position in range {
                let event = sorted.events[position]
                guard position == range.lowerBound || !event.equals(sorted.events[position - 1]) else { continue }
                items.append(event.item)
                timestamps.append(event.timestamp)
                if isWeighted { weights.append(event.weight) }
            }
            offsets.append(items.count)
        }
    }
}

/// One event while its user's are being put in order.
private struct Event: Comparable {
    var timestamp: Int64 = 0
    var item: UInt32 = 0
    var type: UInt32 = 0
    var weight: Float = 1

    static func < (left: Event, right: Event) -> Bool {
        if left.timestamp != right.timestamp { return left.timestamp < right.timestamp }
        if left.item != right.item { return left.item < right.item }
        if left.type != right.type { return left.type < right.type }
        return left.weight > right.weight
    }

    /// Whether both are the same event, which then counts once.
    func equals(_ other: Event) -> Bool {
        timestamp == other.timestamp && item == other.item && type == other.type
    }
}

extension EventColumns {
    fileprivate func validate(userCount: Int, itemCount: Int) throws(RecommenderError) {
        let counts = [users.count, items.count, timestamps.count, types?.count ?? users.count]
        guard counts.allSatisfy({ $0 == users.count }), (weights?.count ?? users.count) == users.count else {
            throw RecommenderError(.invalidData, "the columns of a snapshot differ in length: \(counts)")
        }
        try Self.validate("user", users, codes: userCodes, count: userCount)
        try Self.validate("item", items, codes: itemCodes, count: itemCount)
        if let types, let typeWeights, let wrong = types.first(where: { Int($0) >= typeWeights.count }) {
            throw RecommenderError(
                .invalidData,
                "event type \(wrong) is beyond the \(typeWeights.count) weighted types"
            )
        }
        if let weights, let wrong = weights.first(where: { !($0.isFinite && $0 >= 0) }) {
            throw RecommenderError(.invalidData, "event weight \"\(wrong)\" must be a number, zero or more")
        }
        if let wrong = typeWeights?.first(where: { !($0.isFinite && $0 >= 0) }) {
            throw RecommenderError(
                .invalidData,
                "the weight \"\(wrong)\" of an event type must be a number, zero or more"
            )
        }
    }

    private static func validate(
        _ noun: String,
        _ column: MappedArray<UInt32>,
        codes: [UInt32]?,
        count: Int
    ) throws(RecommenderError) {
        if let wrong = codes?.first(where: { Int($0) >= count && $0 != none }) {
            throw RecommenderError(.invalidData, "\(noun) code \(wrong) is beyond the last of \(count)")
        }
        let limit = codes?.count ?? count
        let highest = column.max() ?? 0
        if Int(highest) >= limit, !column.isEmpty {
            throw RecommenderError(.invalidData, "\(noun) code \(highest) is beyond the last of \(limit)")
        }
    }

    /// Calls a closure with the user and the event of each row that counts.
    fileprivate func forEach(_ body: (UInt32, Event) -> Void) {
        for row in 0..<users.count {
            let user = userCodes.map { $0[Int(users[row])] } ?? users[row]
            let item = itemCodes.map { $0[Int(items[row])] } ?? items[row]
            let type = types?[row] ?? 0
            let product = (weights?[row] ?? 1) * (types == nil ? 1 : typeWeights?[Int(type)] ?? 1)
            let weight = min(product, .greatestFiniteMagnitude)
            guard user != Self.none, item != Self.none, weight > 0 else { continue }
            body(user, Event(timestamp: timestamps[row], item: item, type: type, weight: weight))
        }
    }
}
